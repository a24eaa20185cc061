"""Task families: lists of words, and comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import WORDS, listed, value

if TYPE_CHECKING:
    import random


def word_list(r: random.Random) -> Slots:
    """A list of words."""
    words = r.sample(WORDS, r.randint(2, 6))
    if r.random() < 0.15:
        words = [word.capitalize() for word in words]
    code = "[" + ", ".join(f"'{word}'" for word in words) + "]"
    shown = code if r.random() < 0.12 else listed(r, words)
    return {"x": (shown, code)}


_WORDS = "[{x}|{x}|these words: {x}|the words {x}|the list {x}|the following words: {x}|this list of words: {x}|these names: {x}|the names {x}]"
_ABC = "[alphabetically|in alphabetical order|from a to z|by alphabet|a to z]"

WORD_LISTS = (
    Family(
        "sort words",
        5,
        word_list,
        "print(sorted({x}))",
        (
            f"@do [sort|order|arrange|put|list] {_WORDS} {_ABC}",
            f"@do sort {_WORDS}",
            f"[sort|order] {_ABC}: {{x}}",
            f"@do alphabetize {_WORDS}",
            f"{{x}} [sorted|in alphabetical order|{_ABC}]",
            "sort the words {x}",
            "@do put {x} in order",
        ),
    ),
    Family(
        "longest word",
        2,
        word_list,
        "print(max({x}, key=len))",
        (
            "@the longest [word|name|one] [of|in|among|from] {x}?",
            "which [word|one|] is [the |][longest|longer][,|:] {x}?",
            "which of {x} is the longest?",
            "longest [word|] [of|in] {x}",
            "which [of the words|word of|of] {x} has the most letters?",
        ),
    ),
    Family(
        "shortest word",
        1,
        word_list,
        "print(min({x}, key=len))",
        (
            "@the shortest [word|name|one] [of|in|among|from] {x}?",
            "which [word|one|] is [the |][shortest|shorter][,|:] {x}?",
            "which of {x} is the shortest?",
            "shortest [word|] [of|in] {x}",
        ),
    ),
    Family(
        "reverse words",
        1,
        word_list,
        "print({x}[::-1])",
        ("@do reverse [the order of |the list |the list of words ][{x}|{x}]", "@do [flip|reverse] the list {x}"),
    ),
    Family(
        "count words",
        1,
        word_list,
        "print(len({x}))",
        (
            "@howmany [words|items|elements|names] are in [the|this] list[:|] {x}?",
            "@do count the [words|items|names] in [the|this] list[:|] {x}",
        ),
    ),
    Family(
        "is greater",
        2,
        lambda r: {"a": value(r), "b": value(r)},
        "print({a} > {b})",
        ("@is {a} [greater|bigger|larger|more|higher] than {b}?", "{a} > {b}", "@is {a} > {b}?"),
    ),
    Family(
        "is less",
        1,
        lambda r: {"a": value(r), "b": value(r)},
        "print({a} < {b})",
        ("@is {a} [less|smaller|lower] than {b}?", "{a} < {b}", "@is {a} < {b}?"),
    ),
)
