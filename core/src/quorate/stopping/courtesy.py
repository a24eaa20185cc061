"""Whether a message is nothing but courtesy: thanks, wishes and farewells, told by word lists of thirteen languages.

A message is cut into sentences. Each must be covered, word by word, by phrases of one language's list, or sound like
known courtesies to the small model of ``manners``; any other sentence is content, and a message with content is no
courtesy. Code, figures, names of files and long messages are content before anything is looked up, and a question is
judged by the lists alone. The lists are the files in ``courtesies``:

- ``phrases`` make a courtesy: ``thank you``, ``have a (nice|great) (day|evening)``;
- ``beside`` may stand with them and make none alone: ``great``, ``so much``;
- ``openings`` are phrases after which the clause may say what it is about: ``thank you for [the detailed report]``;
- ``words`` may make up a whole sentence beside a courtesy: ``working with you all was a joy``;
- ``content`` are the words that must not come in that part: ``but``, ``please``, ``now``;
- ``spaced`` says whether words are set apart by spaces; where they are not, the lists are of characters.

``(a|b)`` in a phrase stands for either; an empty part, as in ``(so|) much``, for nothing.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate, filterfalse
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from quorate.stopping.manners import sounds_courteous

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

LONGEST_MESSAGE = 600
"""Characters; what is longer says something."""

LONGEST_ABOUT = {True: 14, False: 24}
"""Words, or characters where words are not set apart, that a clause may have after an opening."""

_COMMA = re.compile("[,;:\u3001\uff0c\uff1a\uff1b\u060c\u061b]")
_SENTENCE = re.compile(
    '([.!?()\\[\\]\n"\u2026\u2013\u2014\u00ab\u00bb\u201c-\u201e\u3002\uff01\uff1f\u061f\u00a1\u00bf]+| - )'
)
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_NAME = re.compile(r",\s*[A-Z][\w-]*(?: [A-Z][\w-]*)?\s*(?=[.!?,;]|$)")
_QUESTION = re.compile("[?\uff1f\u061f]")
_CODE = re.compile(r"[`=<>{}|\\#$%/@]|\d|\w\.[a-z]{1,5}\b")
"""Code, figures, addresses and names of files."""

_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")

Words: TypeAlias = tuple[str, ...]


class Sentence(NamedTuple):
    """The words of a sentence, after how many of them each of its clauses ends, and whether it is a question."""

    words: Words
    commas: tuple[int, ...]
    asks: bool


class Pieces(NamedTuple):
    """The sentences of a message, as it is and bare of names, and whether its words are set apart by spaces."""

    spaced: bool
    tries: list[list[Sentence]]


class Group(NamedTuple):
    """One part of a phrase: what may stand there, by its first word, and whether nothing may."""

    either: dict[str, list[Words]]
    optional: bool


Phrase: TypeAlias = list[Group]

Phrases: TypeAlias = dict[str, list[Phrase]]
"""By the words that they can begin with."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of one language; see the top of this module."""

    spaced: bool
    phrases: Phrases
    beside: Phrases
    openings: Phrases
    words: frozenset[str]
    content: frozenset[str]
    starts: frozenset[str]


def is_courtesy(text: str, names: Collection[str] = ()) -> bool:
    """Whether a message is nothing but courtesy.

    Args:
        text: the text of the message.
        names: the names of those who talk, which may be said in it.
    """
    if len(text) > LONGEST_MESSAGE or not text.strip():
        return False
    said = _without(names, text)
    if _CODE.search(said):
        return False
    pieces = cut(said)
    known = [lexicon for lexicon in lexicons() if lexicon.spaced is pieces.spaced]
    return any(_all_polite(sentences, known) for sentences in pieces.tries)


def cut(text: str) -> Pieces:
    """Cut a message into sentences, as it is, and without a name after a comma: "Thank you, Bob" is no list's to know."""
    spaced = not _UNSPACED.search(text)
    bare = _NAME.sub(" ", text) if spaced else text
    return Pieces(spaced, [_sentences(each, spaced=spaced) for each in dict.fromkeys((text, bare))])


def _without(names: Collection[str], text: str) -> str:
    for name in names:
        if name in text:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", text)
    return text


def _sentences(text: str, *, spaced: bool) -> list[Sentence]:
    found: list[Sentence] = []
    parts = [*_SENTENCE.split(text), ""]
    for sentence, mark in zip(parts[::2], parts[1::2], strict=True):
        clauses = [_words(clause, spaced=spaced) for clause in _COMMA.split(sentence)]
        if words := tuple(word for clause in clauses for word in clause):
            asks = _QUESTION.search(mark) is not None
            found.append(Sentence(words, tuple(accumulate(map(len, clauses))), asks))
    return found


def _all_polite(sentences: Collection[Sentence], known: Sequence[Lexicon]) -> bool:
    """Whether no sentence has content, and one of them is a courtesy."""
    courteous, asks = False, any(sentence.asks for sentence in sentences)
    for sentence in sentences:
        found = _judge(sentence, known, by_lists=asks)
        if found is None:
            return False
        courteous = courteous or (found and not sentence.asks)
    return courteous


def _judge(sentence: Sentence, known: Sequence[Lexicon], *, by_lists: bool) -> bool | None:
    """Whether a sentence is a courtesy; None when it has content. In a message that asks, the lists alone say so."""
    words = sentence.words
    starting = (lexicon for lexicon in known if words[0] in lexicon.starts)
    found = {_cover(lexicon, words, sentence.commas) for lexicon in starting} - {None}
    if found or by_lists:
        return True in found if found else None
    if sounds_courteous(words, spaced=known[0].spaced):
        return True
    return False if any(lexicon.words.issuperset(words) for lexicon in known) else None


def _cover(lexicon: Lexicon, words: Words, commas: tuple[int, ...]) -> bool | None:
    """Whether a courtesy is among the phrases that cover a sentence; None when it is not covered.

    Args:
        lexicon: one language's list.
        words: those of the sentence.
        commas: after how many words each of its clauses ends.
    """
    reached: dict[int, bool] = {0: False}
    for start in range(len(words)):
        if start not in reached:
            continue
        for end in _ends(lexicon.openings, words, start):
            clause = next(comma for comma in commas if comma >= end)
            if _is_about(lexicon, words[end:clause]):
                reached[clause] = True
        for end in _ends(lexicon.phrases, words, start):
            reached[end] = True
        for end in _ends(lexicon.beside, words, start):
            reached[end] = reached.get(end, False) or reached[start]
    return reached.get(len(words))


def _ends(phrases: Phrases, words: Words, start: int) -> Iterator[int]:
    """Where the phrases that begin at a word may end."""
    size = len(words)
    for phrase in phrases.get(words[start], ()):
        ends = {start}
        for either, optional in phrase:
            after: set[int] = set(ends) if optional else set()
            for end in ends:
                for part in either.get(words[end], ()) if end < size else ():
                    if len(part) == 1 or words[end : end + len(part)] == part:
                        after.add(end + len(part))
            ends = after
            if not ends:
                break
        yield from ends - {start}


def _is_about(lexicon: Lexicon, words: Words) -> bool:
    """Whether the rest of a clause only says what the courtesy is about."""
    if len(words) > LONGEST_ABOUT[lexicon.spaced]:
        return False
    if lexicon.spaced:
        return lexicon.content.isdisjoint(words)
    return not any(word in "".join(words) for word in lexicon.content)


@lru_cache(maxsize=1)
def lexicons() -> tuple[Lexicon, ...]:
    """The lists of all languages."""
    folder = files("quorate.stopping") / "courtesies"
    entries = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".json")), key=lambda entry: entry.name
    )
    return tuple(_lexicon(json.loads(entry.read_text(encoding="utf-8"))) for entry in entries)


def _lexicon(data: dict[str, Any]) -> Lexicon:
    spaced = bool(data.get("spaced", True))
    phrases, beside, openings = (
        _by_first_word(data[kind], spaced=spaced) for kind in ("phrases", "beside", "openings")
    )
    own, content = (frozenset(map(_plain, data.get(kind, "").split())) for kind in ("words", "content"))
    return Lexicon(spaced, phrases, beside, openings, own, content, frozenset({*phrases, *beside, *openings}))


def _by_first_word(patterns: Iterable[str], *, spaced: bool) -> Phrases:
    found: Phrases = {}
    for pattern in patterns:
        phrase = [_group(part.split("|"), spaced=spaced) for part in re.split(r"[()]", pattern) if part.strip()]
        for word in _first_words(phrase):
            found.setdefault(word, []).append(phrase)
    return found


def _group(parts: Iterable[str], *, spaced: bool) -> Group:
    either: dict[str, list[Words]] = {}
    optional = False
    for part in parts:
        if words := _words(part, spaced=spaced):
            either.setdefault(words[0], []).append(words)
        else:
            optional = True
    return Group(either, optional)


def _first_words(phrase: Phrase) -> set[str]:
    words: set[str] = set()
    for group in phrase:
        words.update(group.either)
        if not group.optional:
            break
    return words


def _words(text: str, *, spaced: bool) -> Words:
    plain = _plain(text)
    return tuple(_WORD.findall(plain)) if spaced else tuple("".join(_WORD.findall(plain)))


def _plain(text: str) -> str:
    """Without case, accents and kinds of apostrophes."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.replace("\u2019", "'").casefold())
    return apart if apart.isascii() else "".join(filterfalse(unicodedata.combining, apart))
