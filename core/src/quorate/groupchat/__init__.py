"""Group chats: several agents in one conversation, a manager who gives each its turn, and handoffs between them.

Names are resolved on first use, as in :mod:`quorate.agents`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.groupchat.group import GroupChat
    from quorate.groupchat.handoffs import Handoff, Handoffs
    from quorate.groupchat.manager import GroupChatManager

__all__ = ["GroupChat", "GroupChatManager", "Handoff", "Handoffs"]

_HOMES = {"GroupChat": "group", "GroupChatManager": "manager", "Handoff": "handoffs", "Handoffs": "handoffs"}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
