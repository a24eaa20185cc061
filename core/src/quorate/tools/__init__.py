"""Tools: Python functions that a model may call; their schemas, their arguments, and their results as messages.

Names are resolved on first use, so that pydantic is loaded when a schema is made or a tool is called, not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.tools.names import SharedNames
    from quorate.tools.tool import Tool, ToolResult

__all__ = ["SharedNames", "Tool", "ToolResult"]

_HOMES = {"SharedNames": "names", "Tool": "tool", "ToolResult": "tool"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
