"""The names of tools: which are allowed, and what one registration of a function tells the next one about it."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from quorate.errors import ToolError
from quorate.tools.parameters import function_behind

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_ALLOWED = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def checked_name(name: object) -> str:
    """The name, if it is one that endpoints accept: 1 to 64 letters, digits, underscores and hyphens.

    Raises:
        ToolError: it is not.
    """
    if isinstance(name, str) and _ALLOWED.fullmatch(name):
        return name
    msg = (
        f"{name!r} is no name for a tool: endpoints accept 1 to 64 letters, digits, '_' and '-'; "
        "give another one with name=..."
    )
    raise ToolError(msg)


def allowed_name(name: str) -> str:
    """A name that a model made up, as endpoints accept it when the call goes back to them in the history."""
    return name if _ALLOWED.fullmatch(name) else re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64]


def own_name(func: Callable[..., Any]) -> str:
    """What a function is called where it is defined; for an object, its class."""
    name: object = getattr(func, "__name__", None) or getattr(function_behind(func), "__name__", "")
    return type(func).__name__ if name == "__call__" else str(name)


class Said(NamedTuple):
    """What was said of a function where it was registered."""

    name: str | None = None
    description: str | None = None


class SharedNames:
    """What was said of functions, kept beside them: nothing is written onto a function, and it may be forgotten.

    So a function that is registered with one agent under a name and a description has them with the next agent too.
    """

    def __init__(self) -> None:
        self._said: WeakKeyDictionary[Any, Said] = WeakKeyDictionary()

    def of(self, func: Callable[..., Any]) -> Said:
        """What was said of it; nothing for one that nobody spoke of, or that cannot be remembered."""
        try:
            return self._said.get(func) or Said()
        except TypeError:  # no hash, or no weak references
            return Said()

    def say(self, func: Callable[..., Any], name: str | None, description: str | None) -> None:
        """Add to what was said of it; what is None or empty stays as it was."""
        before = self.of(func)
        with contextlib.suppress(TypeError):
            self._said[func] = Said(name or before.name, description or before.description)
