"""Group chats: several agents in one conversation, a manager who gives each its turn, and handoffs between them.

Names are resolved on first use, as in :mod:`quorate.agents`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy

if TYPE_CHECKING:
    from quorate.groupchat.group import GroupChat
    from quorate.groupchat.handoffs import Handoff, Handoffs
    from quorate.groupchat.manager import GroupChatManager

__all__ = ["GroupChat", "GroupChatManager", "Handoff", "Handoffs"]

_HOMES = {"GroupChat": "group", "GroupChatManager": "manager", "Handoff": "handoffs", "Handoffs": "handoffs"}

__getattr__, __dir__ = lazy(__name__, _HOMES)
