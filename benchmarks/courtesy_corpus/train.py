"""Train the weights of `quorate.stopping.manners` on `seen.json`: `python benchmarks/courtesy_corpus/train.py`.

Logistic regression with a step of its own for each weight, in plain Python; the same corpus and word lists give the same
weights. Sentences of endings, and phrases drawn from the word lists, are courtesies. Of an ordinary message only the
sentences that sound least like courtesy are content: "Thank you." may stand in it, too. So it is trained in rounds.
`unseen.json` is not read.
"""

from __future__ import annotations

import json
import math
import random
import re
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from quorate.stopping import courtesy, manners

SEEN = Path(__file__).with_name("seen.json")
TARGET = Path(manners.__file__).with_name("courtesy_weights.json")
DRAWS, ROUNDS, EPOCHS, RATE, DECAY = 4, 3, 20, 0.3, 2e-4
WORTH = {"ending": 1.0, "ordinary": 2.0, "phrase": 0.3}
SMALL = 0.5
FIRM = -1.0
"""A sentence of an ordinary message that scores lower is content, even where another one scores lower still."""


class Example(NamedTuple):
    """A sentence, of which message, and what it counts as."""

    message: int
    kind: str
    words: tuple[str, ...]
    spaced: bool


def examples(corpus: dict[str, dict[str, list[str]]]) -> list[Example]:
    """The sentences of the corpus, and phrases of the lists."""
    texts = [
        (text, kind)
        for labelled in corpus.values()
        for kind, label in (("ending", "endings"), ("ordinary", "ordinary"))
        for text in labelled[label]
    ]
    found: list[Example] = []
    for message, (text, kind) in enumerate(texts):
        found += [Example(message, kind, words, spaced) for words, spaced in sentences(text)]
    found += [Example(-1, "phrase", words, spaced) for words, spaced in phrases()]
    polite = {each.words for each in found if each.kind != "ordinary"}
    return [each for each in found if each.kind != "ordinary" or each.words not in polite]


def sentences(text: str) -> list[tuple[tuple[str, ...], bool]]:
    """The words of each sentence, and whether they are set apart."""
    pieces = courtesy.cut(text)
    return [(sentence.words, pieces.spaced) for sentence in pieces.tries[-1]]


def phrases() -> list[tuple[tuple[str, ...], bool]]:
    """Phrases drawn from the word lists."""
    draw = random.Random(1)  # noqa: S311 - the same phrases each time
    found: list[tuple[tuple[str, ...], bool]] = []
    for entry in sorted((files("quorate.stopping") / "courtesies").iterdir(), key=lambda entry: entry.name):
        data = json.loads(entry.read_text(encoding="utf-8"))
        for pattern in [*data["phrases"], *data["beside"]]:
            parts = [part.split("|") for part in re.split(r"[()]", pattern)]
            for _ in range(DRAWS):
                said = sentences(" ".join(draw.choice(part) for part in parts))
                found += [(words, data.get("spaced", True)) for words, _spaced in said]
    return found


def vocabulary(given: list[Example]) -> dict[str, float]:
    """What is in a courtesy, and in another message or in a list, too."""
    messages: dict[str, set[int]] = defaultdict(set)
    courteous: set[str] = set()
    for example in given:
        for feature in manners.features(example.words, {}, spaced=example.spaced):
            # A word that is in a list is known, though no message has it.
            listed = example.kind == "phrase" and feature in example.words
            messages[feature].update({-1, -2} if listed else {example.message})
            if example.kind != "ordinary":
                courteous.add(feature)
    known = sorted(feature for feature, where in messages.items() if len(where) > 1 and feature in courteous)
    return dict.fromkeys([*known, manners.STRANGE], 0.0)


def fit(rows: list[tuple[list[str], bool, float]], known: dict[str, float]) -> dict[str, float]:
    """The weights that tell courtesies best."""
    draw = random.Random(7)  # noqa: S311 - the same order each time
    weights, squares, rows = dict.fromkeys(known, 0.0), dict.fromkeys(known, 1e-8), list(rows)
    for _ in range(EPOCHS):
        draw.shuffle(rows)
        for features, courteous, worth in rows:
            total = max(-30.0, min(30.0, sum(weights[feature] for feature in features)))
            error = (1 / (1 + math.exp(-total)) - courteous) * worth
            for feature in features:
                slope = error + DECAY * weights[feature]
                squares[feature] += slope * slope
                weights[feature] -= RATE * slope / math.sqrt(squares[feature])
    return weights


def train(corpus: dict[str, dict[str, list[str]]]) -> dict[str, int]:
    """The weights, in hundredths."""
    given = examples(corpus)
    known = vocabulary(given)
    rows = [
        [feature for feature in manners.features(each.words, known, spaced=each.spaced) if feature in known]
        for each in given
    ]
    kept = list(range(len(given)))
    weights: dict[str, float] = {}
    for _ in range(ROUNDS):
        chosen = [(rows[at], given[at].kind != "ordinary", WORTH[given[at].kind]) for at in kept]
        weights = fit(chosen, known)
        scores = [sum(weights[feature] for feature in row) for row in rows]
        least: dict[int, float] = {}
        for each, reached in zip(given, scores, strict=True):
            least[each.message] = min(reached, least.get(each.message, reached))
        kept = [
            at
            for at, each in enumerate(given)
            if each.kind != "ordinary" or scores[at] <= max(FIRM, least[each.message])
        ]
    return {feature: round(weight * 100) for feature, weight in weights.items() if is_worth(feature, weight)}


def is_worth(feature: str, weight: float) -> bool:
    """Whether a weight is kept: of pairs of words those that say much."""
    return abs(weight) >= SMALL or " " not in feature


def main() -> None:
    """Write the weights."""
    weights = train(json.loads(SEEN.read_text(encoding="utf-8")))
    TARGET.write_text(json.dumps(weights, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights, {TARGET.stat().st_size / 1e3:.0f} kB: {TARGET.name}")


if __name__ == "__main__":
    main()
