"""The arguments of tasks: numbers, lists of numbers, words and sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from .phrasing import Slots

WORDS = """apple banana cherry orange lemon grape melon strawberry blueberry raspberry tomato potato carrot onion garlic
pepper bread butter cheese milk coffee water sugar honey river mountain valley forest desert ocean island bridge castle
village city street garden window door table chair mirror pencil paper notebook computer keyboard monitor printer
network server database python framework plugin agent model executor container docker kernel memory thread process
science history physics chemistry biology algebra geometry calculus language grammar sentence paragraph chapter
summer winter spring autumn january february monday tuesday friday sunday evening midnight thunder lightning
rainbow storm cloud breeze sunshine elephant giraffe monkey tiger lion zebra rabbit squirrel dolphin whale penguin
eagle sparrow butterfly dragon unicorn wizard knight princess kingdom treasure adventure mystery journey bicycle
airplane train rocket satellite planet galaxy universe telescope microscope experiment laboratory hospital doctor
teacher student engineer artist musician guitar piano violin trumpet orchestra symphony melody rhythm level radar
racecar noon civic kayak hello world mississippi bookkeeper committee successful parallel abracadabra silent listen
quorum quorate assistant madam rotor refer google internet football basketball tennis soccer family friend birthday
chocolate vanilla pizza burger salad soup pasta rice chicken beef fish turtle snake horse sheep goat duck goose mouse
purple yellow green blue red black white pink brown silver golden diamond emerald crystal stone metal wooden plastic
happiness freedom courage wisdom beautiful wonderful fantastic interesting important necessary restaurant umbrella
alligator crocodile hippopotamus rhinoceros dictionary encyclopedia alphabet onomatopoeia refrigerator television
telephone anna bob alice tom maria berlin paris london tokyo germany france spain italy canada brazil australia
cat dog sun moon star tree leaf fire ice sky sea bird cow pig hat shoe ball car bus ship road king queen boat lamp""".split()
PHRASES = """good morning;hello world;good night;see you later;the quick brown fox;nice to meet you;have a nice day;to be or not to be;
i love pizza;open source;happy new year;the cat sat on the mat;machine learning;artificial intelligence;ice cream;new york;
this is a test;how are you;the sky is blue;i like cats and dogs;python is fun;she sells sea shells;lorem ipsum;first come first served;
time flies like an arrow;a man a plan a canal panama;never odd or even;thank you very much;peanut butter;black coffee;
the lazy dog;my name is bob;we are the champions;all good things come to an end;practice makes perfect;home sweet home""".replace(
    "\n", ""
).split(";")
ONES = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen twenty""".split()
TENS = {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "a hundred": 100,
    "one hundred": 100,
    "a thousand": 1000,
}


def natural(r: random.Random, longest: int = 5) -> int:
    """A natural number; two and three digits are the most common."""
    digits = r.choices([1, 2, 3, 4, longest], [3, 6, 4, 2, 1])[0]
    digits = min(digits, longest)
    kind = r.random()
    if digits > 1 and kind < 0.12:
        two = r.sample("0123456789", 2)
        return int("".join(r.choice(two) for _ in range(digits)))
    if digits > 1 and kind < 0.25:  # round numbers are common in what people type
        return r.randint(1, 99) * 10 ** (digits - 1)
    return r.randint(0 if digits == 1 else 10 ** (digits - 1), 10**digits - 1)


def positive(r: random.Random, longest: int = 5) -> int:
    """A natural number of at least one."""
    return max(1, natural(r, longest))


def value(r: random.Random, longest: int = 5) -> tuple[str, str]:
    """A number as asked and as code: plain, negative, decimal, with separators, or in words."""
    number, kind = natural(r, longest), r.random()
    if kind < 0.05:
        return f"-{number}", f"-{number}"
    if kind < 0.17:
        text = f"{number}." + "".join(r.choice("0123456789") for _ in range(r.randint(1, 3)))
        return text, text
    if kind < 0.21:
        number = r.randint(1000, 9999999)
        return f"{number:,}", str(number)
    if kind < 0.26:
        return spelled(r)
    return str(number), str(number)


def spelled(r: random.Random) -> tuple[str, str]:
    """A small number in words."""
    if r.random() < 0.75:
        number = r.randrange(len(ONES))
        return ONES[number], str(number)
    name, number = r.choice(list(TENS.items()))
    if number < 100 and r.random() < 0.5:
        unit = r.randint(1, 9)
        return f"{name}{r.choice('- ')}{ONES[unit]}", str(number + unit)
    return name, str(number)


def count(r: random.Random, most: int) -> tuple[str, str]:
    """How many of something: digits, or a word up to twenty."""
    number = r.randint(1, min(most, 12) if r.random() < 0.5 else most)
    return (ONES[number] if number <= 20 and r.random() < 0.25 else str(number)), str(number)


def money(r: random.Random) -> tuple[str, str]:
    """A price as asked and as code."""
    number = str(positive(r, 4))
    if r.random() < 0.3:
        number = f"{positive(r, 3)}.{r.choice(['5', '50', '99', '25', '75', '95', '49', str(r.randint(10, 99))])}"
    shown = r.choices(
        ["${}", "{} dollars", "{} euros", "€{}", "£{}", "{} pounds", "{} bucks", "{}$", "{} cents", "{}"],
        [8, 7, 4, 2, 2, 1, 1, 1, 1, 2],
    )[0]
    return shown.format(number), number


def percent(r: random.Random) -> tuple[str, str]:
    """A percentage as asked and as code."""
    kind = r.random()
    number = (
        str(r.choice([5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 80, 90, 100])) if kind < 0.4 else str(r.randint(1, 150))
    )
    if kind > 0.88:
        number = f"{r.randint(0, 99)}.{r.randint(1, 9)}"
    return number + r.choices(["%", " percent", " %", " per cent"], [10, 6, 1, 1])[0], number


def number_list(r: random.Random, shortest: int = 2) -> list[int | float]:
    """Numbers of a list task."""
    n, kind = r.randint(shortest, 9), r.random()
    top = 9 if kind < 0.25 else 99 if kind < 0.65 else 999 if kind < 0.9 else 9999
    low = -top if r.random() < 0.1 else 0
    if r.random() < 0.12:
        few = [r.randint(0, top) for _ in range(2)]
        return [r.choice(few) + r.randint(0, 1) for _ in range(n)]
    if r.random() < 0.1:
        return [round(r.uniform(low, top), r.randint(1, 2)) for _ in range(n)]
    if r.random() < 0.15:
        step = r.choice([1, 2, 3, 5, 10])
        return [step * (i + 1) for i in range(n)]
    return [r.randint(low, top) for _ in range(n)]


def listed(r: random.Random, items: list[str]) -> str:
    """Items as people list them."""
    kind = r.random()
    if kind < 0.42:
        return ", ".join(items)
    if kind < 0.52:
        return " ".join(items)
    if kind < 0.58:
        return ",".join(items)
    if kind < 0.74:
        return "[" + (", " if r.random() < 0.8 else ",").join(items) + "]"
    if kind < 0.77:
        return "(" + ", ".join(items) + ")"
    return ", ".join(items[:-1]) + r.choice([" and ", " and ", ", and ", " & "]) + items[-1]


def list_slots(r: random.Random, shortest: int = 2) -> Slots:
    """A list of numbers in the slot `x`."""
    items = [str(item) for item in number_list(r, shortest)]
    return {"x": (listed(r, items), "[" + ", ".join(items) + "]")}


def a_word(r: random.Random) -> str:
    """A word of any kind: known, or random letters, in any case."""
    word = (
        r.choice(WORDS)
        if r.random() < 0.6
        else "".join(r.choice("etaoinshrdlucmfwypvbgkjqxz") for _ in range(r.randint(2, 12)))
    )
    kind = r.random()
    return word.upper() if kind < 0.12 else word.capitalize() if kind < 0.24 else word


def a_sentence(r: random.Random, shortest: int = 2, longest: int = 7) -> str:
    """A few words; letters and blanks only."""
    text = (
        r.choice(PHRASES)
        if r.random() < 0.35
        else " ".join(r.choice(WORDS) for _ in range(r.randint(shortest, longest)))
    )
    kind = r.random()
    return text.upper() if kind < 0.08 else text.capitalize() if kind < 0.25 else text.title() if kind < 0.3 else text


def quoted(r: random.Random, text: str, bare: float) -> str:
    """A text in quotes, or bare with this probability."""
    return text if r.random() < bare else r.choice(["'{}'", "'{}'", '"{}"', '"{}"', "“{}”", "`{}`"]).format(text)
