"""Agents: who takes part in a conversation, and how a chat between two of them is held.

Names are resolved on first use, so that offering the reply functions loads no agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy

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

__getattr__, __dir__ = lazy(__name__, _HOMES)
