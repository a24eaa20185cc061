"""Task families: sequences, and sums over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import count, natural, positive, spelled

if TYPE_CHECKING:
    import random


def first(r: random.Random) -> Slots:
    """How many terms."""
    return {"n": count(r, 99)}


def ordinal(r: random.Random) -> Slots:
    """Which term."""
    n = r.randint(1, 99)
    end = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    words = "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split()
    shown = words[n] if n <= 12 and r.random() < 0.4 else f"{n}{end}"
    return {"n": (shown, str(n))}


def limits(r: random.Random) -> Slots:
    """A lower and an upper bound."""
    low = r.choice([0, 1, 1, 1, 1, 2, 10, natural(r, 2)])
    high = low + r.choice([4, 5, 9, 10, 19, 20, 49, 50, 99, r.randint(2, 300)])
    return {"a": str(low), "b": str(high)}


def one_to(r: random.Random) -> Slots:
    """An upper bound from one on."""
    return {"a": "1", "b": str(r.choice([5, 10, 20, 50, 100, 1000, positive(r, 5)]))}


def bound(r: random.Random) -> Slots:
    """An upper bound."""
    return {"n": str(r.choice([10, 20, 30, 50, 100, r.randint(3, 500)]))}


def one(r: random.Random) -> Slots:
    """A natural number."""
    return {"n": spelled(r) if r.random() < 0.05 else str(natural(r))}


def multiples(r: random.Random) -> Slots:
    """A number and how many multiples."""
    return {"a": str(r.randint(2, 25)), "n": count(r, 20)}


_PRIMES = (
    "p = []\nn = 2\nwhile len(p) < {n}:\n    if all(n % d for d in p):\n        p.append(n)\n    n += 1\nprint(p@)"
)
_FIB = "f = [0, 1]\nwhile len(f) < {n}:\n    f.append(f[-1] + f[-2])\nprint(f[@])"
_BETWEEN = "[between {a} and {b}|from {a} to {b}|from {a} up to {b}|from {a} through {b}|in the range {a} to {b}|{a} to {b}|{a} - {b}]"
_UPTO = "[up to|below|under|until|less than|smaller than|to|not greater than]"


def _first(nouns: str) -> tuple[str, ...]:
    return (
        f"@show the first {{n}} [{nouns}]",
        f"first {{n}} [{nouns}]",
        f"what are the first {{n}} [{nouns}]?",
        f"the first {{n}} [{nouns}]",
        f"{{n}} [{nouns}]",
        f"@show {{n}} [{nouns}]",
        # "prinumbers" slipped in when the shipped weights were trained; it stays, so that the recipe gives them.
        f"@show the first {{n}} [{nouns}]".replace("prime numbers", "prinumbers"),
        f"@do [generate|compute|calculate|find|list|print|make] the first {{n}} [{nouns}]",
        f"@do make a list of the first {{n}} [{nouns}]",
        f"the first {{n}} terms of the [{nouns}]",
    )


def _nth(noun: str) -> tuple[str, ...]:
    return (
        f"@the {{n}} [{noun}]?",
        f"{{n}} [{noun}]",
        f"which number is the {{n}} [{noun}]?",
        f"@do [find|compute|calculate|give me] the {{n}} [{noun}]",
    )


SEQUENCES = (
    Family(
        "first primes", 4, first, _PRIMES.replace("@", ""), _first("primes|prime numbers|prime numbers|primes in order")
    ),
    Family("nth prime", 1.5, ordinal, _PRIMES.replace("@", "[-1]"), _nth("prime|prime number")),
    Family(
        "primes to",
        3,
        bound,
        "print([n for n in range(2, {n} + 1) if all(n % d for d in range(2, n))])",
        (
            f"@show [all |all the |the |][primes|prime numbers] {_UPTO} {{n}}",
            f"[primes|prime numbers] {_UPTO} {{n}}",
            "which [numbers|] [from 1 to|between 1 and|up to|below] {n} are prime?",
            "[primes|prime numbers] [between 1 and|from 1 to|between 0 and] {n}",
            "@show the [primes|prime numbers] [between 1 and|from 1 to] {n}",
            "what [primes|prime numbers] are [there |][below|under|up to] {n}?",
        ),
    ),
    Family(
        "count primes",
        1,
        bound,
        "print(sum(all(n % d for d in range(2, n)) for n in range(2, {n} + 1)))",
        (
            f"@howmany [primes|prime numbers] are [there |]{_UPTO} {{n}}?",
            "@howmany [primes|prime numbers] are [there |][between 1 and|from 1 to] {n}?",
        ),
    ),
    Family(
        "first fibonacci",
        4,
        first,
        _FIB.replace("@", ":{n}"),
        (
            *_first(
                "fibonacci numbers|fibonacci numbers|numbers of the fibonacci sequence|fibonacci terms|numbers in the fibonacci sequence|terms of fibonacci|fibonacci series|Fibonacci numbers|terms of the fibonacci sequence"
            ),
            "[fibonacci|the fibonacci sequence|fibonacci sequence|fibonacci series] [up to|with|to|of|for|until] {n} [terms|numbers|elements]",
            "fibonacci {n} [terms|numbers]",
        ),
    ),
    Family(
        "nth fibonacci",
        1.5,
        ordinal,
        _FIB.replace("@", "{n} - 1"),
        _nth("fibonacci number|number of the fibonacci sequence|number in the fibonacci sequence|Fibonacci number"),
    ),
    Family(
        "first squares",
        1.5,
        first,
        "print([i ** 2 for i in range(1, {n} + 1)])",
        _first("squares|square numbers|perfect squares"),
    ),
    Family(
        "first cubes",
        1,
        first,
        "print([i ** 3 for i in range(1, {n} + 1)])",
        _first("cubes|cube numbers|cubic numbers"),
    ),
    Family(
        "first evens",
        2,
        first,
        "print([2 * i for i in range(1, {n} + 1)])",
        _first("even numbers|even integers|positive even numbers"),
    ),
    Family(
        "first odds",
        2,
        first,
        "print([2 * i - 1 for i in range(1, {n} + 1)])",
        _first("odd numbers|odd integers|positive odd numbers"),
    ),
    Family("powers of two", 1, first, "print([2 ** i for i in range({n})])", _first("powers of two|powers of 2")),
    Family(
        "multiples",
        3,
        multiples,
        "print([{a} * i for i in range(1, {n} + 1)])",
        (
            "@show [the first |]{n} multiples of {a}",
            "first {n} multiples of {a}",
            "what are the first {n} multiples of {a}?",
            "the {a} times table up to {n}",
            "@show the multiplication table of {a} up to {n}",
        ),
    ),
    Family(
        "times table",
        2,
        one,
        "print([{n} * i for i in range(1, 11)])",
        (
            "@show the [times table|multiplication table] [of|for] {n}",
            "[times|multiplication] table [of|for] {n}",
            "@show the {n} times table",
            "{n} times table",
            "@show [the |]first 10 multiples of {n}",
        ),
    ),
    Family(
        "evens between",
        3,
        limits,
        "print([n for n in range({a}, {b} + 1) if n % 2 == 0])",
        (
            f"@show [all |all the |the |]even [numbers|integers] {_BETWEEN}",
            f"even numbers {_BETWEEN}",
            f"which numbers {_BETWEEN} are even?",
            f"what are the even numbers {_BETWEEN}?",
        ),
    ),
    Family(
        "odds between",
        3,
        limits,
        "print([n for n in range({a}, {b} + 1) if n % 2 == 1])",
        (
            f"@show [all |all the |the |]odd [numbers|integers] {_BETWEEN}",
            f"odd numbers {_BETWEEN}",
            f"which numbers {_BETWEEN} are odd?",
            f"what are the odd numbers {_BETWEEN}?",
        ),
    ),
    Family(
        "primes between",
        1.5,
        limits,
        "print([n for n in range({a}, {b} + 1) if n > 1 and all(n % d for d in range(2, n))])",
        (
            f"@show [all |all the |the |][primes|prime numbers] {_BETWEEN}",
            f"which numbers {_BETWEEN} are prime?",
            f"[primes|prime numbers] {_BETWEEN}",
        ),
    ),
    Family(
        "count up",
        3,
        limits,
        "print(list(range({a}, {b} + 1)))",
        (
            "@do count from {a} to {b}",
            "@do count up from {a} to {b}",
            f"@show [all |the |all the |][numbers|integers|whole numbers] {_BETWEEN}",
            f"[numbers|integers] {_BETWEEN}",
            f"@do make a list of [the |][numbers|integers] {_BETWEEN}",
            "range({a}, {b} + 1)",
        ),
    ),
    Family(
        "count down",
        2,
        limits,
        "print(list(range({b}, {a} - 1, -1)))",
        (
            "@do count [down|backwards|back] from {b} to {a}",
            "@do count from {b} [down|back] to {a}",
            "countdown from {b} to {a}",
        ),
    ),
    Family(
        "sum to",
        4,
        one_to,
        "print(sum(range({a}, {b} + 1)))",
        (
            f"@the [sum|total] of [all |the |all the |][numbers|integers|whole numbers|natural numbers] {_BETWEEN}?",
            f"@do [add|add up|sum|sum up] [all |the |all the |][numbers|integers] {_BETWEEN}",
            f"sum [of|] [numbers|the numbers|integers|all numbers] {_BETWEEN}",
            "@the sum of the first {b} [integers|numbers|natural numbers|positive integers]?",
            "[sum|add up] 1 to {b}",
            "1 + 2 + 3 + ... + {b}",
            "1+2+3+...+{b}",
            "sum {a} to {b}",
            "1 + 2 + ... + {b}",
        ),
    ),
    Family(
        "sum between",
        1.5,
        limits,
        "print(sum(range({a}, {b} + 1)))",
        (
            f"@the sum of [all |the |all the |][numbers|integers] {_BETWEEN}?",
            f"@do [add|add up|sum] [all |the |all the |]numbers {_BETWEEN}",
        ),
    ),
    Family(
        "sum evens",
        1.5,
        limits,
        "print(sum(n for n in range({a}, {b} + 1) if n % 2 == 0))",
        (
            f"@the sum of [all |the |all the |]even numbers {_BETWEEN}?",
            f"@do [add|add up|sum] [all |the |]even numbers {_BETWEEN}",
        ),
    ),
    Family(
        "sum odds",
        1,
        limits,
        "print(sum(n for n in range({a}, {b} + 1) if n % 2 == 1))",
        (
            f"@the sum of [all |the |all the |]odd numbers {_BETWEEN}?",
            f"@do [add|add up|sum] [all |the |]odd numbers {_BETWEEN}",
        ),
    ),
    Family(
        "sum squares",
        1,
        first,
        "print(sum(i ** 2 for i in range(1, {n} + 1)))",
        ("@the sum of the [first {n} squares|squares of the first {n} numbers|squares from 1 to {n}]?",),
    ),
)
