"""What a Google-style docstring says of a function and of its arguments.

The sections are those of https://google.github.io/styleguide/pyguide.html#383-functions-and-methods.
"""

from __future__ import annotations

import functools
import inspect
import re
from typing import TYPE_CHECKING, Any

from quorate.tools.parameters import function_behind

if TYPE_CHECKING:
    from collections.abc import Callable

_ARGUMENTS = ("Args", "Arguments", "Parameters", "Keyword Args", "Keyword Arguments")
_OTHERS = (
    "Returns Return Yields Yield Raises Example Examples Note Notes Warning Warnings Attributes References Todo".split()
)
_SECTION = re.compile(rf"({'|'.join((*_ARGUMENTS, *_OTHERS, 'See Also'))}):\s*")
_ARGUMENT = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)")


def documented(func: Callable[..., Any]) -> tuple[str, dict[str, str]]:
    """The description of a function, without its sections, and the description of each argument."""
    description: list[str] = []
    arguments: list[str] = []
    lines = description
    for line in inspect.cleandoc(_docstring(func) or "").splitlines():
        if section := _SECTION.fullmatch(line):
            lines = arguments if section[1] in _ARGUMENTS else []
        else:
            lines.append(line)
    return "\n".join(description).strip(), _arguments(arguments)


def _docstring(func: Callable[..., Any]) -> str | None:
    while isinstance(func, functools.partial):  # its own is that of functools.partial
        func = func.func
    if isinstance(func, type):
        return func.__doc__
    text = function_behind(func).__doc__
    return text if text or inspect.isroutine(func) else type(func).__doc__


def _arguments(lines: list[str]) -> dict[str, str]:
    """An argument begins where the section does; what stands further right belongs to the one before."""
    found: dict[str, list[str]] = {}
    text: list[str] = []
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    for line in lines:
        begins = _ARGUMENT.fullmatch(line.strip()) if line[margin : margin + 1].strip() else None
        if begins:
            text = found[begins[1]] = [begins[2]]
        else:
            text.append(line.strip())
    return {name: " ".join(filter(None, words)) for name, words in found.items()}
