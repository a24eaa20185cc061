"""Messages shaped to what a chat template takes; what is shaped is a copy, and every change has a name.

What a template takes is found by rendering it (:func:`abilities_of`), never by the model's name.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.messages import text_of
from quorate.models.wire import wire_messages
from quorate.models.wire_json import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quorate.messages import Message

    Render = Callable[[list[dict[str, Any]], list[Mapping[str, Any]]], str]
    Shaped = list[dict[str, Any]]

OPENING = "(The conversation begins.)"
"""Stands before an assistant's first message where a template wants a user to begin."""

_ONE, _TWO, _THREE = "firstprobe", "secondprobe", "thirdprobe"
_CALL = {"id": "123456789", "type": "function", "function": {"name": _TWO, "arguments": {"x": 1}}}
_TOOL = {
    "type": "function",
    "function": {
        "name": _TWO,
        "description": "d",
        "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
    },
}


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a chat template takes.

    Attributes:
        system: a system message at the beginning.
        later_system: a system message further down.
        repeated: two messages of one role, one after the other.
        assistant_first: an assistant's message at the beginning.
        names: the ``name`` of a user's message.
        tool_messages: tool calls of an assistant and their results.
        tools: schemas of tools, with calls written as ``<tool_call>{json}</tool_call>`` (Hermes, Qwen and others).
    """

    system: bool = True
    later_system: bool = True
    repeated: bool = True
    assistant_first: bool = True
    names: bool = True
    tool_messages: bool = True
    tools: bool = True


def abilities_of(render: Render) -> Abilities | None:
    """Render small conversations and see what comes through; None when even a lone user's message does not."""

    def takes(messages: Shaped, *wanted: str, tools: Sequence[Mapping[str, Any]] = ()) -> bool:
        try:
            text = render(messages, list(tools))
        except Exception:  # noqa: BLE001 - a template is somebody else's program, and may raise anything to say no
            return False
        return all(word in text for word in wanted)

    user, answer = _said("user", _ONE), _said("assistant", _TWO)
    calls = [user, {**_said("assistant", ""), "tool_calls": [_CALL]}, _result(_THREE)]
    if not takes([user], _ONE):
        return None
    return Abilities(
        system=takes([_said("system", _TWO), user], _ONE, _TWO),
        later_system=takes([user, answer, _said("system", _THREE)], _ONE, _TWO, _THREE),
        repeated=takes([user, _said("user", _TWO), _said("assistant", _THREE), _said("assistant", _THREE), user], _TWO),
        assistant_first=takes([answer, user], _ONE, _TWO),
        names=takes([{**user, "name": _THREE}], _ONE, _THREE),
        tool_messages=takes(calls, _TWO, _THREE),
        tools=takes([user], _ONE, _TWO, tools=[_TOOL]) and takes(calls, "<tool_call>", tools=[_TOOL]),
    )


def shape(messages: Sequence[Message], can: Abilities) -> tuple[Shaped, tuple[str, ...]]:
    """A copy of the messages as a template takes them, and what was changed, in words for people.

    Raises:
        MessageError: something is not a message.
        ModelError: a message has an image (kind ``bad_request``).
    """
    notes: list[str] = []
    shaped = [_plain(message) for message in wire_messages(messages)]
    shaped = _tool_messages(shaped, can, notes)
    shaped = _names(shaped, can, notes)
    shaped = _opened(shaped, can, notes)
    shaped = _system(shaped, can, notes)
    if not can.repeated:
        shaped = _alternating(shaped, notes)
    return shaped, tuple(dict.fromkeys(notes))


def _said(role: str, content: str) -> dict[str, Any]:
    return {"role": role, "content": content}


def _result(content: str) -> dict[str, Any]:
    return {**_said("tool", content), "tool_call_id": "123456789"}


def _plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with text for content; roles of newer and older wire formats under the names that templates know."""
    content = message.get("content")
    if is_array(content) and any(is_object(part) and part.get("type") == "image_url" for part in content):
        msg = "hf-local reads text only, and a message has an image; leave it out, or ask a client that sees images"
        raise ModelError(msg, kind="bad_request")
    role = {"developer": "system", "function": "tool"}.get(message["role"], message["role"])
    plain: dict[str, Any] = {**message, "role": role, "content": _unicode(text_of(content))}
    if call := plain.pop("function_call", None):
        plain["tool_calls"] = [{"id": "call_0", "type": "function", "function": call}]
    if plain.get("tool_calls"):
        plain["tool_calls"] = [_call(call) for call in plain["tool_calls"]]
    return plain


def _unicode(text: str) -> str:
    """The text with what is no Unicode (lone surrogates, as undecodable output leaves them) replaced: tokenizers stop at it."""
    return text.encode("utf-8", "replace").decode()


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A tool call with its arguments decoded: templates write them as JSON themselves."""
    function = dict(call["function"])
    with suppress(TypeError, ValueError):  # what is no JSON stays as it is
        function["arguments"] = json.loads(_unicode(function.get("arguments") or "{}"))
    return {**call, "function": function}


def _tool_messages(messages: Shaped, can: Abilities, notes: list[str]) -> Shaped:
    if can.tool_messages or not any(each["role"] == "tool" or each.get("tool_calls") for each in messages):
        return messages
    notes.append("tool calls and their results written as text")
    return [_as_text(each) for each in messages]


def _as_text(message: dict[str, Any]) -> dict[str, Any]:
    if message["role"] == "tool":
        return _said("user", f"<tool_response>\n{message['content']}\n</tool_response>")
    calls = [json.dumps(call["function"], ensure_ascii=False) for call in message.get("tool_calls", ())]
    written = [message["content"], *(f"<tool_call>\n{call}\n</tool_call>" for call in calls)]
    rest = {key: value for key, value in message.items() if key != "tool_calls"}
    return {**rest, "content": _joined(written)}


def _names(messages: Shaped, can: Abilities, notes: list[str]) -> Shaped:
    """Where a template leaves names out, several speakers are named in their text; a single one needs no name."""
    speakers = {each["name"] for each in messages if each["role"] == "user" and each.get("name")}
    if can.names or not any("name" in each for each in messages):
        return messages
    if len(speakers) > 1:
        notes.append("names of speakers put into the text")
    return [_unnamed(each, say=len(speakers) > 1) for each in messages]


def _unnamed(message: dict[str, Any], *, say: bool) -> dict[str, Any]:
    rest = {key: value for key, value in message.items() if key != "name" or message["role"] == "tool"}
    if say and message["role"] == "user" and message.get("name"):
        rest["content"] = f"{message['name']}: {message['content']}"
    return rest


def _opened(messages: Shaped, can: Abilities, notes: list[str]) -> Shaped:
    at = _systems(messages)
    if can.assistant_first or at == len(messages) or messages[at]["role"] != "assistant":
        return messages
    notes.append("a user's message put before the assistant's first one")
    return [*messages[:at], _said("user", OPENING), *messages[at:]]


def _systems(messages: Shaped) -> int:
    """How many system messages stand at the beginning."""
    return next((i for i, each in enumerate(messages) if each["role"] != "system"), len(messages))


def _system(messages: Shaped, can: Abilities, notes: list[str]) -> Shaped:
    count = _systems(messages)
    first, rest = messages[:count], messages[count:]
    if not can.later_system and any(each["role"] == "system" for each in rest):
        notes.append("later system messages given as a user's")
        rest = [{**each, "role": "user"} if each["role"] == "system" else each for each in rest]
    if not first:
        return rest
    text = _joined(each["content"] for each in first)
    if can.system:
        if count > 1:
            notes.append("system messages at the beginning joined")
        return [{**first[0], "content": text}, *rest]
    if not text:
        return rest
    notes.append("system message merged into the first user's message")
    at = next((i for i, each in enumerate(rest) if each["role"] == "user"), None)
    if at is None:
        return [_said("user", text), *rest]
    rest[at] = {**rest[at], "content": _joined([text, rest[at]["content"]])}
    return rest


def _alternating(messages: Shaped, notes: list[str]) -> Shaped:
    merged: Shaped = []
    for each in messages:
        last = merged[-1] if merged else None
        joinable = each["role"] in ("user", "assistant") and not each.get("tool_calls")
        if last is not None and joinable and last["role"] == each["role"] and not last.get("tool_calls"):
            merged[-1] = {**last, "content": _joined([last["content"], each["content"]])}
            notes.append("neighbouring messages of one role merged")
        else:
            merged.append(each)
    return merged


def _joined(texts: Iterable[str]) -> str:
    return "\n\n".join(text for text in texts if text)


def with_declared(found: Abilities, system: bool | None, tools: bool | None) -> Abilities:
    """What was found out, corrected by what the user declared."""
    return replace(
        found,
        system=found.system if system is None else system,
        tools=found.tools if tools is None else tools,
    )
