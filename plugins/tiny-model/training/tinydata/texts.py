"""Task families: words, sentences and their letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .phrasing import Family, Slots
from .values import a_sentence, a_word, count, quoted

if TYPE_CHECKING:
    import random


def word(r: random.Random) -> Slots:
    """One word, often bare."""
    text = a_word(r)
    return {"w": (quoted(r, text, 0.55), f"'{text}'")}


def word_or_sentence(r: random.Random) -> Slots:
    """A word, or some words (in quotes more often)."""
    if r.random() < 0.6:
        return word(r)
    text = a_sentence(r)
    return {"w": (quoted(r, text, 0.35), f"'{text}'")}


def sentence(r: random.Random) -> Slots:
    """Some words."""
    text = a_sentence(r)
    return {"w": (quoted(r, text, 0.3), f"'{text}'")}


def word_letter(r: random.Random) -> Slots:
    """A text and a letter, most often one of its own."""
    text = a_word(r) if r.random() < 0.8 else a_sentence(r)
    letter = r.choice(text.lower().replace(" ", "")) if r.random() < 0.75 else r.choice("abcdefghijklmnopqrstuvwxyz")
    shown = letter.upper() if r.random() < 0.1 else letter
    bare = 0.6 if " " not in text else 0.3
    return {
        "w": (quoted(r, text, bare), f"'{text}'"),
        "c": (shown, f"'{letter}'"),
        "q": (quoted(r, shown, 0.6), f"'{letter}'"),
    }


def word_count(r: random.Random) -> Slots:
    """A word and a number of times."""
    return {**word(r), "n": count(r, 20)}


def swap(r: random.Random) -> Slots:
    """A word and two letters."""
    text = a_word(r).lower()
    old, new = r.choice(text), r.choice("abcdefghijklmnopqrstuvwxyz")
    return {
        "w": (quoted(r, text, 0.6), f"'{text}'"),
        "o": (quoted(r, old, 0.6), f"'{old}'"),
        "n": (quoted(r, new, 0.6), f"'{new}'"),
    }


def two_words(r: random.Random) -> Slots:
    """Two words, sometimes anagrams."""
    first = a_word(r).lower()
    second = "".join(r.sample(first, len(first))) if r.random() < 0.5 else a_word(r).lower()
    bare = 0.6
    return {"v": (quoted(r, first, bare), f"'{first}'"), "w": (quoted(r, second, bare), f"'{second}'")}


_W = "[{w}|{w}|the word {w}|the string {w}|the text {w}|the word: {w}|this word: {w}]"
_S = "[{w}|{w}|the string {w}|the text {w}|the sentence {w}|the phrase {w}|this: {w}|this sentence: {w}|the following text: {w}]"
_UPPER = (
    "[uppercase|upper case|capital letters|all caps|capitals|caps|upper-case letters|uppercase letters|big letters]"
)
_LOWER = "[lowercase|lower case|small letters|lower-case letters|lowercase letters]"

TEXTS = (
    Family(
        "length",
        6,
        word_or_sentence,
        "print(len({w}))",
        (
            f"@howmany [letters|characters|chars] [are|are there|is] in {_W}?",
            f"@howmany [letters|characters] does {_W} have?",
            f"@the [length|number of letters|number of characters|letter count|character count|size] [of|in] {_W}?",
            f"@do count [the |][letters|characters] [in|of] {_W}",
            "how long is [the word |the string |the text |]{w}?",
            "[length|letter count|character count] [of|:] {w}",
            "@howmany letters [does it take to spell|are needed to write|in] {w}?",
            "len({w})",
        ),
    ),
    Family(
        "reverse text",
        6,
        word_or_sentence,
        "print({w}[::-1])",
        (
            f"@do reverse {_W}",
            f"@do [spell|write|type|print|say] {_W} [backwards|backward|in reverse|from back to front|the other way round]",
            f"what is {_W} [backwards|reversed|spelled backwards|in reverse]?",
            "{w} [backwards|reversed|in reverse]",
            f"@the reverse of {_W}?",
            f"@do [flip|turn around|invert] [{_W}|the letters of {_W}]",
            "reverse [string|word|text]: {w}",
            "how do you [spell|write] {w} backwards?",
            "reverse: {w}",
            "@do reverse the letters [of|in] {w}",
        ),
    ),
    Family(
        "upper",
        4,
        word_or_sentence,
        "print({w}.upper())",
        (
            f"@do [write|put|print|type] {_S} in {_UPPER}",
            f"@do [convert|change|turn|transform|switch] {_S} [to|into] {_UPPER}",
            f"@do [make|turn] {_S} {_UPPER}",
            f"{{w}} [in|to] {_UPPER}",
            "[uppercase|upper case|upper|capitalize all]: {w}",
            f"what is {{w}} in {_UPPER}?",
            "@do uppercase {w}",
            f"{_UPPER} of {{w}}",
        ),
    ),
    Family(
        "lower",
        4,
        word_or_sentence,
        "print({w}.lower())",
        (
            f"@do [write|put|print|type] {_S} in {_LOWER}",
            f"@do [convert|change|turn|transform|switch] {_S} [to|into] {_LOWER}",
            f"@do [make|turn] {_S} {_LOWER}",
            f"{{w}} [in|to] {_LOWER}",
            "[lowercase|lower case|lower]: {w}",
            f"what is {{w}} in {_LOWER}?",
            "@do lowercase {w}",
        ),
    ),
    Family(
        "title",
        2,
        word_or_sentence,
        "print({w}.title())",
        (
            f"@do [capitalize|capitalise] {_S}",
            f"@do [capitalize|capitalise] [each|every] word [of|in] {_S}",
            f"@do [write|convert|put] {_S} [in|to] title case",
            "{w} in title case",
            "title case: {w}",
            f"@do make the first letter of [each|every] word in {_S} [uppercase|a capital]",
        ),
    ),
    Family(
        "count letter",
        6,
        word_letter,
        "print({w}.lower().count({q}))",
        (
            "@howmany times does the letter {q} [appear|occur|come up|show up] in [the word |]{w}?",
            "@do count [the letter |the |how many |]{q} in [the word |]{w}",
            "@howmany {c}'s [are|are there|] in [the word |]{w}?",
            "@howmany {c}s [are|are there|] in [the word |]{w}?",
            "@howmany {c} [are|are there|] in [the word |]{w}?",
            "@howmany letters {q} [are|are there|] in [the word |]{w}?",
            "@howmany {c}'s does [the word |]{w} have?",
            "how often does [the letter |]{q} [appear|occur|come] in {w}?",
            "@the [number|count] of {c}'s in {w}?",
            "@do count the {c}'s in {w}",
            "@howmany times [is|does] [the letter |]{q} [used |appear |]in {w}?",
            "number of {q} in {w}",
        ),
    ),
    Family(
        "vowels",
        3,
        word_or_sentence,
        "print(sum(c in 'aeiou' for c in {w}.lower()))",
        (
            f"@howmany vowels [are|are there] in {_W}?",
            f"@do count [the |]vowels in {_W}",
            f"@the number of vowels in {_W}?",
            "@howmany vowels does {w} [have|contain]?",
            "[vowels|vowel count] [in|of] {w}",
        ),
    ),
    Family(
        "consonants",
        1,
        word,
        "print(sum(c not in 'aeiou' for c in {w}.lower()))",
        (
            f"@howmany consonants [are|are there] in {_W}?",
            f"@do count [the |]consonants in {_W}",
            "@howmany consonants does {w} [have|contain]?",
        ),
    ),
    Family(
        "palindrome",
        3,
        word,
        "w = {w}.lower()\nprint(w == w[::-1])",
        (
            f"@is {_W} a palindrome?",
            "@is {w} [the same backwards|the same forwards and backwards|the same when reversed|spelled the same backwards]?",
            "does {w} read the same [backwards|in both directions|both ways]?",
            "palindrome[?|:] {w}",
            "[is it true that|check if|check whether|tell me if] {w} is a palindrome?",
        ),
    ),
    Family(
        "word count",
        5,
        sentence,
        "print(len({w}.split()))",
        (
            f"@howmany words [are|are there|is] in {_S}?",
            f"@do count the words in {_S}",
            f"@the [number of words|word count] [in|of] {_S}?",
            "@howmany words does [the sentence |the phrase |]{w} [have|contain]?",
            "word count[:| of] {w}",
            "words in {w}?",
        ),
    ),
    Family(
        "word order",
        1,
        sentence,
        "print(' '.join({w}.split()[::-1]))",
        (
            f"@do reverse the [words|word order|order of the words|order of words] [in|of] {_S}",
            f"@do [write|print] {_S} with the words in reverse order",
        ),
    ),
    Family(
        "first letter",
        2,
        word,
        "print({w}[0])",
        (
            f"@the first [letter|character] [of|in] {_W}?",
            "first letter of {w}",
            "[what|which] letter does {w} [start|begin] with?",
        ),
    ),
    Family(
        "last letter",
        2,
        word,
        "print({w}[-1])",
        (f"@the last [letter|character] [of|in] {_W}?", "last letter of {w}", "[what|which] letter does {w} end with?"),
    ),
    Family(
        "repeat",
        2,
        word_count,
        "print({w} * {n})",
        (
            f"@do [repeat|print|write|say] {_W} {{n}} times",
            "repeat {w} {n} times",
            "{w} {n} times",
            "{w} repeated {n} times",
        ),
    ),
    Family(
        "replace",
        2,
        swap,
        "print({w}.replace({o}, {n}))",
        (
            "@do replace [the letter |every |all |each |]{o} [with|by] {n} in [the word |]{w}",
            "@do [change|swap] [the letter |every |all |]{o} [to|for|into] {n} in [the word |]{w}",
            "in [the word |]{w}, replace {o} [with|by] {n}",
        ),
    ),
    Family(
        "sort letters",
        1,
        word,
        "print(''.join(sorted({w})))",
        (
            f"@do sort the [letters|characters] [of|in] {_W}",
            f"@do put the letters of {_W} in alphabetical order",
            "letters of {w} sorted alphabetically",
        ),
    ),
    Family(
        "letters",
        1,
        word,
        "print(list({w}))",
        (
            f"@do split {_W} into [letters|characters]",
            f"@do list the letters [of|in] {_W}",
            "@do spell [the word |]{w}",
            "how do you spell {w}?",
            "what are the letters of {w}?",
        ),
    ),
    Family(
        "unique letters",
        1,
        word,
        "print(len(set({w}.lower())))",
        (
            f"@howmany [different|unique|distinct] letters [are|are there] in {_W}?",
            "@howmany [different|unique] letters does {w} have?",
        ),
    ),
    Family(
        "anagram",
        1,
        two_words,
        "print(sorted({v}) == sorted({w}))",
        ("[are|are|check if] {v} and {w} anagrams?", "@is {v} an anagram of {w}?"),
    ),
    Family(
        "starts with",
        1,
        word_letter,
        "print({w}.lower().startswith({q}))",
        ("does {w} [start|begin] with [the letter |an |a |]{q}?",),
    ),
    Family(
        "contains",
        1,
        word_letter,
        "print({q} in {w}.lower())",
        (
            "does [the word |]{w} [contain|have|include] [the letter |an |a |]{q}?",
            "@is [the letter |]{q} in [the word |]{w}?",
            "@is there [a|an] {q} in {w}?",
        ),
    ),
)
