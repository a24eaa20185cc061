"""Write docs/reference/autogen-surface.md: AutoGen 0.2's public surface, and where the face differs from it.

`autogen_surface.toml` has 0.2's names and the differences; what is the same is found in the code. A name that is said to
be there and is not, or that lacks one of 0.2's parameters, is a fault.
"""

from __future__ import annotations

import importlib
import inspect
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

HERE = Path(__file__).parent
PAGE = HERE / "reference" / "autogen-surface.md"
FACE = "quorate_autogen_compat"
CODE = re.compile(r"(?<![\w.\"'`])((?:\w+\.)*\w+\([^()]*(?:\([^()]*\))?[^()]*\)|\w*[a-z]_\w+(?:=[\w']+)?|\w+=[\w']+)")
"""What reads as code in the words of a difference: calls, and names with an underscore."""

HEAD = """\
# AutoGen 0.2's surface

<!-- written by docs/autogen_surface.py from docs/autogen_surface.toml and the code -->

Every public name of AutoGen 0.2.40, and what `quorate-autogen-compat` makes of it: `same`, `changed` (how, and why), or
`not here` (why, and what to use instead). {doc}`/how-to/migrate-from-autogen` tells the differences as a story.

Of {total} names {same} are the same, {changed} changed, and {absent} not here.
"""


@dataclass(frozen=True)
class Name:
    """One of 0.2's names.

    Attributes:
        module: the module, as 0.2 names it.
        name: the name in it; `Class.method` for what belongs to a class.
        shape: its parameters as `(a, b=, *, c, **rest)`, or what it is.
        status: `same`, `changed` or `not here`.
        why: how it differs, and why.
        refuses: whether it is there to say that, and does nothing else.
    """

    module: str
    name: str
    shape: str
    status: str
    why: str = ""
    refuses: bool = False


def surface() -> list[Name]:
    """All names, as the data and the code have them."""
    data = tomllib.loads((HERE / "autogen_surface.toml").read_text(encoding="utf-8"))
    rows = [(module, name, shape) for module, names in data["names"].items() for name, shape in names.items()]
    known = {(module, name) for module, name, _ in rows}
    rows += [
        (module, name, "name") for module in data["names"] for name in _missing(module) if (module, name) not in known
    ]
    return [_row(data, *row) for row in rows]


def _missing(module: str) -> dict[str, str]:
    """The names of a module that the code refuses, and what it says of them."""
    return getattr(importlib.import_module(FACE + module.removeprefix("autogen")), "MISSING", {})


def unused_differences() -> list[str]:
    """Differences of names that the data does not have."""
    data = tomllib.loads((HERE / "autogen_surface.toml").read_text(encoding="utf-8"))
    known = {f"{module}.{name}" for module, names in data["names"].items() for name in names}
    return sorted({*data["changed"], *data["refused"]} - known)


def _row(data: dict[str, Any], module: str, name: str, shape: str) -> Name:
    full = f"{module}.{name}"
    refused = _missing(module).get(name)
    instead = _instead(full) if shape == "module" else _sentence(refused) if refused else None
    if instead:
        return Name(module, name, shape, "not here", instead)
    if full in data["refused"]:
        return Name(module, name, shape, "not here", data["refused"][full], refuses=True)
    if full in data["changed"]:
        return Name(module, name, shape, "changed", data["changed"][full])
    return Name(module, name, shape, "same")


def _instead(module: str) -> str | None:
    found = importlib.import_module(f"{FACE}._absent").instead_of(module.removeprefix("autogen."))
    return _sentence(found) if found else None


def _sentence(text: str) -> str:
    return f"{text}." if "_" in text.partition(" ")[0] else f"{text[0].upper()}{text[1:]}."


def fault(row: Name) -> str | None:
    """What the table says of a name that the code does not bear out."""
    found = _found(row)
    if row.status == "not here" and not row.refuses:
        return f"{row.module}.{row.name} is said to be absent, and is there" if found is not None else None
    if found is None:
        return f"{row.module}.{row.name} is said to be {row.status}, and is not there"
    if row.shape.startswith("("):
        lacks = _lacking(row.shape, found[0])
        return f"{row.module}.{row.name}: {lacks}" if lacks else None
    if row.shape in ("class", "function") and not callable(found[0]):
        return f"{row.module}.{row.name} is no {row.shape}"
    return None


def _found(row: Name) -> tuple[Any] | None:
    """What the face has under a name."""
    place = f"{FACE}{row.module.removeprefix('autogen')}"
    try:
        if row.shape == "module":
            return (importlib.import_module(f"{place}.{row.name}"),)
        value: Any = importlib.import_module(place)
        for part in row.name.split("."):
            value = getattr(_whole(value, row.name), part)
    except (ImportError, AttributeError):
        return None
    return (value,)


def _whole(value: Any, name: str) -> Any:
    """An object of a class whose objects have attributes of their own, made as a program makes it."""
    make = OBJECTS.get(name.partition(".")[0])
    return make(value) if make is not None and isinstance(value, type) else value


OBJECTS: dict[str, Callable[[Any], Any]] = {
    "AssistantAgent": lambda cls: cls("assistant"),
    "Cache": lambda cls: cls({}),
    "ChatResult": lambda cls: cls([]),
    "ConversableAgent": lambda cls: cls("agent"),
    "GroupChat": lambda cls: cls([]),
    "GroupChatManager": lambda cls: cls(importlib.import_module(FACE).GroupChat([])),
    "OpenAIWrapper": lambda cls: cls(config_list=[{"model": "any", "model_client_cls": "Own"}]),
    "UserProxyAgent": lambda cls: cls("user"),
}


def _lacking(shape: str, found: Any) -> str:
    """Which of 0.2's parameters a callable does not take."""
    parameters = inspect.signature(found).parameters
    wanted = [part.strip() for part in shape[1:-1].split(",") if part.strip()]
    faults: list[str] = []
    positional = True
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    here = [name for name, one in parameters.items() if one.kind in kinds and name != "self"]
    there = [part.removesuffix("=") for part in (wanted[: wanted.index("*")] if "*" in wanted else wanted)]
    there = [name for name in there if not name.startswith("*")]
    if not _takes_any(parameters) and here[: len(there)] != there:
        faults.append(f"takes {', '.join(here)} in this order, and 0.2 {', '.join(there)}")
    for part in wanted:
        if part == "*":
            positional = False
        elif part.startswith("**"):
            if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
                faults.append(f"takes no {part}")
        elif not part.startswith("*"):
            faults += _unlike(part, parameters, positional=positional)
    return "; ".join(faults)


def _unlike(part: str, parameters: Any, *, positional: bool) -> list[str]:
    name, optional = part.removesuffix("="), part.endswith("=")
    one = parameters.get(name)
    if one is None:
        return [] if _takes_any(parameters) else [f"has no parameter {name}"]
    if optional and one.default is one.empty:
        return [f"{name} has no default"]
    if positional and one.kind is one.KEYWORD_ONLY:
        return [f"{name} is keyword-only"]
    return []


def _takes_any(parameters: Any) -> bool:
    """Whether it hands any keyword on: `*args, **kwargs` of a wrapper."""
    kinds = [one.kind for one in parameters.values()]
    return any(kind is inspect.Parameter.VAR_POSITIONAL for kind in kinds) and any(
        kind is inspect.Parameter.VAR_KEYWORD for kind in kinds
    )


def page() -> str:
    """The page."""
    rows = surface()
    counts = {status: sum(row.status == status for row in rows) for status in ("same", "changed", "not here")}
    parts = [
        HEAD.format(
            doc="{doc}", total=len(rows), absent=counts["not here"], **{k: counts[k] for k in ("same", "changed")}
        )
    ]
    for module in dict.fromkeys(row.module for row in rows):
        parts.append(f"## {module}\n\n| name | 0.2's parameters | here |\n|---|---|---|")
        parts += [*(_line(row) for row in rows if row.module == module), ""]
    return "\n".join(parts)


def _line(row: Name) -> str:
    shape = row.shape if row.shape.isalpha() else f"`{row.shape}`"
    said = row.status + (f": {row.why}" if row.why else "")
    said = CODE.sub(r"`\1`", said)
    return f"| `{row.name}` | {shape} | {said} |"


if __name__ == "__main__":
    if faults := [
        *filter(None, map(fault, surface())),
        *(f"{one} is no name of 0.2's" for one in unused_differences()),
    ]:
        raise SystemExit("\n".join(faults))
    PAGE.write_text(page(), encoding="utf-8")
