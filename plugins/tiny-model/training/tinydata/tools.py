"""Tool calls: made-up tools, a request that names one, and its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .outputs import DONE, cut, final, is_cut, made_up
from .values import a_word, natural

if TYPE_CHECKING:
    import random

NAMES = "add multiply subtract divide search lookup convert get set send fetch run count measure book order weather price time user city file note mail report stock translate delete create update temperature distance".split()
ARGUMENTS = "a b x y n city name query text value amount unit date user path key count left right first second symbol language number title".split()


def _name(r: random.Random) -> str:
    return r.choice(NAMES) + (f"_{r.choice(NAMES)}" if r.random() < 0.6 else "")


def tool_conversation(r: random.Random) -> list[tuple[str, str]]:
    """Tools, a request, the call, and mostly its result and the last word."""
    tools: dict[str, list[str]] = {}
    for _ in range(r.choice([1, 1, 2, 3])):
        tools[_name(r)] = r.sample(ARGUMENTS, r.choice([1, 2, 2, 3]))
    name = r.choice(list(tools))
    values = [str(natural(r)) if r.random() < 0.6 else a_word(r) for _ in tools[name]]
    named = ", ".join(f"{argument}={value}" for argument, value in zip(tools[name], values, strict=True))
    plain = " and ".join(values)
    request = r.choice(
        [
            f"Call {name} with {named}",
            f"Use {name} with {named}",
            f"Call the {name} tool with {named}.",
            f"Please call {name} with {plain}",
            f"Use the {name} tool with {plain}",
            f"{name} {named}",
        ]
    )
    arguments = ", ".join(
        f'"{a}": {v}' if v.isdigit() else f'"{a}": "{v}"' for a, v in zip(tools[name], values, strict=True)
    )
    call = f'<tool_call>\n{{"name": "{name}", "arguments": {{{arguments}}}}}\n</tool_call>'
    offered = "\n".join(f"{tool}({', '.join(arguments)})" for tool, arguments in tools.items())
    turns = [("tools", offered), ("user", request), ("assistant", call)]
    if r.random() < 0.7:
        result = made_up(r) if r.random() < 0.92 else "\n".join(made_up(r) for _ in range(r.randint(2, 9)))
        fits = "\n" not in result and not is_cut(result)
        turns += [("tool", cut(result)), ("assistant", final(result) if fits else DONE)]
    return turns
