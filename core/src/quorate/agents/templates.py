"""Message templates: content that a message's ``context`` fills, when it is said or when a model reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from quorate._drive import call
from quorate.errors import MessageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import Message


async def spoken(message: str | Message) -> str | Message:
    """The message as it is said: content that is a function is what that makes of the message's context."""
    content = message.get("content") if isinstance(message, dict) else None
    if not callable(content):
        return message
    given = cast("dict[str, Any]", message)
    return cast("Message", {**given, "content": await call("reply", content, given.get("context") or {})})


def filled(messages: Sequence[Message], context: Mapping[str, Any] | None) -> list[Message]:
    """The messages with their texts, which are ``str.format`` templates, filled.

    AutoGen 0.2 does so where ``llm_config`` has ``allow_format_str_template``.

    A message's own ``context`` fills it; the latest one in the conversation fills those without, the system message
    included. So each request has the same text for a message, however often it is made.

    Args:
        messages: what a model is to read; they are not changed.
        context: values for a conversation that has none of its own.

    Raises:
        MessageError: a template names a value that its context does not have; names the message's index.
    """
    latest = next((own for message in reversed(messages) if (own := message.get("context"))), context)
    return [_filled(message, message.get("context") or latest, index) for index, message in enumerate(messages)]


def _filled(message: Message, context: Mapping[str, Any] | None, index: int) -> Message:
    content = message.get("content")
    if not context or not isinstance(content, str):
        return message
    try:
        return {**message, "content": content.format(**context)}
    except (LookupError, ValueError, TypeError, AttributeError) as error:
        msg = (
            f"messages[{index}]: the text is no template for its context {sorted(context)}: {error!r}; "
            "double the braces that belong to the text, or leave allow_format_str_template out of llm_config"
        )
        raise MessageError(msg) from error
