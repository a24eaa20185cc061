"""Many ways to say one thing: templates with alternatives, and the surface of typed text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Mapping

Slots = dict[str, str | tuple[str, str]]
"""Slot name to its text; a pair when it is written differently in the question and in the code."""

# Shorthands that templates use; each is itself a template.
MACROS = {
    "@what": "[what is|what is|what is|what's|what's|whats|tell me|calculate|compute|find|give me|how much is|work out|"
    "i need|can you tell me what is|do you know what is|determine|what would be|please tell me|could you tell me]",
    "@the": "[what is|what is|what is|what's|what's|whats|tell me|calculate|compute|find|give me|work out|i need|"
    "can you find|could you calculate|please compute|can you tell me|i want to know|determine|show me|get|return|print||] the",
    "@do": "[||||please |please |can you |can you please |could you |could you please |i want you to |i need you to |"
    "help me |would you |let's |kindly |i'd like you to |use python to |write python code to ]",
    "@show": "[list|print|show|show me|give me|write|write down|display|what are|tell me|output|generate|name|find|list out|i need|can you list]",
    "@howmany": "[how many|how many|how many|what number of|tell me how many|count how many|can you tell me how many|any idea how many]",
    "@is": "[is|is|is|check if|check whether|tell me if|can you check if|do you know if|determine whether|verify that|would you say]",
    "@nums": "[numbers|numbers|values|integers|items|elements|figures|list|digits|list of numbers|]",
}
PREFIXES = (
    "[hi|hello|hey|hey there|hi there|good morning|ok|okay|so|well|please|quick question|question|task|problem|math question|"
    "homework|please help|help|can you help me|can you help|i have a question|one more|next|here is one|now|urgent|sorry|excuse me]"
    "[, |: |. |! | - |? ]"
)
SUFFIXES = "[ please| pls| please| thanks| thank you| for me| for me please|, please|, thanks| now| quickly| using python| in python| with python| if you can]"


@dataclass(frozen=True)
class Family:
    """One kind of task: how it is asked and the code that does it.

    Attributes:
        name: For reports.
        weight: How often it is asked, relative to the others.
        slots: Draws the arguments.
        code: The code, with slots in braces (`{{` and `}}` for braces of Python).
        questions: Templates of the question, in lower case, with the same slots.
    """

    name: str
    weight: float
    slots: Callable[[random.Random], Slots]
    code: str
    questions: tuple[str, ...] = field(repr=False)


def choose(r: random.Random, template: str) -> str:
    """Expand macros and pick one of every `[a|b|c]`, inside out."""
    for name, text in MACROS.items():
        template = template.replace(name, text)
    pattern = re.compile(r"\[([^\[\]]*)\]")
    while "[" in template:
        template = pattern.sub(lambda match: r.choice(match.group(1).split("|")), template)
    return re.sub(r"  +", " ", template)


def fill(template: str, slots: Mapping[str, str | tuple[str, str]], part: int) -> str:
    """Put the arguments in: `part` 0 for the question, 1 for the code."""
    return template.format(**{k: v if isinstance(v, str) else v[part] for k, v in slots.items()})


def ask(r: random.Random, template: str, slots: Mapping[str, str | tuple[str, str]] | None = None) -> str:
    """A question as somebody might type it: case, punctuation and courtesies vary; slots do not."""
    text = choose(r, template).strip()
    if r.random() < 0.10:
        text = choose(r, PREFIXES) + text
    if r.random() < 0.06:
        mark = text[-1] if text[-1] in "?.!" else ""
        text = text.rstrip("?.!") + choose(r, SUFFIXES) + mark
    return fill(_surface(r, text), slots or {}, 0)


def _surface(r: random.Random, text: str) -> str:
    kind = r.random()
    if kind < 0.03:
        text = re.sub(r"\{[^}]*\}|[^{]+", lambda m: m[0] if m[0][0] == "{" else m[0].upper(), text)
    elif kind < 0.62 and text[0] != "{":
        text = text[0].upper() + text[1:]
        text = re.sub(r"(?<=[.?!] )[a-z]|\bi\b(?=[ '])", lambda match: match[0].upper(), text)
    if r.random() < 0.35:
        text = text.rstrip("?.")
    elif text[-1] not in "?.!:" and r.random() < 0.3:
        text += r.choice("??.?!") if r.random() < 0.9 else r.choice([" ?", "??", "...", " !"])
    return _slip(r, text) if r.random() < 0.02 else text


def _slip(r: random.Random, text: str) -> str:
    """Swap two neighbouring letters, or drop one, outside the slots."""
    places = [m.start() + 1 for m in re.finditer(r"(?<![{\w])[a-z]{4,}(?![\w}])", text)]
    if not places:
        return text
    at = r.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if r.random() < 0.5 else text[:at] + text[at + 1 :]
