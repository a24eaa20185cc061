"""Stop conditions: when a chat ends.

``stop=turns(20) | tokens(200_000) | text("TERMINATE")``: conditions are values, composed with ``|``, ``&`` and ``~``.
"""

from __future__ import annotations

from quorate.stopping.conditions import (
    Condition,
    callback,
    cost,
    courtesy_loop,
    from_json,
    no_progress,
    text,
    tokens,
    turns,
    wall,
)
from quorate.stopping.reason import StopKind, StopReason

__all__ = [
    "Condition",
    "StopKind",
    "StopReason",
    "callback",
    "cost",
    "courtesy_loop",
    "from_json",
    "no_progress",
    "text",
    "tokens",
    "turns",
    "wall",
]
