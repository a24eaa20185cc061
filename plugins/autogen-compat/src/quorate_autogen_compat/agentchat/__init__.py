"""Agents, and chats between them."""
