"""How much a sentence sounds like courtesy: a linear model for what the word lists have no phrase for.

The weights, in hundredths, are trained by ``benchmarks/courtesy_corpus/train.py`` on the messages beside it, and know
only what was met in courtesies: a word that is strange to them counts against a sentence, and two always do.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SURE = 400
"""What a sentence must reach."""

LONGEST = {True: 24, False: 48}
"""Words, or characters where words are not set apart; in a longer sentence much courtesy would hide what else it says."""

STEM = 5
"""Letters of a long word that tell it in another form."""

STRANGE, BIAS = "<strange>", "<bias>"


def sounds_courteous(words: Sequence[str], *, spaced: bool) -> bool:
    """Whether a sentence is so near to known courtesies that it is taken for one.

    Args:
        words: those of the sentence, plain, or its characters where words are not set apart.
        spaced: whether they are words.
    """
    known = weights()
    if not 1 < len(words) <= LONGEST[spaced] or strangeness(words, known, spaced=spaced) > 1:
        return False
    return sum(known.get(feature, 0) for feature in features(words, known, spaced=spaced)) >= SURE


def features(words: Sequence[str], known: Mapping[str, float], *, spaced: bool) -> list[str]:
    """What the model looks at: words, their beginnings, and pairs; or characters, pairs and threes of them."""
    found = [BIAS, f"<{len(words) // (3 if spaced else 6)}>"]
    found += [STRANGE] * sum(word not in known for word in words)
    if spaced:
        found += words
        found += [stem(word) for word in words if len(word) > STEM]
        found += map(" ".join, zip(("^", *words), (*words, "$"), strict=True))
    else:
        line = f"^{''.join(words)}$"
        found += words
        found += [line[at : at + size] for size in (2, 3) for at in range(len(line) - size + 1)]
    return found


def strangeness(words: Sequence[str], known: Mapping[str, float], *, spaced: bool) -> float:
    """How many words were met in no courtesy; one that is known in another form counts half."""
    strange = [word for word in words if word not in known]
    if spaced:
        return sum(0.5 if len(word) > STEM and stem(word) in known else 1 for word in strange)
    pairs = sum(first + second not in known for first, second in pairwise(words))
    return len(strange) / 2 + pairs / 3


def stem(word: str) -> str:
    """The beginning of a word, marked as one."""
    return word[:STEM] + "~"


@lru_cache(maxsize=1)
def weights() -> dict[str, int]:
    """What each feature says for courtesy, or against it."""
    text = (files("quorate.stopping") / "courtesy_weights.json").read_text(encoding="utf-8")
    kept: dict[str, int] = json.loads(text)
    return kept
