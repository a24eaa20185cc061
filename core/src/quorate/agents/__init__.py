"""Agents: who takes part in a conversation, and how a chat between two of them is held."""

from __future__ import annotations

from quorate.agents.assistant import AssistantAgent
from quorate.agents.chat import ChatResult
from quorate.agents.conversable import ConversableAgent
from quorate.agents.conversation import StopReason
from quorate.agents.protocol import Agent
from quorate.agents.user_proxy import UserProxyAgent

__all__ = ["Agent", "AssistantAgent", "ChatResult", "ConversableAgent", "StopReason", "UserProxyAgent"]
