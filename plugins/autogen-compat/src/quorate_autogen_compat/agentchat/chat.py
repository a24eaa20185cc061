"""Queues of chats, and what a chat gives."""

from __future__ import annotations

from quorate.agents import ChatResult
from quorate.agents.chat_queue import a_initiate_chats, initiate_chats

__all__ = ["ChatResult", "a_initiate_chats", "initiate_chats"]
