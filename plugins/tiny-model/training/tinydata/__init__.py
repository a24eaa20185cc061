"""The synthetic conversations that the demonstration model learns from."""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, NamedTuple

from .conversions import CONVERSIONS
from .lists import LISTS
from .measures import MEASURES
from .numbers import NUMBERS
from .outputs import DONE, FAILED, HELP, cut, failure, final, is_cut, made_up, run_code, success
from .percentages import PERCENTAGES
from .phrasing import Family, ask, fill
from .refusals import refused
from .sequences import SEQUENCES
from .stories import STORIES
from .sums import SUMS
from .texts import TEXTS
from .tools import tool_conversation
from .wordlists import WORD_LISTS

if TYPE_CHECKING:
    import random

__all__ = [
    "DONE",
    "FAILED",
    "FAMILIES",
    "HELP",
    "Task",
    "conversation",
    "failure",
    "fence",
    "refused",
    "run_code",
    "success",
    "task",
    "tool_conversation",
]

FAMILIES: tuple[Family, ...] = (
    *(*SUMS, *PERCENTAGES, *CONVERSIONS, *LISTS, *WORD_LISTS, *TEXTS, *SEQUENCES, *NUMBERS, *STORIES, *MEASURES),
)
_WEIGHTS = [family.weight for family in FAMILIES]


class Task(NamedTuple):
    """A question and the code that answers it."""

    family: str
    question: str
    code: str


def held_out(code: str) -> bool:
    """A tenth of all programs (so of all combinations of arguments) never occurs in training."""
    return zlib.crc32(code.encode()) % 10 == 0


def task(r: random.Random, split: str = "train") -> Task:
    """A task of the `train` or the `test` split."""
    while True:
        family = r.choices(FAMILIES, _WEIGHTS)[0]
        slots = family.slots(r)
        code = fill(family.code, slots, 1)
        if held_out(code) == (split == "test"):
            return Task(family.name, ask(r, r.choice(family.questions), slots), code)


def fence(code: str) -> str:
    """Code as the model writes it."""
    return f"```python\n{code}\n```"


def conversation(r: random.Random, split: str = "train") -> list[tuple[str, str]]:
    """Turns as (role, text); the model is trained on the assistant's turns only."""
    kind = r.random()
    if kind < 0.20:
        return [("user", refused(r)), ("assistant", HELP)]
    if kind < 0.30:
        return tool_conversation(r)
    turns: list[tuple[str, str]] = []
    for _ in range(r.choices([1, 2, 3], [92, 7, 1])[0]):
        asked = task(r, split)
        turns += [("user", asked.question), ("assistant", fence(asked.code)), *_outcome(r, asked)]
    return turns


def _outcome(r: random.Random, asked: Task) -> list[tuple[str, str]]:
    kind = r.random()
    if kind < 0.35:
        return []
    if kind < 0.41:
        return [("user", cut(failure(r))), ("assistant", FAILED)]
    output = _printed(r, asked) if kind < 0.65 else made_up(r)
    if r.random() < 0.03:
        output += "\n" + " ".join(made_up(r) for _ in range(9))
    elif r.random() < 0.01:
        output = ""
    message = success(r, output)
    # Outputs of several lines are not stated again, whether they are cut or not.
    answer = DONE if is_cut(message) or "\n" in output else final(output)
    turns = [("user", cut(message)), ("assistant", answer)]
    if r.random() < 0.03:
        turns += [
            ("user", r.choice(["Thank you!", "thanks", "ok", "Great.", "TERMINATE", "Great, thank you.", ""])),
            ("assistant", HELP),
        ]
    return turns


def _printed(r: random.Random, asked: Task) -> str:
    if re.search(r"\*\* ?\d{3,}", asked.code):
        return made_up(r)
    try:
        return run_code(asked.code)
    except Exception:  # noqa: BLE001 - a division by zero and the like: the text does not matter here
        return made_up(r)
