"""Task families: number theory, digits and number systems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .sequences import one
from .values import count, positive

if TYPE_CHECKING:
    import random


def small(r: random.Random) -> Slots:
    """A number that has a factorial of reasonable length."""
    return {"n": count(r, 25) if r.random() < 0.9 else ("0", "0")}


def pair(r: random.Random) -> Slots:
    """Two natural numbers, often with a common divisor."""
    common = r.choice([1, 1, 2, 3, 4, 5, 6, 7, 10, 12])
    return {"a": str(common * positive(r, 3)), "b": str(common * positive(r, 3))}


def binary(r: random.Random) -> Slots:
    """A binary number."""
    return {"n": f"{positive(r, 4):b}"}


def hexadecimal(r: random.Random) -> Slots:
    """A hexadecimal number."""
    text = f"{positive(r, 5):x}"
    return {"n": text.upper() if r.random() < 0.5 else text}


_N = "[{n}|{n}|{n}|the number {n}]"

NUMBERS = (
    Family(
        "factorial",
        5,
        small,
        "from math import factorial\nprint(factorial({n}))",
        (
            "@the factorial of {n}?",
            "factorial [of|] {n}",
            "@do [compute|calculate|find] {n}!",
            "@what {n}!?",
            "{n}!",
            "@what {n} factorial?",
            "{n} factorial",
            "factorial({n})",
            "{n}! = ?",
            f"@do [compute|calculate] the factorial of {_N}",
        ),
    ),
    Family(
        "is prime",
        5,
        one,
        "n = {n}\nprint(n > 1 and all(n % d for d in range(2, int(n ** 0.5) + 1)))",
        (
            f"@is {_N} [prime|a prime|a prime number|a prime number]?",
            "is {n} prime or not?",
            "prime or not: {n}",
            "{n} prime?",
            "is_prime({n})",
            "[check|test] {n} for primality",
        ),
    ),
    Family("is even", 2, one, "print({n} % 2 == 0)", (f"@is {_N} [even|an even number|even or not]?",)),
    Family("is odd", 1.5, one, "print({n} % 2 == 1)", (f"@is {_N} [odd|an odd number]?",)),
    Family(
        "divides",
        2,
        pair,
        "print({a} % {b} == 0)",
        (
            "@is {a} [divisible by|a multiple of|evenly divisible by] {b}?",
            "can {a} be divided by {b}?",
            "does {b} divide {a}?",
            "@is {b} a [divisor|factor] of {a}?",
        ),
    ),
    Family(
        "gcd",
        4,
        pair,
        "from math import gcd\nprint(gcd({a}, {b}))",
        (
            "@the [gcd|greatest common divisor|greatest common factor|highest common factor|gcf|hcf|GCD|largest common divisor] of {a} and {b}?",
            "[gcd|hcf|gcf|GCD|greatest common divisor] [of|] {a} and {b}",
            "gcd({a}, {b})",
            "gcd({a},{b})",
            "[gcd|greatest common divisor] {a} {b}",
            "[gcd|greatest common divisor]: {a}, {b}",
            "[what|which] is the largest number that divides [both |]{a} and {b}?",
        ),
    ),
    Family(
        "lcm",
        4,
        pair,
        "from math import lcm\nprint(lcm({a}, {b}))",
        (
            "@the [lcm|least common multiple|lowest common multiple|smallest common multiple|LCM] of {a} and {b}?",
            "[lcm|LCM|least common multiple|lowest common multiple] [of|] {a} and {b}",
            "lcm({a}, {b})",
            "lcm({a},{b})",
            "[lcm|LCM] {a} {b}",
            "the smallest number divisible by [both |]{a} and {b}",
        ),
    ),
    Family(
        "divisors",
        3,
        one,
        "n = {n}\nprint([d for d in range(1, n + 1) if n % d == 0])",
        (
            f"what are [all |all the |the ][divisors|factors] of {_N}?",
            f"@show [all |all the |the |][divisors|factors] of {_N}",
            "[divisors|factors] of {n}",
            "which numbers divide {n}?",
            "what numbers [is {n} divisible by|can {n} be divided by]?",
        ),
    ),
    Family(
        "prime factors",
        2,
        one,
        "n = {n}\nf = []\nd = 2\nwhile n > 1:\n    while n % d == 0:\n        f.append(d)\n        n //= d\n    d += 1\nprint(f)",
        (
            f"what are the prime factors of {_N}?",
            f"@show the prime factors of {_N}",
            "prime [factors|factorization|decomposition] of {n}",
            "@do [factorize|factor|factorise] {n}",
            "@do [factorize|break down|decompose] {n} into primes",
            "@the prime factorization of {n}?",
        ),
    ),
    Family(
        "digit sum",
        2,
        one,
        "print(sum(int(d) for d in str({n})))",
        (
            "@the sum of [the |all |all the |]digits [of|in] {n}?",
            "@do [sum|add|add up] the digits of {n}",
            "[digit sum|sum of digits|sum of the digits|cross sum] of {n}",
        ),
    ),
    Family(
        "digit count",
        1.5,
        one,
        "print(len(str({n})))",
        (
            "@howmany digits does {n} have?",
            "@howmany digits [are|are there] in {n}?",
            "@the number of digits [of|in] {n}?",
            "@do count the digits [of|in] {n}",
        ),
    ),
    Family(
        "reverse number",
        1,
        one,
        "print(str({n})[::-1])",
        (
            "@do reverse the [digits of |number |digits in ]{n}",
            "{n} [backwards|reversed]",
            "@what {n} [backwards|reversed]?",
        ),
    ),
    Family(
        "to binary",
        4,
        one,
        "print(bin({n})[2:])",
        (
            f"@do convert {_N} [to|into|in] [binary|base 2|a binary number]",
            f"@what {_N} in [binary|base 2]?",
            "@do write {n} in binary",
            "{n} [in|to|as] [binary|base 2]",
            "@the binary [form|representation|version] of {n}?",
            "binary of {n}",
            "bin({n})",
            "binary: {n}",
        ),
    ),
    Family(
        "to hex",
        2.5,
        one,
        "print(hex({n})[2:])",
        (
            f"@do convert {_N} [to|into] [hexadecimal|hex|base 16]",
            f"@what {_N} in [hexadecimal|hex|base 16]?",
            "{n} [in|to|as] [hex|hexadecimal]",
            "@do write {n} in [hex|hexadecimal]",
            "hex({n})",
            "@the hex [form|representation|value] of {n}?",
        ),
    ),
    Family(
        "to octal",
        1,
        one,
        "print(oct({n})[2:])",
        ("@do convert {n} to [octal|base 8]", "@what {n} in [octal|base 8]?", "{n} [in|to] octal"),
    ),
    Family(
        "from binary",
        2,
        binary,
        "print(int('{n}', 2))",
        (
            "@do convert [binary |the binary number ]{n} to decimal",
            "@what [binary |the binary number ]{n} in decimal?",
            "[binary |]{n} [to|in] decimal",
            "@what binary {n}?",
            "@the decimal value of [binary |]{n}?",
            "binary {n} to decimal",
        ),
    ),
    Family(
        "from hex",
        1,
        hexadecimal,
        "print(int('{n}', 16))",
        (
            "@do convert hex {n} to decimal",
            "@what hex {n} in decimal?",
            "hex {n} to decimal",
            "@what [the hex number |hexadecimal ]{n} in decimal?",
        ),
    ),
)
