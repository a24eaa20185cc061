"""Chat messages: plain dicts in the OpenAI chat-completions wire format, and constructors that give them.

The format is that of https://platform.openai.com/docs/api-reference/chat/create (``messages``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypedDict, cast

from quorate.errors import MessageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Role: TypeAlias = Literal["system", "developer", "user", "assistant", "tool", "function"]
Source: TypeAlias = Literal["model", "person", "code", "tool", "function", "program"]
"""Who made a message: a model, a person, executed code, a tool, a reply function, or the program that opened the chat."""


class FunctionCall(TypedDict):
    """The function that a model asks to call: its name and its arguments as JSON text."""

    name: str
    arguments: str


class ToolCall(TypedDict):
    """One tool call of an assistant message."""

    id: str
    type: Literal["function"]
    function: FunctionCall


class Message(TypedDict, total=False):
    """One chat message. Only ``role`` is always there in a stored message.

    ``content`` is text, a list of content parts (``{"type": "text", "text": ...}``,
    ``{"type": "image_url", "image_url": {"url": ...}}``), or None beside tool calls.
    ``tool_responses`` holds the results of several parallel calls in one message; it is unrolled
    into one ``tool`` message per result before it goes to a model. Images that tools gave stand last in it, in a user
    message, since a ``tool`` message holds text only.
    """

    role: Role
    content: str | list[dict[str, Any]] | None
    name: str
    tool_calls: list[ToolCall]
    tool_call_id: str
    tool_responses: list[Message]
    function_call: FunctionCall
    context: Mapping[str, Any]


def SystemMessage(content: str) -> Message:  # noqa: N802 - the field's name for it
    """Instructions to the model."""
    return {"role": "system", "content": content}


def UserMessage(content: str | Sequence[str | dict[str, Any]], source: str | None = None) -> Message:  # noqa: N802
    """What a person or another agent says.

    Args:
        content: text, or texts and content parts in order (``["What is this?", ImagePart("cat.png")]``).
        source: the speaker's name.
    """
    parts = content if isinstance(content, str) else [_text_part(part) for part in content]
    message: Message = {"role": "user", "content": parts}
    if source:
        message["name"] = source
    return message


def _text_part(part: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "text", "text": part} if isinstance(part, str) else part


def AssistantMessage(  # noqa: N802
    content: str | None = None, source: str | None = None, *, tool_calls: Sequence[ToolCall] = ()
) -> Message:
    """What the model said; ``tool_calls`` are the calls it asked for."""
    message: Message = {"role": "assistant", "content": content}
    if source:
        message["name"] = source
    if tool_calls:
        message["tool_calls"] = list(tool_calls)
    return message


def ToolMessage(content: str, tool_call_id: str) -> Message:  # noqa: N802
    """The result of one tool call."""
    return {"role": "tool", "content": content, "tool_call_id": tool_call_id}


def text_of(content: object) -> str:
    """The text of a message's content: the text itself, or its text parts joined; images become ``<image>``.

    Raises:
        MessageError: the content is neither text, nor a list of parts, nor None.
    """
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if not isinstance(content, list):
        msg = f"message content is text, a list of parts or None, not {type(content).__name__}"
        raise MessageError(msg)
    return "".join(map(_part_text, cast("list[object]", content)))


def _part_text(part: object) -> str:
    if not isinstance(part, dict) or "type" not in part:
        msg = f'a content part is a dict with a "type", not {part!r:.80}'
        raise MessageError(msg)
    kind, text = cast("dict[str, object]", part)["type"], cast("dict[str, object]", part).get("text", "")
    return str(text) if kind == "text" else "<image>" if kind == "image_url" else f"<{kind}>"


_KEPT = ("content", "role", "name", "tool_calls", "tool_call_id", "tool_responses", "function_call", "context")


def as_message(value: object) -> Message:
    """A message from text or a dict, with unknown keys and Nones dropped (content stays).

    Raises:
        MessageError: it is neither, has neither content nor calls, or its content is no content.
    """
    if isinstance(value, str):
        return {"content": value}
    if not isinstance(value, dict):
        msg = f"a message is text or a dict, not {type(value).__name__}"
        raise MessageError(msg)
    given = cast("dict[str, Any]", value)
    message = {key: given[key] for key in _KEPT if given.get(key) is not None}
    if not message.keys() & {"content", "tool_calls", "tool_responses", "function_call"}:
        msg = f"a message needs content, tool_calls or function_call; this one has {sorted(given) or 'nothing'}"
        raise MessageError(msg)
    text_of(message.setdefault("content", None))
    return cast("Message", message)
