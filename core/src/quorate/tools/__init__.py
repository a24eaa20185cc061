"""Tools: Python functions that a model may call; their schemas, their arguments, and their results as messages.

Names are resolved on first use, so that pydantic is loaded when a schema is made or a tool is called, not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy

if TYPE_CHECKING:
    from quorate.tools.names import SharedNames
    from quorate.tools.tool import Tool, ToolResult

__all__ = ["SharedNames", "Tool", "ToolResult"]

_HOMES = {"SharedNames": "names", "Tool": "tool", "ToolResult": "tool"}

__getattr__, __dir__ = lazy(__name__, _HOMES)
