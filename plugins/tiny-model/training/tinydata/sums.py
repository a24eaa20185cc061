"""Task families: arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import count, natural, positive, spelled, value

if TYPE_CHECKING:
    import random


def two(r: random.Random) -> Slots:
    """Two numbers of any kind."""
    return {"a": value(r), "b": value(r)}


def divisible(r: random.Random) -> Slots:
    """Two numbers for a division; about half come out even."""
    divisor = positive(r, 3)
    number = divisor * positive(r, 3) if r.random() < 0.5 else natural(r)
    return {"a": str(number), "b": str(divisor)}


def power(r: random.Random) -> Slots:
    """A base and a small exponent."""
    return {"a": str(r.choice([2, 2, 3, 10, r.randint(2, 99)])), "b": count(r, 20)}


def one(r: random.Random) -> Slots:
    """One natural number."""
    return {"a": spelled(r) if r.random() < 0.06 else str(natural(r))}


def three(r: random.Random) -> Slots:
    """Three numbers."""
    return {"a": value(r, 4), "b": value(r, 4), "c": value(r, 3)}


def expression(r: random.Random) -> Slots:
    """An expression of two to five terms, written in one of several ways."""
    n = r.choices([2, 3, 4, 5], [9, 8, 3, 1])[0]
    plain = [str(natural(r, 4)) if r.random() < 0.75 else value(r, 4)[1] for _ in range(n)]
    ops = [r.choice("+-*/" if n == 2 else "+-*+-*/") for _ in range(n - 1)]
    at = r.randrange(n - 1) if n > 2 and r.random() < 0.5 else -1
    shown = {"*": r.choice(["*"] * 6 + ["x", "x", "×"]), "/": r.choice(["/"] * 5 + ["÷", ":"]), "+": "+", "-": "-"}
    gap = " " if r.random() < 0.7 else ""
    text = code = ""
    for i, drawn in enumerate(plain):
        number = drawn if gap else drawn.lstrip("-")
        number = "7" if i and ops[i - 1] == "/" and not float(number) else number
        open_, close = "(" * (i == at), ")" * (at >= 0 and i == at + 1)
        text += open_ + number + close
        code += open_ + number + close
        if i < n - 1:
            text += f"{gap}{shown[ops[i]]}{gap}"
            code += f" {ops[i]} "
    return {"e": (text, code)}


SUMS = (
    Family(
        "expression",
        16,
        expression,
        "print({e})",
        (
            "@what {e}?",
            "@what {e}?",
            "{e}",
            "{e}",
            "{e} =",
            "{e} = ?",
            "{e}=",
            "{e}?",
            "@do [evaluate|solve|calculate|compute|work out|do] {e}",
            "@the [result|value|answer|solution] [of|to|for] {e}?",
            "what does {e} [equal|give|come to|make|evaluate to|come out to]?",
            "[evaluate|solve|calculate|compute|calc|eval|math|find|answer]: {e}",
            "i [need to know|want to know|wonder] what {e} is",
            "how much [does|would|will] {e} [make|come to|be]?",
            "what do [i|you|we] get [for|from|when i compute|if i calculate|if you do] {e}?",
            "@do tell me what {e} is",
            "{e} [is what|equals|equals what|is|makes|gives]?",
        ),
    ),
    Family(
        "add",
        5,
        two,
        "print({a} + {b})",
        (
            "@what {a} plus {b}?",
            "@the sum of {a} and {b}?",
            "@do add {a} [and|to|plus|with] {b}",
            "@do sum {a} and {b}",
            "@what {a} added to {b}?",
            "{a} plus {b}",
            "{a} and {b} [together|in total|combined|added up]?",
            "what do {a} and {b} [add up to|sum to|make|make together|come to|give together]?",
            "if [i|you|we] add {a} [and|to] {b}, what do [i|you|we] get?",
            "@the total of {a} and {b}?",
            "[add|adding] {a} and {b} [together|up] [gives|gives what|is|]?",
        ),
    ),
    Family(
        "subtract",
        4,
        two,
        "print({a} - {b})",
        (
            "@what {a} minus {b}?",
            "@the difference [of|between] {a} and {b}?",
            "{a} minus {b}",
            "@what {a} less {b}?",
            "what [is left|remains|do i get] [if|when] [i|you] [take|subtract] {b} [from|off] {a}?",
            "how much is left of {a} after [taking away|removing|subtracting] {b}?",
            "how much [more|bigger|larger|greater] is {a} than {b}?",
            "@what {a} take away {b}?",
            "@do reduce {a} by {b}",
            "@do decrease {a} by {b}",
        ),
    ),
    Family(
        "subtract from",
        2,
        two,
        "print({b} - {a})",
        (
            "@do subtract {a} from {b}",
            "@do take {a} [from|away from|off] {b}",
            "@what {a} [subtracted|taken away] from {b}?",
            "@do deduct {a} from {b}",
            "how much is missing from {a} to {b}?",
            "what do i [have to|need to] add to {a} to get {b}?",
            "@what {b} if you [take away|subtract] {a}?",
        ),
    ),
    Family(
        "multiply",
        5,
        two,
        "print({a} * {b})",
        (
            "@what {a} times {b}?",
            "@the product of {a} and {b}?",
            "@do multiply {a} [by|with|and|times] {b}",
            "@what {a} multiplied [by|with] {b}?",
            "{a} times {b}",
            "{a} multiplied by {b}",
            "what do [i|you] get [if|when] [i|you] multiply {a} [by|and|with] {b}?",
            "@what {a} x {b}?",
            "{a} × {b}",
        ),
    ),
    Family(
        "divide",
        4,
        divisible,
        "print({a} / {b})",
        (
            "@what {a} divided by {b}?",
            "@do divide {a} [by|through|into] {b}",
            "{a} divided by {b}",
            "{a} over {b}",
            "@the quotient of {a} and {b}?",
            "how many times does {b} [go|fit] [into|in] {a}?",
            "what do [i|you] get [if|when] [i|you] divide {a} by {b}?",
            "@what {a} split [by|into] {b}?",
            "@do split {a} by {b}",
            "@the ratio of {a} to {b}?",
        ),
    ),
    Family(
        "whole division",
        1,
        divisible,
        "print({a} // {b})",
        (
            "@the [integer|whole|whole number] [quotient|division] of {a} [and|by] {b}?",
            "{a} // {b}",
            "@what {a} // {b}?",
            "integer division of {a} by {b}",
        ),
    ),
    Family(
        "remainder",
        3,
        divisible,
        "print({a} % {b})",
        (
            "@the remainder [of|for] {a} divided by {b}?",
            "@the remainder [when|if] [you divide {a} by {b}|{a} is divided by {b}|dividing {a} by {b}]?",
            "@what {a} [mod|modulo|modulus] {b}?",
            "{a} [mod|modulo] {b}",
            "what is left over when [you divide|dividing] {a} by {b}?",
            "{a} % {b}",
            "@what {a} % {b}?",
            "remainder of {a} [/|divided by|over|by] {b}",
            "what remains if {a} is divided by {b}?",
        ),
    ),
    Family(
        "power",
        4,
        power,
        "print({a} ** {b})",
        (
            "@what {a} to the [power of|power] {b}?",
            "@do raise {a} to the [power of|power] {b}",
            "{a}^{b}",
            "{a} ** {b}",
            "{a}**{b}",
            "@what {a}^{b}?",
            "@what {a}**{b}?",
            "{a} to the [power of|power] {b}",
            "@what {a} raised to [the power of|the power|] {b}?",
            "{a} power {b}",
            "the {b}th power of {a}",
        ),
    ),
    Family(
        "square",
        3,
        one,
        "print({a} ** 2)",
        (
            "@the square of {a}?",
            "@what {a} squared?",
            "@do square {a}",
            "{a} squared",
            "@do square the number {a}",
            "@what {a} times itself?",
            "{a}²",
        ),
    ),
    Family(
        "cube",
        2,
        one,
        "print({a} ** 3)",
        ("@the cube of {a}?", "@what {a} cubed?", "@do cube {a}", "{a} cubed", "@what {a} to the third power?", "{a}³"),
    ),
    Family(
        "square root",
        4,
        one,
        "from math import sqrt\nprint(sqrt({a}))",
        (
            "@the [square root|sqrt|squareroot] of {a}?",
            "[square root|sqrt|root] [of|] {a}",
            "sqrt({a})",
            "@what sqrt({a})?",
            "√{a}",
            "@the root of {a}?",
            "which number squared [is|gives|makes] {a}?",
            "@do take the square root of {a}",
        ),
    ),
    Family("cube root", 1, one, "print({a} ** (1 / 3))", ("@the [cube|third|cubic] root of {a}?", "cube root of {a}")),
    Family(
        "half",
        1,
        one,
        "print({a} / 2)",
        (
            "@what half of {a}?",
            "half of {a}",
            "@do [halve|cut in half] {a}",
            "@what one half of {a}?",
            "@what {a} halved?",
        ),
    ),
    Family(
        "double",
        1,
        one,
        "print({a} * 2)",
        (
            "@what [double|twice|two times] {a}?",
            "[double|twice] {a}",
            "@do double {a}",
            "@what {a} doubled?",
            "@what the double of {a}?",
        ),
    ),
    Family("third", 1, one, "print({a} / 3)", ("@what [a third|one third] of {a}?", "[a third|one third] of {a}")),
    Family(
        "quarter",
        1,
        one,
        "print({a} / 4)",
        ("@what [a quarter|one quarter|one fourth|a fourth] of {a}?", "[a quarter|one fourth] of {a}"),
    ),
    Family(
        "triple",
        1,
        one,
        "print({a} * 3)",
        ("@what [triple|three times|the triple of] {a}?", "@do triple {a}", "triple {a}"),
    ),
    Family(
        "add three",
        2,
        three,
        "print({a} + {b} + {c})",
        ("@what {a} plus {b} plus {c}?", "{a} plus {b} plus {c}", "@the sum of {a} plus {b} plus {c}?"),
    ),
    Family(
        "times plus",
        2,
        three,
        "print({a} * {b} + {c})",
        (
            "@what {a} times {b} plus {c}?",
            "@do multiply {a} [by|and|with] {b}[, then| and|, and| and then] add {c}",
            "{a} times {b}, plus {c}",
            "@do multiply {a} by {b} and add {c} to the result",
        ),
    ),
    Family(
        "times minus",
        1,
        three,
        "print({a} * {b} - {c})",
        (
            "@what {a} times {b} minus {c}?",
            "@do multiply {a} [by|and|with] {b}[, then| and|, and| and then] subtract {c}",
        ),
    ),
    Family(
        "plus minus",
        1,
        three,
        "print({a} + {b} - {c})",
        (
            "@what {a} plus {b} minus {c}?",
            "@do add {a} [and|to] {b}[, then| and|, and| and then] [subtract|take away] {c}",
        ),
    ),
    Family(
        "sum times",
        2,
        three,
        "print(({a} + {b}) * {c})",
        (
            "@do add {a} [and|to] {b}[, then| and|, and| and then] multiply [the result |it |that |]by {c}",
            "@the sum of {a} and {b}[,|] times {c}?",
            "@the sum of {a} and {b} multiplied by {c}?",
        ),
    ),
    Family(
        "round",
        1,
        lambda r: {"a": f"{natural(r, 3)}.{r.randint(1000, 99999)}", "n": count(r, 4)},
        "print(round({a}, {n}))",
        (
            "@do round {a} to {n} [decimals|decimal places|digits|decimal digits|places]",
            "@what {a} rounded to {n} [decimals|decimal places|digits]?",
            "{a} rounded to {n} decimals",
        ),
    ),
    Family(
        "round whole",
        1,
        lambda r: {"a": f"{natural(r, 3)}.{r.randint(1, 999)}"},
        "print(round({a}))",
        (
            "@do round {a}",
            "@do round {a} to the nearest [integer|whole number|whole|number]",
            "@what {a} rounded?",
            "round({a})",
        ),
    ),
)
