"""How long a prompt is, where nobody counts it: an estimate, on the high side."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from quorate.models.wire_json import is_array, is_object
from quorate.models.wire_requests import wire_messages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import Message

ASCII_PER_TOKEN, OTHER_PER_TOKEN = 2.5, 2.0
"""Bytes of UTF-8 to a token. Prose (4 to 5) and terse code (2.7) have more in the vocabularies of today: fewer tokens."""

PER_MESSAGE = 6
"""Tokens around each message: its role, its beginning and its end."""

PER_IMAGE = 2_500
"""Tokens of an image. Models count from under a hundred to a few thousand, by its size and their own rules."""


def estimate_tokens(messages: Sequence[Message], tools: Sequence[Mapping[str, Any]] = ()) -> int:
    """An estimate of how many tokens messages and tools are, made without a tokenizer.

    It is meant to be too high rather than too low: for prose in English it is nearly twice what models count, for code
    somewhat more than they count. It is no bound: base64, and scripts that a model hardly knows, may count more.

    Args:
        messages: the conversation.
        tools: tool schemas.

    Raises:
        MessageError: something is not a message.
    """
    total = sum(map(_message, wire_messages(messages))) + PER_MESSAGE
    if tools:
        total += PER_MESSAGE + sum(_text(_json(tool)) for tool in tools)
    return math.ceil(total)


def _message(message: Mapping[str, Any]) -> float:
    content = message.get("content")
    total = sum(map(_part, content)) if is_array(content) else _text(str(content or ""))
    rest = {key: value for key, value in message.items() if key not in ("role", "content")}
    return total + PER_MESSAGE + (_text(_json(rest)) if rest else 0)


def _part(part: Any) -> float:
    if is_object(part) and part.get("type") == "image_url":
        return PER_IMAGE
    return _text(str(part.get("text", "")) if is_object(part) and part.get("type") == "text" else _json(part))


def _text(text: str) -> float:
    size = len(text.encode("utf-8", "replace"))
    # Most texts are ASCII, and that is known of a text without looking.
    other = 0 if text.isascii() else size - sum(map(str.isascii, text))
    return (size - other) / ASCII_PER_TOKEN + other / OTHER_PER_TOKEN


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
