"""Task families: short word problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import ONES, count, money, natural, positive

if TYPE_CHECKING:
    import random

NAMES = """Tom Anna Sam Maria Ben Lisa John Emma Peter Sarah Max Julia Alex Kate Paul Nina Bob Alice Mary David Laura Mike
Sophie Jack Lucy Tim Eva Leo Mia Omar Ali Priya Wei Carlos Ana Ivan Olga Jim Jane Kim Lee Mark Sue Joe Amy Dan""".split()
THINGS = """apples pears books coins marbles cookies tickets pencils eggs cars candies stamps oranges bananas flowers balloons
stickers toys cards shells balls chairs plates bottles cups dogs cats sheep birds fish trees stars points pens crayons muffins
cupcakes donuts sweets chocolates sandwiches pizzas slices photos songs games shirts shoes hats bricks boxes bags nuts grapes
lemons roses buttons beads tokens blocks peaches mangoes pies magazines letters crackers tomatoes potatoes carrots""".split()
HOLDERS = "boxes bags baskets shelves rows packs packets crates jars bowls tables rooms classes teams trays drawers pages buses cartons bunches groups shops".split()
PEOPLE = "friends children kids people students classmates sisters brothers cousins players workers colleagues neighbors family members teams boys girls guests".split()
WARES = "books apples coffees tickets shirts pens notebooks sandwiches burgers pizzas movies games bottles chairs lamps cakes beers cups phones stamps plants muffins drinks lunches meals".split()
DISHES = ("pizza", "cake", "pie", "chocolate bar", "rope", "ribbon", "book", "box")


def scene(r: random.Random) -> Slots:
    """Who, what and how many; the first number is never the smaller."""
    low, high = sorted((positive(r, 3), positive(r, 3)))
    who, other = r.sample(NAMES, 2)
    return {
        "a": _shown(r, high),
        "b": _shown(r, low),
        "c": count(r, 12),
        "who": who,
        "other": other,
        "he": r.choice(["he", "she", "they"]),
        "his": r.choice(["his", "her", "their"]),
        "things": r.choice(THINGS),
        "more": r.choice(THINGS),
        "holders": r.choice(HOLDERS),
        "holder": r.choice(HOLDERS).rstrip("s"),
        "people": r.choice(PEOPLE),
        "dish": r.choice(DISHES),
    }


def _shown(r: random.Random, number: int) -> tuple[str, str]:
    return (ONES[number] if number <= 20 and r.random() < 0.18 else str(number)), str(number)


def three(r: random.Random) -> Slots:
    """A number and two smaller ones."""
    b, c = positive(r, 3), positive(r, 2)
    return {**scene(r), "a": str(b + c + natural(r, 3)), "b": str(b), "c": str(c)}


def priced(r: random.Random) -> Slots:
    """Wares with a price."""
    return {
        **scene(r),
        "n": count(r, 40),
        "m": money(r),
        "k": money(r),
        "wares": r.choice(WARES),
        "ware": r.choice(WARES).rstrip("s"),
    }


def even_share(r: random.Random) -> Slots:
    """A number and one that most often divides it."""
    b = r.randint(2, 30)
    a = b * positive(r, 2) if r.random() < 0.7 else b + positive(r, 3)
    drawn = scene(r)
    unit = r.choice(
        ["dollars", "euros", drawn["things"], drawn["things"], drawn["things"], "pounds", "liters of water"]
    )
    return {**drawn, "a": str(a), "b": _shown(r, b), "things": unit}


_HAS = "[has|had|owns|holds|collected|bought|found|picked|starts with|started with|is holding|got]"
_GETS = "[buys|gets|finds|receives|is given|wins|picks|collects|bought|got|found|was given|adds|picked up|earns]"
_GIVES = "[gives away|eats|loses|sells|uses|breaks|drops|throws away|gave away|ate|lost|sold|used|spent|spends|donates|lends|gives {other}|gave {other}|gives {other}]"
_I_GET = "[buy|get|find|receive|am given|win|pick|collect|bought|got|found|was given|add|earn]"
_I_GIVE = "[give away|eat|lose|sell|use|break|drop|throw away|gave away|ate|lost|sold|used|spend|spent|donate|lend|give {other}|gave you]"
_NOW = "[now|in total|altogether|in all|all together||]"
_LEFT = "[are left|remain|are there left|are remaining|are still there]"
_SO = "[. |. |, |; |. so |. now ]"
_COST = "[cost|are|are sold for|go for|come at|sell for]"

STORIES = (
    Family(
        "gain",
        7,
        scene,
        "print({a} + {b})",
        (
            f"{{who}} {_HAS} {{a}} {{things}} and {_GETS} {{b}} more{_SO}how many {{things}} does {{who}} have {_NOW}?",
            f"[i|we] [have|had|own] {{a}} {{things}} and {_I_GET} {{b}} more{_SO}how many [{{things}} |]do [i|we] have {_NOW}?",
            f"[if|] i have {{a}} {{things}} and [you|{{who}}|my {{people}}] [give|gives|gave] me {{b}} [more|], how many [{{things}} |]do i have {_NOW}?",
            f"{{who}} {_HAS} {{a}} {{things}} and {{other}} has {{b}}{_SO}how many [{{things}} |]do they have [together|altogether|in total]?",
            f"there are {{a}} {{things}} [on the table|in the box|in a basket|in the park|at home|here] and {{b}} more [come|arrive|are added]{_SO}how many are there {_NOW}?",
            f"{{who}} has {{a}} {{things}} and {{b}} {{more}}{_SO}how many [things|items|pieces|pieces of fruit] [is that|does {{he}} have|are there] {_NOW}?",
            f"a [class|school|bus|team|club|farm|room|shop|library] has {{a}} [boys|{{things}}] and {{b}} [girls|{{more}}]{_SO}how many [are there|are there {_NOW}|is that {_NOW}]?",
            f"[i|we|{{who}}] [drove|walked|ran|cycled|biked|swam] {{a}} [km|miles|kilometers|meters] [yesterday|on monday|in the morning] and {{b}} [today|on tuesday|in the evening]{_SO}how [far|many] [is that|did i go|was it|did we go] {_NOW}?",
            "{who} is {a} years old and [{his} [sister|brother|friend] |{other} ]is {b} years older. how old is [{his} [sister|brother|friend]|{other}|the [sister|brother|friend]]?",
            "i am {a} [years old|]. how old will i be in {b} years?",
            "{who} is {a} [now|years old|]. how old will {he} be in {b} years?",
            "[how old will|what age will] {who} be in {b} years if {he} is {a} now?",
        ),
    ),
    Family(
        "loss",
        8,
        scene,
        "print({a} - {b})",
        (
            f"{{who}} {_HAS} {{a}} {{things}} and {_GIVES} {{b}}[ of them|]{_SO}how many [{{things}} |]does {{he}} have [left|now]?",
            f"{{who}} {_HAS} {{a}} {{things}}. {{he}} {_GIVES} {{b}}[ of them|]{_SO}how many {_LEFT}?",
            f"[i|we] [have|had|own|bought] {{a}} {{things}} and {_I_GIVE} {{b}}[ of them|]{_SO}how many [{{things}} |]{_LEFT}?",
            f"[if|] i have {{a}} {{things}} and {_I_GIVE} {{b}}, how many [{{things}} |]do i have [left|now]?",
            "[if|] you have {a} {things} and [take away|eat|lose|sell|give away] {b}, how many [are left|do you have|remain|do you have left]?",
            f"there are {{a}} {{things}} [on the table|in the box|in a basket|in the park|in the tree|in the room|] and {{b}} [leave|are taken|are sold|fly away|are eaten|are removed|break]{_SO}how many {_LEFT}?",
            f"{{who}} had {{a}} {{things}}. {{other}} took {{b}}[ of them|]{_SO}how many {_LEFT}?",
            f"a book has {{a}} pages and [i|{{who}}|we] [have|has|] read {{b}}{_SO}how many pages {_LEFT}?",
            "{who} has {a} {things} and {other} has {b}. how many more [{things} |]does {who} have[ than {other}|]?",
            f"[a|the] [bus|train|class|room] has {{a}} [people|passengers|students|seats] and {{b}} [get off|leave|are taken|go home]{_SO}how many {_LEFT}?",
            "i had {a} [dollars|euros|pounds|bucks] and spent {b}. how much [is left|do i have left|do i have now]?",
            "{who} had {a} [dollars|euros|pounds] and spent {b}. how much [is left|does {he} have left|does {he} have]?",
            "i have ${a} and [spend|spent|pay] ${b}. how much [is left|do i have left|remains]?",
            "{who} is {a} [years old|] and {other} is {b} years younger. how old is {other}?",
            "how many more is {a} {things} than {b} {things}?",
            "[a|the] [pizza|cake|pie] [has|is cut into|was cut into] {a} [slices|pieces] and [we|i|they|{who}] [ate|eat|eats|took] {b}. how many [slices|pieces] are left?",
            "[i|{who}] [need|needs] {a} {things} [but|and] [only |]have {b}. how many [more |][are missing|do i need|are needed]?",
            "it is a [trip|drive|walk] of {a} [km|miles] and we did {b}. how far is [left|it still|still to go]?",
        ),
    ),
    Family(
        "loss twice",
        3,
        three,
        "print({a} - {b} - {c})",
        (
            f"{{who}} had {{a}} [dollars|euros|pounds|{{things}}][, spent| and spent|. {{he}} spent|, used|, gave away] {{b}} [on food|on books|on lunch|on a ticket|on monday|for rent|] and {{c}} [on the bus|on drinks|on a game|on tuesday|for clothes|more]{_SO}[how much is left|what is left|how many are left|what does {{he}} have now|how much does {{he}} have now|how much remains]?",
            f"i had {{a}} [dollars|euros|pounds|{{things}}][, spent| and spent|. i spent|, used|, gave away] {{b}} [on food|on books|on lunch|for rent|] and [then |]{{c}} [on the bus|on drinks|for clothes|more]{_SO}[how much is left|what is left|what do i have now|how much do i have left|how many are left]?",
            "[if|] i have {a} {things} and [eat|give away|lose] {b} and [then |]{c} more, how many [are left|do i have left|remain]?",
            "{who} has {a} {things}. {he} gives {b} to {other} and {c} to [a friend|{his} sister]. how many are left?",
        ),
    ),
    Family(
        "gain then loss",
        3,
        three,
        "print({a} + {b} - {c})",
        (
            f"{{who}} {_HAS} {{a}} {{things}}, {_GETS} {{b}} [more |]and {_GIVES} {{c}}{_SO}how many [are left|does {{he}} have {_NOW}]?",
            "there are {a} [people|passengers] on a bus. {b} get on and {c} get off. how many are on the bus [now|]?",
            f"[i|we] have {{a}} {{things}}, {_I_GET} {{b}} [more |]and {_I_GIVE} {{c}}{_SO}how many do [i|we] have {_NOW}?",
        ),
    ),
    Family(
        "loss then gain",
        2,
        three,
        "print({a} - {b} + {c})",
        (
            f"{{who}} {_HAS} {{a}} {{things}}, {_GIVES} {{b}} and [then |]{_GETS} {{c}} [more|]{_SO}how many [does {{he}} have|are there] {_NOW}?",
            "there are {a} [people|passengers] on a bus. {b} get off and {c} get on. how many are on the bus [now|]?",
            f"i have {{a}} {{things}}, {_I_GIVE} {{b}} and {_I_GET} {{c}}{_SO}how many do i have {_NOW}?",
        ),
    ),
    Family(
        "groups",
        7,
        scene,
        "print({a} * {b})",
        (
            f"there are {{a}} {{holders}} with {{b}} {{things}} [in each|each|in every one|per {{holder}}|in each of them]{_SO}how many {{things}} [are there|is that|are there {_NOW}|do we have]?",
            "how many {things} are in {a} {holders} [with|of] {b} [{things} |]each?",
            f"{{who}} {_HAS} {{a}} {{holders}} with {{b}} {{things}} [in each|each]{_SO}how many {{things}} [is that|does {{he}} have|are there]?",
            f"each {{holder}} [has|holds|contains] {{b}} {{things}}{_SO}how many {{things}} are [there |]in {{a}} {{holders}}?",
            f"there are {{a}} {{people}} and each [needs|has|gets|brings|wants|eats|buys|of them gets|one has|one needs] {{b}} {{things}}{_SO}how many {{things}} [do we need|are needed|is that|are there|do they have] {_NOW}?",
            "{a} {people} [each have|have|each bring|each eat|bring|each need] {b} {things} [each|]. how many {things} [is that|are there|in total|altogether]?",
            "a [box|pack|bag|carton] [has|holds|contains] {b} {things}. how many {things} are in {a} [boxes|packs|bags|cartons]?",
            f"{{who}} [reads|runs|walks|eats|drinks|writes|makes|sells|bakes|solves] {{b}} [pages|km|miles|{{things}}|cups|words] [a|per|every|each] [day|hour|week|minute]{_SO}how many [pages |{{things}} |words |]in {{a}} [days|hours|weeks|minutes]?",
            "if [a|one] [machine|worker|hen|factory|printer|tree] makes {b} {things} [per|an|every|each] [hour|day|minute], how many does it make in {a} [hours|days|minutes]?",
            "{a} rows of {b} [seats|chairs|{things}], how many [seats|chairs|] [is that|are there|in total]?",
            "how many [slices|pieces] [are|do you get from|are there in] {a} [pizzas|cakes] [cut into|with] {b} [slices|pieces] each?",
            "[i|we] [do|have|work|sleep|train] {a} [hours|lessons] [a|per|each] [day|week]. how many [hours|lessons] is that in {b} [days|weeks]?",
            "if i [save|put away|earn|pay|spend] {a} [dollars|euros|] [a|per|every|each] [day|week|month], how much [will i have|is that|do i have|will it be] [after|in] {b} [days|weeks|months]?",
        ),
    ),
    Family(
        "groups and more",
        2,
        scene,
        "print({a} * {b} + {c})",
        (
            f"{{who}} {_HAS} {{a}} {{holders}} with {{b}} {{things}} each and {{c}} [more|extra|loose ones|single ones]{_SO}how many {{things}} [is that|does {{he}} have|are there] {_NOW}?",
            "there are {a} {holders} of {b} {things} [each |]plus {c} [extra|more]. how many {things} [are there|is that]?",
            "a taxi costs {b} [dollars|euros] per [km|mile] plus a [fixed |base ]fee of {c}. how much [is|are|for] {a} [km|miles]?",
        ),
    ),
    Family(
        "buy",
        7,
        priced,
        "print({n} * {m})",
        (
            f"{{who}} [buys|bought|orders|ordered|gets] {{n}} {{wares}} [at|for] {{m}} each{_SO}how much [does {{he}} [spend|pay]|is that|did {{he}} pay|does it cost|is it in total]?",
            "how much [do|would|are|is the cost of] {n} {wares} [cost |][at|for] {m} each?",
            "{n} {wares} at {m} each, [how much is that|what is the total|what do i pay|how much in total|total]?",
            f"[a|one|each] {{ware}} costs {{m}}{_SO}how much [do|would] {{n}} [of them |{{wares}} ]cost?",
            "[if|] [a|one] {ware} is {m}, how much [is|are|do|would] {n} {wares} [cost|]?",
            f"i [buy|bought|want to buy|need|ordered|take] {{n}} {{wares}} [for|at] {{m}} [each|a piece|apiece|per piece]{_SO}[what|how much] [do i pay|is the total|is that|will it cost|does it cost|do i owe|is the total cost]?",
            f"{{wares}} {_COST} {{m}} [each|a piece|apiece]{_SO}how much [for|are|do i pay for|would i pay for|is it for] {{n}}[ of them|]?",
            "what is the [price|cost|total|total cost] of {n} {wares} at {m} [each|apiece|per piece]?",
            "{who} earns {m} [an hour|per hour|a day|per day|a week] and works {n} [hours|days|weeks]. how much [does {he} earn|is that|money is that]?",
            "i [earn|make|get paid|am paid] {m} [an hour|per hour|a day|per week]. how much [do i earn|is that|do i make|do i get] [for|in|after] {n} [hours|days|weeks]?",
            "if {who} [saves|earns|spends|pays] {m} [a|per|every|each] [day|week|month], how much [is that|does {he} have|will it be|does {he} save] [after|in] {n} [days|weeks|months]?",
            "[gas|milk|rice|paint|cheese|fabric] [costs|is] {m} per [liter|kilo|gallon|meter|kg|pound]. how much [are|do i pay for|is it for] {n} [liters|kilos|gallons|meters|kg|pounds]?",
            "[a|the|my] [subscription|gym|phone plan|rent|parking spot] costs {m} [a|per|each] month. how much [is that|do i pay] [for|in|over|after] {n} months?",
        ),
    ),
    Family(
        "yearly",
        2,
        priced,
        "print({m} * 12)",
        (
            "[a|the|my] [subscription|gym|phone plan|rent|loan|insurance] [costs|is] {m} [a|per|each|every] month. how much [is that|do i pay|does it cost] [per|a|in a|each|in one] year?",
            "how much [is|do i pay for] {m} [a|per] month [in|for|over] [a|one] year?",
            "{m} [a|per] month, how much [a|per] year?",
            "i [earn|make|save|spend] {m} [a|per|every] month. how much is [that|it] in a year?",
        ),
    ),
    Family(
        "weekly",
        1,
        priced,
        "print({m} * 7)",
        (
            "[i|{who}] [spend|spends|save|saves|earn|earns] {m} [a|per|every|each] day. how much is that [per|a|in a|each] week?",
            "{m} [a|per] day, how much [a|per] week?",
        ),
    ),
    Family(
        "change",
        3,
        priced,
        "print({k} - {m})",
        (
            "[i|{who}] [pay|pays|paid] [with|using] {k} for [a|the] {ware} that costs {m}. how much change [do i get|is there|does {he} get|is due]?",
            "how much change [do i get|is left] from {k} [if|when] [i buy [a|the] {ware} for {m}|the bill is {m}|i pay {m}|it costs {m}]?",
            "i have {k} and buy [a|the] {ware} for {m}. how much [is left|do i have left|money is left|change do i get]?",
            "[a|the] {ware} costs {m} and i pay with {k}. [how much change do i get|what is my change]?",
            "{who} has {k} and spends {m} on [a|the] {ware}. how much [is left|does {he} have left|money does {he} have left]?",
        ),
    ),
    Family(
        "two prices",
        2,
        priced,
        "print({m} + {k})",
        (
            "[a|the] {ware} costs {m} and [a|the] [bag|drink|cake|hat] costs {k}. how much [is it|are both|do i pay|do they cost] [together|in total|altogether|]?",
            "how much is [a|the] {ware} for {m} and [a|the] [bag|drink|cake] for {k} [together|in total]?",
            "i [spent|paid] {m} on [a|the] {ware} and {k} on [a|the] [bag|drink|cake|lunch]. how much [in total|did i spend|did i spend in total|is that]?",
        ),
    ),
    Family(
        "share",
        7,
        even_share,
        "print({a} / {b})",
        (
            "@do [split|divide|share|distribute] {a} {things} [between|among|by|evenly among|equally among|fairly between] {b} {people}[, how many does each get|, how much does each get|. how many [does|do] each [one |person |]get|. how much per person|]?",
            "{b} {people} share {a} {things} [equally|evenly|fairly|]. how [many|much] does each [one |person |]get?",
            "if {b} {people} [split|share|divide] {a} {things} [equally|evenly|], how [many|much] [does each get|does each one get|for each|per person]?",
            "{who} [shares|divides|splits] {a} {things} [equally|evenly|] [among|between|with] {b} {people}. how [many|much] does each [one |person |]get?",
            "a [bill|check|dinner|meal|taxi|present|gift|rent] of [{a}|${a}|{a} dollars|{a} euros] [split|shared|divided] [by|between|among] {b} [{people}|people], how much [each|per person|does each pay]?",
            "[the|our] [bill|dinner|trip|house|gift] [is|costs|cost|was] [${a}|{a} dollars|{a} euros]. how much [does each of|do|for each of] {b} {people} pay?",
            "{a} {things} [for|in|to] {b} {people}, how [many|much] [each|per person|for each]?",
            "how [many|much] [{things} |]does each [person|child|friend|one] get if {b} {people} share {a} [{things}|]?",
            "{a} {things} are [packed|put|placed|divided|split] [equally |evenly |]into {b} {holders}. how many [{things} |]are in each?",
            "{b} {more} cost [{a}|${a}|{a} dollars|{a} euros]. how much is one?",
            "if {b} {more} cost [${a}|{a} dollars|{a} euros], how much [is one|does one cost|is each]?",
            "how many groups of {b} can [i|you|we] make from {a} {people}?",
            "i have {a} {things} and put {b} in each {holder}. how many {holders} [do i need|are there|can i fill]?",
        ),
    ),
    Family(
        "boxes needed",
        3,
        even_share,
        "from math import ceil\nprint(ceil({a} / {b}))",
        (
            "[a|one|each] [box|bus|bag|van|table|car|crate|carton|shelf|boat] [holds|fits|takes|seats|carries|has room for] {b} [{things}|people]. how many [boxes|buses|bags|vans|tables|cars|crates|cartons|shelves|boats] [do i need|do we need|are needed|are required] for {a} [{things}|people]?",
            "how many [boxes|buses|bags|tables|cars] of {b} [do i need|do we need|are needed] for {a} [{things}|people]?",
            "how many [boxes|buses|bags|tables|cars] [do i need|do we need|are needed] for {a} [{things}|people] if [one|each] [holds|fits|takes] {b}?",
        ),
    ),
)
