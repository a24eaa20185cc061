"""Cutting the ends off the texts of messages, and marking the cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from quorate.models.wire_json import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.messages import Message

MARK = "\n[... the rest is left out]"


def longest(messages: Sequence[Message]) -> int:
    """How many characters the text of the longest of these messages has."""
    return max((sum(map(len, _texts(message))) for message in messages), default=0)


def cut(message: Message, length: int, *, images: bool = True) -> Message:
    """The message with so many characters of its text at most, from the beginning; the cut is marked.

    Args:
        message: what is cut; it is not changed.
        length: how many characters.
        images: whether parts that are no text stay.
    """
    responses = message.get("tool_responses")
    if responses:
        message = {**message, "tool_responses": [cut(one, length, images=images) for one in responses]}
    content: Any = message.get("content")
    if isinstance(content, str):
        return message if len(content) <= length else {**message, "content": content[:length] + MARK}
    if not is_array(content):
        return message
    parts: list[dict[str, Any]] = []
    for part in cast("list[dict[str, Any]]", content):
        text = _text(part)
        if text is None:
            parts += [part] if images else []
            continue
        parts.append(part if len(text) <= length else {**part, "text": text[:length] + MARK})
        length = max(0, length - len(text))
    return {**message, "content": parts}


def _texts(message: Message) -> list[str]:
    content: Any = message.get("content")
    own = [content] if isinstance(content, str) else list(filter(None, map(_text, content or ())))
    return [*own, *(text for one in message.get("tool_responses") or () for text in _texts(one))]


def _text(part: Any) -> str | None:
    return str(part.get("text", "")) if is_object(part) and part.get("type") == "text" else None
