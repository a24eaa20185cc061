"""Agents: who takes part in a conversation, and how a chat between two of them is held.

Names are resolved on first use, so that offering the reply functions loads no agent.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.agents.assistant import AssistantAgent
    from quorate.agents.chat import ChatResult
    from quorate.agents.conversable import ConversableAgent
    from quorate.agents.protocol import Agent
    from quorate.agents.user_proxy import UserProxyAgent

__all__ = ["Agent", "AssistantAgent", "ChatResult", "ConversableAgent", "UserProxyAgent"]

_HOMES = {
    "Agent": "protocol",
    "AssistantAgent": "assistant",
    "ChatResult": "chat",
    "ConversableAgent": "conversable",
    "UserProxyAgent": "user_proxy",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    value: object = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
