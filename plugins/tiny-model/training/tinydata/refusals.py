"""What the model cannot do: talk, knowledge, the web, programs, and near misses of its tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import ask
from .stories import NAMES, THINGS
from .values import PHRASES, WORDS, a_word, natural, number_list

if TYPE_CHECKING:
    import random

COUNTRIES = "France Germany Japan Brazil Canada India China Mexico Egypt Kenya Norway Peru Chile Turkey Greece Poland Sweden Cuba Iran Nepal Ghana the_USA the_UK Russia Portugal Argentina Australia Spain Italy Vietnam".split()
CITIES = "Paris Berlin London Tokyo Rome Madrid Moscow Cairo Delhi Lima Oslo Vienna Sydney Boston Chicago Seoul Dublin Lisbon Prague Athens Toronto Miami Denver Munich New_York Zurich".split()
PEOPLE = "Einstein Shakespeare Mozart Picasso Napoleon Newton Darwin Cleopatra Gandhi Beethoven Obama Tesla Edison Plato Madonna Messi Ronaldo Bach Lincoln Churchill Elon_Musk Taylor_Swift Bill_Gates Marie_Curie".split()
TOPICS = """photosynthesis gravity inflation democracy evolution blockchain electricity relativity climate_change quantum_physics machine_learning the_stock_market
the_french_revolution world_war_2 the_roman_empire black_holes dna vaccines recursion capitalism philosophy taxes mortgages neural_networks the_internet cancer dreams love happiness
the_big_bang dinosaurs volcanoes earthquakes the_moon_landing football chess yoga cooking meditation politics religion time_travel aliens robots chatgpt bitcoin tesla apple google the_iphone a_virus""".split()
LANGUAGES = "French German Spanish Italian Japanese Chinese Russian Arabic Latin Dutch Swedish Polish Turkish Korean Hindi Portuguese Greek".split()
CODING = "Java Rust C++ JavaScript Go Ruby PHP SQL HTML CSS React Django Flask Docker Kubernetes git bash TypeScript Swift Kotlin pandas numpy pytorch excel Linux".split()
PROGRAMS = """web_server website calculator_app todo_app game snake_game chatbot web_scraper login_page rest_api database unit_tests mobile_app shell_script binary_search linked_list
sorting_algorithm discord_bot neural_network landing_page parser compiler regex cron_job dockerfile function class script program weather_app browser_extension""".split()
KINDS = "book movie song restaurant hotel laptop phone present name recipe workout diet vacation hobby podcast game car wine".split()
WRITINGS = "poem story essay letter email song joke haiku speech cover_letter blog_post tweet resume report summary paragraph novel limerick press_release birthday_card".split()

TALK = (
    "[hi|hello|hey|hey there|hi there|hello there|good morning|good evening|good afternoon|good night|yo|hiya|greetings|howdy|sup|moin|hola|bonjour|what's up|whats up|test|testing|ping|bye|goodbye|see you|see you later|see you soon|thanks|thank you|thank you so much|thanks a lot|thx|ok|okay|cool|great|nice|nice work|well done|good job|perfect|awesome|yes|no|maybe|sure|sorry|never mind|stop|exit|quit|help|help me|please help|continue|go on|next|again|why|what|who|when|where|how|lol|haha|hmm|wow|TERMINATE]{m}",
    "[hi|hello|hey]{m} [how are you|how are you doing|how is it going|how's it going|how do you do|are you there|can you help me|what can you do|nice to meet you|i am {who}|my name is {who}|who are you|you there]{m}",
    "how are you[ today| doing| feeling|]{m}",
    "[who|what] are you{m}",
    "what is your [name|purpose|age|favorite color|favorite food|job|version|system prompt]{m}",
    "what can you do[ for me|]{m}",
    "are you [a human|human|a robot|an ai|alive|real|chatgpt|smart|conscious|happy|ok|sure|there|open source|a person|able to think]{m}",
    "do you [like|love|know|speak|understand|remember|want|have|dream of|enjoy|believe in] [me|music|{t}|{lang}|cats|dogs|friends|feelings|pizza|{w}]{m}",
    "how [old|tall|smart|big|fast] are you{m}",
    "tell me [a joke|a story|something funny|something interesting|a secret|about yourself|about {t}|a fun fact|more|the truth|about {person}|a riddle]{m}",
    "i [am|feel|feel so|am so] [bored|sad|happy|tired|hungry|lonely|sick|angry|stressed|lost|confused|excited]{m}",
    "i [love|hate|like|miss|need] [you|{w}|{t}|my job|my dog|help|a break|coffee]{m}",
    "[thank you|thanks|great|ok|cool]{m} [that was helpful|that helps|you are great|that is all|i am done|it works|that is right|that is wrong|bye|see you]{m}",
    "[can|could] you help me[ with my homework| with {t}| with something| please|]{m}",
    "let's [talk|chat|play a game|talk about {t}|begin|start|discuss {t}|play chess]{m}",
    "good [morning|night|evening|day|luck|job|bot]{m}",
    "[what's|what is] [new|going on|wrong|the matter|that|this|it|next|your problem]{m}",
    "see you [later|soon|tomorrow|next week|around]{m}",
    "have a [nice|good|great] [day|weekend|evening|trip]{m}",
    "you are [great|stupid|wrong|funny|smart|right|the best|useless|welcome]{m}",
    "what do you think[ about {t}| of {t}|]{m}",
    "what should i [do|eat|wear|cook|buy|watch|read|say|learn] [today|tonight|tomorrow|next|]{m}",
    "where [are you from|do you live|am i|are you|is {who}]{m}",
    "please [be quiet|wait|stop|repeat that|explain]{m}",
    "my name is {who}{m}",
    "who [made|created|trained|built|wrote] you{m}",
)
KNOWLEDGE = (
    "[what is|what's|whats|tell me|do you know] the [capital|population|currency|flag|language|president|history|area|gdp|national anthem|climate|time zone|largest city|highest mountain|longest river|national dish|prime minister|king|national animal] of {country}{m}",
    "who [is|was] {person}{m}",
    "who [wrote|painted|invented|discovered|founded|directed|composed|built|created|sang] [hamlet|{w}|the {w}|{t}|the mona lisa|the telephone|the light bulb|1984|star wars|america|penicillin|the eiffel tower]{m}",
    "who is the [president|king|queen|prime minister|ceo|richest person|best player|tallest man|mayor|chancellor] [of|in] [{country}|{city}|the world|google|apple|tesla]{m}",
    "when [did|was|will] [world war 2|{person}|{t}|the war|the berlin wall|the titanic|the first {w}|{country}] [end|start|born|die|built|invented|founded|happen|fall|sink|become independent|released]{m}",
    "what year [did|was] [{person}|{t}|the {w}] [die|born|invented|built|founded|released|end]{m}",
    "how [tall|high|old|big|deep|long|far|heavy|large|wide|fast|hot|cold|expensive] is [mount everest|the eiffel tower|the moon|the sun|the earth|{city}|{country}|{person}|a {w}|the {w}|the ocean|the universe|mars|the nile|light]{m}",
    "how many [planets|countries|people|continents|states|oceans|bones|teeth|languages|stars|moons|cities|players|keys|calories|legs|species|wives|children|sides|hours of sleep|gods|users] [are there|are there in {country}|live in {city}|live in {country}|are in the world|are in {w}|does {person} have|does {country} have|in a {w}|do i need|are on earth|exist|are in the human body|are in the solar system|play on a team]{m}",
    "why [is|are|do|does|did] [the sky|cats|people|we|{t}|{person}|the ocean|birds|leaves|grass|the {w}|{country}|dogs] [blue|so big|sleep|dream|green|famous|so expensive|salty|work|fly|cry|happen|important|yawn|red]{m}",
    "how [does|do|did] [a car engine|{t}|airplanes|{w}|magnets|computers|the heart|planes|batteries|people|{person}] [work|fly|function|make money|get their name|begin|die|live|sleep]{m}",
    "[explain|describe|define|summarize|teach me|tell me about|what is|what are|what do you know about|give me an overview of|write about|help me understand|introduce me to|what's|give me facts about] [{t}|{t}|{t}|{t} in simple terms|{t} to a child|{t} like i am five|the plot of {w}|the history of {t}|the meaning of {w}]{m}",
    "what is the [meaning of life|meaning of {w}|difference between {t} and {t2}|difference between a {w} and a {x}|best {k}|largest ocean|longest river|tallest building|highest mountain|fastest animal|biggest country|smallest country|speed of light|biggest planet|largest animal|boiling point of water|chemical symbol of gold|purpose of {t}|oldest city|most popular {k}|largest desert|smallest bird|average salary in {country}|average height|total population of {country}|square of a person|deepest lake|national sport of {country}]{m}",
    "what does [{w}|{t}|'{w}'|the word {w}|a {x}|dna|nasa|ai|schadenfreude] [mean|stand for|do|look like|eat|cost|mean in english]{m}",
    "what [happened|is happening] [in {country}|in 1969|in 1989|to {person}|today|yesterday|in the news]{m}",
    "which [country|city|planet|animal|team|language|river|state|ocean|company] [is the biggest|is the largest|won|has the most people|is the best|is the fastest|won the world cup|is closest to the sun|is the oldest|is the smallest|has the most money]{m}",
    "where is [{city}|{country}|{person}|the {w}|my phone|mount everest|the nearest {w}]{m}",
    "is [{w}|{t}|{country}|{person}|it|god|{city}|santa|a tomato a fruit|coffee] [real|good|bad|dead|healthy|safe|a {x}|true|in europe|expensive|alive|dangerous|bad for you|open]{m}",
    "in which [country|year|city] [is {city}|was {person} born|did {t} begin]{m}",
    "can [dogs|cats|you|i|humans|birds|penguins|we|one] [eat|fly|drink|see|learn|survive|live on] [{w}|mars|{t}|colors|without water|chocolate|at all]{m}",
    "what are the [benefits|causes|effects|symptoms|ingredients|colors|rules|main ideas|side effects|pros and cons|parts|names|days|months|seasons] of [{t}|{w}|the rainbow|the planets|a cell|chess|the week|the year]{m}",
    "what [color|colour|animal|shape|kind of food|sound|size] [is|does] [the sky|a {w}|{country}|the sun|an apple] [make|have|]{m}",
    "name [three|five|some|all|the|two] [planets|countries|colors|animals|presidents|fruits|cities in {country}|rivers|continents|famous people]{m}",
)
WEB = (
    "[what is|what's|how is|whats] the [weather|temperature|forecast|time|traffic|air quality] [in|for|at] {city}[ today| right now| tomorrow| now| this weekend|]{m}",
    "[is it going to|will it|does it|did it] [rain|snow|be sunny|be cold|be warm] [today|tomorrow|in {city}|this weekend]{m}",
    "[search|google|browse|look|check] [the web|the internet|online|google|for] [for |][{t}|cheap flights to {city}|{w}|{person}|the best {k}|news]{m}",
    "[what is|what's|show me|get|check] the [current |latest |][price|stock price|value|exchange rate|news|score|market cap|chart] [of|for|about] [bitcoin|{w}|tesla|gold|apple|nvidia|the dollar|google|ethereum|{t}]{m}",
    "plot [a chart of |a graph of |the |][{w}|NVDA|AAPL|tesla|bitcoin] [and {x} |and TSLA |][stock price|stock price change|prices|stock price change YTD|over time]{m}",
    "[download|fetch|open|read|visit|go to|crawl|scrape|summarize|check] [the latest papers on {t}|google.com|wikipedia|this website|the file {w}.pdf|https://{w}.com|arxiv|the page about {w}|my email|the news|a video|youtube|this article|the pdf|my inbox|hacker news]{m}",
    "[book|order|buy|find|reserve|get|cancel] [me |][a flight to {city}|a pizza|a table|a hotel in {city}|tickets for {w}|a restaurant near me|a taxi|a {k}|the cheapest {w}|a doctor]{m}",
    "what time is it[ in {city}| now|]{m}",
    "what [day|date|month|year] is [it|today|it today|tomorrow|it now]{m}",
    "[send|write|forward|read] [an email|a message|a text|my messages] [to {who}|to my boss|for me]{m}",
    "[remind me|set an alarm|wake me up|set a timer|schedule a meeting] [at {a}|tomorrow|in {a} minutes|to buy {w}|for {a} am]{m}",
    "[play|stop|turn on|turn off|open|close] [music|the lights|{w}|the radio|a song|spotify|the tv|my {w}]{m}",
    "[who|which team] [won|is winning] the [game|match|election|world cup|super bowl|race] [yesterday|last night|in {country}|today|]{m}",
    "what [is on tv|is the news|movies are playing|is trending|stocks should i buy|happened today|are the headlines] [today|tonight|now|]{m}",
    "[translate|say|how do you say|how do i say|what is|write] ['{w}'|'{s}'|{s}|this|the word {w}|thank you|hello|good night|i love you|my name is {who}] [in|to|into] {lang}{m}",
    "translate [this |the following |][text |sentence |][to|into|from] {lang}[: {s}|]{m}",
    "what is the {lang} word for {w}{m}",
    "how many days [until|till|to|are left until] [christmas|easter|my birthday|summer|the weekend|new year|friday]{m}",
    "how [long|far] is it [to|from] {city} [to {city2}|by car|by train|by plane|]{m}",
    "[convert|change|exchange] {a} [dollars|euros|pounds|usd|eur|yen] [to|into|in] [euros|dollars|yen|bitcoin|pounds|rupees|gbp]{m}",
    "how much is {a} [dollars|euros|usd|pounds] in [yen|euros|rupees|dollars|bitcoin]{m}",
)
WORK = (
    "[write|compose|create|draft|generate|give me|make|can you write|please write|i need|help me write|make up] [a|an|a short|a very short|a long|me a|a funny|a nice] {writing} [about {t}|about {w}|about a {w}|for my boss|for {who}|to my landlord|in the style of {person}|for a job|with {a} words|about the sea|]{m}",
    "[write|create|build|make|code|implement|develop|program|design|give me|can you write|help me build] [a|me a|a simple|an|a small] {program} [in {lang2}|using {lang2}|with {lang2}|for {w}|that prints {w}|that computes {w}|for my project|for a bakery|to download {w}|with a login page|]{m}",
    "[fix|debug|review|refactor|optimize|explain|improve|test|format|document|run|proofread|check|rewrite|shorten] [my|this|the|the following] [code|bug|function|program|error|script|sql query|text|essay|email|sentence|paragraph|homework]{m}",
    "how [do i|to|can i|do you|should i] [install|use|learn|update|uninstall|start with|write tests in|configure|deploy|debug|exit] {lang2}[ on windows| on linux| on mac| on ubuntu|]{m}",
    "how [do i|to|can i|do you] [reverse a linked list|sort an array|read a file|center a div|merge two branches|open a file|make a website|connect to a database|parse json|write a loop|use regex] [in|with|using] {lang2}{m}",
    "what is [a|an] [class|function|variable|pointer|closure|monad|api|list|string|decorator|lambda|loop|thread|database index|docker container|prime number|factorial|palindrome|average|percentage|square root|median|fraction|fibonacci number|vowel]{m}",
    "[explain|what is|what's] [a |][decorators|generators|async|inheritance|the difference between a list and a tuple|recursion|big o notation|{lang2}|a monad|list comprehensions|prime numbers|percentages|the square root|fractions]{m}",
    "[suggest|recommend|give me|come up with|find|i need|what is|think of] [a|a good|some|the best|a cheap|a healthy|three] [{k}|name for my {w}|recipe for {w}|slogan for a {w}|title for my {writing}|gift for my {rel}|ideas for {t}|way to learn {lang}|place to visit in {country}|tips for {t}|password]{m}",
    "[read|open|delete|rename|copy|move|save|print|upload|sort|list|count|zip] [the file {w}.txt|my files|my photos|all files|the folder {w}|data.csv|my emails|my documents|this folder|the csv|my music|my tasks|the results by date|my books]{m}",
    "[solve|factor|simplify|plot|graph|differentiate|integrate|derive|expand] [x^2 + {a}x + {b} = 0|{a}x + {b} = {c}|x + {a} = {b}|y = {a}x|sin(x)|x^{a}|the equation|{a}x - {b}|for x: {a}x = {b}|the integral of x|2x^2 - {a}|cos(x) * x|(x + {a})^2][ for x|]{m}",
    "what is the [integral|derivative|limit|inverse|antiderivative|gradient|matrix|determinant] of [x^{a}|{a}x|x squared|sin(x)|x|e^x|f(x)|ln x|sin x|a matrix]{m}",
    "[plot|draw|paint|sketch|graph|show me a picture of|generate an image of|make a diagram of] [a {w}|{w} and {x}|{a} circles|a cat|a sine wave|the function x^2|my data|a house|a bar chart of {n}]{m}",
    "[plan|organize|prepare] [a trip to {city}|my week|a party|my wedding|a meeting|dinner for {a} people|my vacation|a diet]{m}",
    "[roll|flip|throw|pick|draw|choose] [a dice|{a} dice|a coin|a card|a random number|a number between {a} and {b}|someone|a winner]{m}",
    "give me a random [number|word|name|password|number between {a} and {b}|integer|color]{m}",
    "what is [sin|cos|tan|log|ln|exp]({a}){m}",
    "what is the [log|logarithm|sine|cosine|tangent] of {a}{m}",
)
NEAR = (
    "how many {things} [are there|are in the world|do people eat|are in a {w}|fit in a car|does {who} have|do i have|are sold every year|grow on a tree|are in {city}]{m}",
    "[what is|what's] the [sum|total|average|maximum|median|product|length|largest number|percentage|square root|factorial|reverse|difference|result|answer|minimum|remainder]{m}",
    "[sort|reverse|add|multiply|count|average|double|sum|convert|calculate|compute|divide|round|compare] [my {w}|my {things}|them|it|everything|the {things}|the {w}|this|my photos by date|these|my taxes|my bmi|my age|my calories|the budget|all of them|that again|the data]{m}",
    "what is {w} [plus|minus|times|divided by] {x}{m}",
    "[{w}|{x}] + {x}{m}",
    "how old [is|was] [{who}|{person}|the universe|my dog|the earth]{m}",
    "how much [is|does|do] [a {w}|a {k}|{things}|the {w}|a house|it|{t}|gold|a car|rent in {city}] [cost|weigh|worth|]{m}",
    "how many [calories|grams of sugar|vitamins|carbs|pages|words|words are|letters are|people] [are in {a} {things}|are in a {w}|are in the bible|are in the alphabet|are in english|does my essay have|live in the {a} largest cities|are in my file|speak {lang}|work at google]{m}",
    "what is {a}% of [my salary|the population|the earth|people|my {w}|a day|the world|all {things}]{m}",
    "what day [is|was] [{a} days from now|it in {a} days|the 4th of july|my birthday|christmas]{m}",
    "which is [better|faster|cheaper|healthier|bigger|older|heavier|more expensive], [a {w} or a {x}|{city} or {city2}|{lang2} or java|cats or dogs|{w} or {x}|{country} or {country}]{m}",
    "[is|are] [{city}|{country}|a {w}|{things}|the sun|{person}] [bigger|larger|older|heavier|better|taller|smaller] than [{city2}|a {x}|{more}|the moon|me]{m}",
    "[the|a] [largest|smallest|longest|biggest|oldest|first|last|average|maximum|minimum] {w}{m}",
    "[largest|smallest|average|maximum|longest|biggest|tallest|highest] [{w}|city|country|animal|building|mountain|salary|planet|number in the world|ocean] [in {country}|in the world|on earth|ever|]{m}",
    "[combien font|was ist|wie viel ist|cuanto es|quanto fa|ile to|hoeveel is|quanto é] {a} [+|plus|mal|por|per|x|*|et|keer|und] {b}{m}",
    "[wie spät ist es|wie geht es dir|bonjour, ça va|qué hora es|come stai|wer bist du|hola, cómo estás|comment tu t'appelles|hvordan har du det|kto ty|erzähl mir einen witz|qui es-tu|quien eres|was kannst du|guten morgen|merci beaucoup|danke schön|gracias|arigato|ni hao|muchas gracias|guten tag|que puedes hacer]{m}",
    "{w} {a}{m}",
    "{a} {b} {c}{m}",
    "{a}{m}",
    "{w}{m}",
    "{w} {x}{m}",
    "[{w}|{s}|{w} {x}]{m}",
    "x = {a}{m}",
    "a={a}, b={b}[, find a + b|, what is a + b|]{m}",
    "def f(x): return x + {a}",
    "for i in range({a}): print(i)",
    "convert [the {w}|my {w}|{a} {things}|{t}] to [{x}|pdf|mp3|english|roman numerals|{things}|cash|morse code]{m}",
    "first {a} [presidents|{things}|countries|kings of {country}|digits of pi|elements|letters|words of {w}|people on the moon]{m}",
    "list [the|all|{a}] [{things}|countries|presidents|files|planets|elements|{w}s|months|my contacts|employees|cities in {country}]{m}",
    "count [my {things}|the {things} in this picture|sheep|calories|the stars|to infinity|the people]{m}",
    "reverse [my decision|the car|engineering|psychology|the polarity|a linked list|mortgage|the aging process]{m}",
    "{who} has {a} {things} and {other} has more. who has more{m}",
    "{who} has [some|many|a few] {things} and gives away {a}. how many are left{m}",
    "how [long|many hours] [does it take|do i need|is] to [learn {lang}|cook {things}|boil an egg|fly to {city}|read {a} pages|grow a tree|run a marathon]{m}",
    "how many [weeks|days|hours|minutes] [are left|until {city}|did i work|is the movie|old am i|should i sleep]{m}",
    "sum up [this article|the news|the book|{t}|the plot of {w}|your answer]{m}",
    "what is the [{w}|number|name] [{a}|of {w}|of the {x}]{m}",
    "[is|are] [it|this|that|{t}|he|she] [even|odd|prime|true|a palindrome|correct|possible|a good idea|legal]{m}",
    "spell check [this|my text|{s}]{m}",
    "capital [of {country}|letters history|gains tax]{m}",
    "{s}{m}",
    "{s}, {w}{m}",
)
FILLER = "what who where how why is are the a of in to for and tell me write please explain describe show find give about can you make do it this that my your with from get many much number list sort when which was will be not have has i we they one new first most people day time world good best".split()


def _slots(r: random.Random) -> dict[str, str]:
    who, other = r.sample(NAMES, 2)
    w, x = r.sample(WORDS, 2)
    city, city2 = r.sample(CITIES, 2)
    t, t2 = r.sample(TOPICS, 2)
    draw = {
        "who": who,
        "other": other,
        "w": w,
        "x": x,
        "city": city,
        "city2": city2,
        "t": t,
        "t2": t2,
        "country": r.choice(COUNTRIES),
        "person": r.choice(PEOPLE),
        "lang": r.choice(LANGUAGES),
        "lang2": r.choice(CODING),
        "program": r.choice(PROGRAMS),
        "k": r.choice(KINDS),
        "writing": r.choice(WRITINGS),
        "things": r.choice(THINGS),
        "more": r.choice(THINGS),
        "rel": r.choice(["mother", "father", "sister", "wife", "friend", "boss", "son"]),
        "s": r.choice(PHRASES),
        "n": ", ".join(map(str, number_list(r))),
    }
    for letter in "abc":
        draw[letter] = str(natural(r, 3))
    draw = {key: text.replace("_", " ") for key, text in draw.items()}
    if r.random() < 0.4:
        draw = {key: text if key in "tw" else text.lower() for key, text in draw.items()}
    return {**draw, "m": ""}


def refused(r: random.Random) -> str:
    """A prompt that the model must answer with its help text."""
    kind = r.random()
    if kind < 0.10:
        return _salad(r)
    if kind < 0.115:
        return ""
    if kind < 0.13:
        return " ".join(_salad(r) for _ in range(r.randint(2, 8)))
    group = r.choices([TALK, KNOWLEDGE, WEB, WORK, NEAR], [3, 4, 3, 3, 5])[0]
    template = r.choice(group)
    if template.endswith("{m}"):
        template = template[:-3] + r.choices(["?", ".", "!", ""], [4, 2, 1, 4])[0]
    return ask(r, template, _slots(r))


def _salad(r: random.Random) -> str:
    words = [
        r.choice(WORDS) if r.random() < 0.4 else a_word(r) if r.random() < 0.1 else r.choice(FILLER)
        for _ in range(r.randint(1, 12))
    ]
    text = " ".join(words)
    return (text.capitalize() if r.random() < 0.6 else text) + r.choice(["", "?", ".", "!"])
