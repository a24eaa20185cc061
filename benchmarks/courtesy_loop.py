"""How well thank-you loops are told from work: precision and recall of the courtesy test, and what it costs.

`python benchmarks/courtesy_loop.py [-v]`; `-v` lists what was taken for the wrong thing. The labelled messages are in
`courtesy_corpus`; its README says how they came about. The part that is reported was written before the word lists and
the weights that it judges, and not used for them; the other part is what they were made from.

Precision is the share of endings among the messages that were taken for one; recall is the share of the endings that
were. A chat ends only with two in a row, so what counts is whole chats: after how many messages thank-you loops end, and
whether ordinary dialogues full of polite words do.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TypeAlias

from quorate.stopping.courtesy import is_courtesy

FOLDER = Path(__file__).parent / "courtesy_corpus"
AIMS = {"precision": 0.98, "recall": 0.8}

Corpus: TypeAlias = dict[str, dict[str, list[str]]]
Counts: TypeAlias = tuple[int, int, int, int]
"""Endings found and missed, ordinary turns passed and taken for endings."""


def load(part: str) -> Corpus:
    """The messages of one part, by language and label."""
    corpus: Corpus = json.loads((FOLDER / f"{part}.json").read_text(encoding="utf-8"))
    return corpus


def counts(endings: list[str], ordinary: list[str]) -> Counts:
    """What the test makes of labelled messages."""
    found = sum(map(is_courtesy, endings))
    taken = sum(map(is_courtesy, ordinary))
    return found, len(endings) - found, len(ordinary) - taken, taken


def share(part: int, rest: int) -> float:
    """A part of a whole; nan of nothing."""
    return part / (part + rest) if part + rest else float("nan")


def table(corpus: Corpus) -> Counts:
    """Print precision and recall by language; give the sums."""
    print(f"{'language':10}{'endings':>9}{'ordinary':>10}{'precision':>11}{'recall':>9}")
    total = (0, 0, 0, 0)
    for language, labelled in corpus.items():
        found, missed, passed, taken = counts(labelled["endings"], labelled["ordinary"])
        total = (total[0] + found, total[1] + missed, total[2] + passed, total[3] + taken)
        line(language, (found, missed, passed, taken))
    line("all", total)
    return total


def line(name: str, made: Counts) -> None:
    """Print one line of the table."""
    found, missed, passed, taken = made
    sizes = f"{found + missed:9}{passed + taken:10}"
    print(f"{name:10}{sizes}{share(found, taken):11.3f}{share(found, missed):9.3f}")


def mistakes(corpus: Corpus) -> None:
    """List what was taken for the wrong thing."""
    for language, labelled in corpus.items():
        for label in ("endings", "ordinary"):
            for text in labelled[label]:
                if is_courtesy(text) is (label == "ordinary"):
                    print(f"  {language} {label}: {text}")


def microseconds(texts: list[str], rounds: int = 5) -> float:
    """CPU microseconds to judge one text; the least of the rounds."""
    times: list[float] = []
    for _ in range(rounds):
        start = time.process_time()
        for text in texts:
            is_courtesy(text)
        times.append((time.process_time() - start) / len(texts) * 1e6)
    return min(times)


def ended_after(chat: list[str]) -> int | None:
    """With how many messages two courtesies in a row end a chat of two; None when they do not."""
    polite = [is_courtesy(text) for text in chat]
    return next((at + 1 for at in range(1, len(polite)) if polite[at - 1] and polite[at]), None)


def whole_chats() -> None:
    """Print when thank-you loops end, and how many ordinary dialogues would."""
    chats: dict[str, list[list[str]]] = json.loads((FOLDER / "chats.json").read_text(encoding="utf-8"))
    ends = Counter(ended_after(chat) for chat in chats["loops"])
    never = ends.pop(None, 0)
    after = ", ".join(f"{count} after {length}" for length, count in sorted(ends.items()) if length)
    print(f"{len(chats['loops'])} thank-you loops: {after} messages, {never} not within their length")
    cut = [chat for chat in chats["dialogues"] if ended_after(chat)]
    print(f"{len(chats['dialogues'])} ordinary dialogues: {len(cut)} ended early\n")


def main() -> None:
    """Print the tables."""
    unseen = load("unseen")
    for part, title in (("unseen", "not used for lists and weights"), ("seen", "used for lists and weights")):
        print(f"{title}\n")
        total = table(load(part))
        if part == "unseen":
            reached = share(total[0], total[3]) >= AIMS["precision"] and share(total[0], total[1]) >= AIMS["recall"]
            print(
                f"{'aim':10}{'':19}{AIMS['precision']:11.3f}{AIMS['recall']:9.3f}  {'reached' if reached else 'missed'}"
            )
        if "-v" in sys.argv:
            mistakes(load(part))
        print()
    whole_chats()
    short = [text for labelled in unseen.values() for label in labelled.values() for text in label]
    print(f"{'one short message':32}{microseconds(short):8.1f} us")
    print(f"{'one message of 10,000 characters':32}{microseconds(['work ' * 2_000] * 1_000):8.1f} us")


if __name__ == "__main__":
    main()
