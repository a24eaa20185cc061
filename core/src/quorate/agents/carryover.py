"""Carryover: what the first message of a chat tells of the chats before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list, is_mapping
from quorate.errors import AgentError
from quorate.images import is_image
from quorate.messages import as_message, text_of

if TYPE_CHECKING:
    from quorate.messages import Message


def check_carryover(carryover: object) -> None:
    """Refuse what cannot be carried over.

    Raises:
        AgentError: it is neither text nor a list.
    """
    if carryover is not None and not isinstance(carryover, str) and not is_list(carryover):
        msg = f"carryover is text, or a list of texts, messages and other values, not {type(carryover).__name__}"
        raise AgentError(msg)


def listed(carryover: Any) -> list[Any]:
    """A carryover as a list of its own; nothing for None and for empty text."""
    return list(carryover) if is_list(carryover) else [carryover] if carryover else []


def with_carryover(message: str | Message, carryover: Any) -> str | Message:
    """The message with the carryover behind its text, or before its parts.

    Args:
        message: text, or a message.
        carryover: text, or a list of texts, messages (their content is meant) and other values (``str`` of them). The
            images of messages come after the text.

    Returns:
        The message itself when there is nothing to carry over, else a new one.
    """
    text = "\n".join(filter(None, map(_text, listed(carryover))))
    if not text:
        return message
    told = f"\nContext: \n{text}"
    images = [image for item in listed(carryover) for image in _images(item)]
    if isinstance(message, str) and not images:
        return message + told
    message = as_message(message)
    content = message.get("content")
    if isinstance(content, list):
        return {**message, "content": [{"type": "text", "text": told}, *images, *content]}
    whole = (content or "") + told
    return {**message, "content": [{"type": "text", "text": whole}, *images] if images else whole}


def _images(item: Any) -> list[Any]:
    content = item.get("content") if is_mapping(item) else None
    return list(filter(is_image, content)) if is_list(content) else []


def _text(item: Any) -> str:
    if is_mapping(item) and "content" in item:
        return text_of(item["content"])
    return str(item)
