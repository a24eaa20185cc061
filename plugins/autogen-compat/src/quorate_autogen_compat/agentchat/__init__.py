"""Agents, and chats between them."""

from __future__ import annotations

from quorate_autogen_compat.agentchat.agent import Agent, LLMAgent
from quorate_autogen_compat.agentchat.assistant_agent import AssistantAgent
from quorate_autogen_compat.agentchat.chat import ChatResult, a_initiate_chats, initiate_chats
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent, register_function
from quorate_autogen_compat.agentchat.groupchat import GroupChat, GroupChatManager
from quorate_autogen_compat.agentchat.user_proxy_agent import UserProxyAgent
from quorate_autogen_compat.agentchat.utils import gather_usage_summary

__all__ = [
    "Agent",
    "AssistantAgent",
    "ChatResult",
    "ConversableAgent",
    "GroupChat",
    "GroupChatManager",
    "LLMAgent",
    "UserProxyAgent",
    "a_initiate_chats",
    "gather_usage_summary",
    "initiate_chats",
    "register_function",
]
