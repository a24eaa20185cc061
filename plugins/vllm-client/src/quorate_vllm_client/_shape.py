"""Shaping messages to what a chat template can do, without touching the caller's.

:func:`shaping` is a generator that asks for what it needs to know of the template, so that it waits for nothing
itself: it yields a name of :data:`~quorate_vllm_client._template.PROBES` and is sent whether the template can.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from quorate.messages import text_of
from quorate.models.wire_json import is_array

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

    from quorate_vllm_client._template import Feature

OPENING = "(The conversation so far.)"
"""What a conversation opens with that began with an answer, where a template wants a user to begin."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """Messages as they are sent.

    Attributes:
        messages: the messages; the caller's own where nothing had to change.
        changes: what was changed and why, for people; empty when nothing was.
        origins: for each message, the positions of those that it was made of, so that every change can be undone.
    """

    messages: tuple[Mapping[str, Any], ...]
    changes: tuple[str, ...] = ()
    origins: tuple[tuple[int, ...], ...] = ()


@dataclass(slots=True)
class _Turn:
    message: Mapping[str, Any]
    origins: tuple[int, ...]

    @property
    def role(self) -> str:
        return str(self.message["role"])

    def changed(self, **fields: Any) -> _Turn:
        message = {**self.message, **fields}
        return _Turn({key: value for key, value in message.items() if value is not None}, self.origins)


def shaping(messages: Sequence[Mapping[str, Any]]) -> Generator[Feature, bool, Shaped]:
    """Shape messages in wire format; ask what the template can do where that matters."""
    turns = [_Turn(message, (index,)) for index, message in enumerate(messages)]
    changes: list[str] = []
    for step in (_developer, _names, _late_system, _system, _tools, _order):
        turns = yield from step(turns, changes)
    return Shaped(tuple(turn.message for turn in turns), tuple(changes), tuple(turn.origins for turn in turns))


def _developer(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not any(turn.role == "developer" for turn in turns) or (yield "developer"):
        return turns
    changes.append("developer messages became system messages: the template does not show them")
    return [turn.changed(role="system") if turn.role == "developer" else turn for turn in turns]


def _late_system(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    leading = next((index for index, turn in enumerate(turns) if turn.role != "system"), len(turns))
    late = any(turn.role == "system" for turn in turns[leading:])
    if not (late or leading > 1) or (yield "late_system"):
        return turns
    first, rest = turns[:leading], turns[leading:]
    if leading > 1:
        changes.append("the leading system messages were joined: the template takes one")
        first = [_joined(first)]
    if late:
        changes.append("later system messages became user messages: the template takes one at the beginning only")
        rest = [turn.changed(role="user") if turn.role == "system" else turn for turn in rest]
    return first + rest


def _system(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not turns or turns[0].role != "system" or (yield "system"):
        return turns
    changes.append("the system message became the beginning of the first user message: the template has no system role")
    first, rest = turns[0].changed(role="user", name=None), turns[1:]
    if rest and rest[0].role == "user":
        return [_joined([first, rest[0]]), *rest[1:]]
    return [first, *rest]


def _tools(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not any(turn.role == "tool" or turn.message.get("tool_calls") for turn in turns) or (yield "tool"):
        return turns
    changes.append("tool calls and their results became text: the template does not show them")
    return [_told(turn) for turn in turns]


def _told(turn: _Turn) -> _Turn:
    """A tool call or its result as text, marked as Hermes and Qwen models mark them."""
    content = text_of(turn.message.get("content"))
    if turn.role == "tool":
        return turn.changed(role="user", content=f"<tool_response>\n{content}\n</tool_response>", tool_call_id=None)
    calls = [json.dumps(_called(call), ensure_ascii=False) for call in turn.message.get("tool_calls") or ()]
    if not calls:
        return turn
    said = "\n".join(filter(None, [content, *(f"<tool_call>\n{call}\n</tool_call>" for call in calls)]))
    return turn.changed(content=said, tool_calls=None)


def _called(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except ValueError:
        arguments = function.get("arguments")
    return {"name": function["name"], "arguments": arguments}


def _names(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    speakers = {turn.message["name"] for turn in turns if turn.role == "user" and turn.message.get("name")}
    if len(speakers) < 2 or ((yield "name") and (yield "any_order")):
        return turns
    changes.append("user messages begin with their speaker's name: the template does not show names")
    return [_named(turn) for turn in turns]


def _named(turn: _Turn) -> _Turn:
    name = turn.message.get("name")
    if turn.role != "user" or not name:
        return turn
    said, content = f"{name}: ", turn.message.get("content")
    if is_array(content):
        return turn.changed(content=[{"type": "text", "text": said}, *content], name=None)
    return turn.changed(content=said + (content or ""), name=None)


def _order(turns: list[_Turn], changes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    start = next((index for index, turn in enumerate(turns) if turn.role != "system"), len(turns))
    head, body = turns[:start], turns[start:]
    answer_first = bool(body) and body[0].role == "assistant"
    if not (answer_first or any(_same(one, next_) for one, next_ in pairwise(body))) or (yield "any_order"):
        return turns
    merged: list[_Turn] = []
    for turn in body:
        if merged and _same(merged[-1], turn):
            merged[-1] = _joined([merged[-1], turn])
        else:
            merged.append(turn)
    if len(merged) < len(body):
        changes.append("messages of one role in a row were joined: the template wants user and assistant in turn")
    if answer_first:
        changes.append("a user message was put before the first answer: the template wants user and assistant in turn")
        merged.insert(0, _Turn({"role": "user", "content": OPENING}, ()))
    return head + merged


def _same(one: _Turn, other: _Turn) -> bool:
    return one.role == other.role != "tool" and not (one.message.get("tool_calls") or other.message.get("tool_calls"))


def _joined(turns: Sequence[_Turn]) -> _Turn:
    """One message of several; the first one's role, and the name when there is one only."""
    names = {turn.message["name"] for turn in turns if turn.message.get("name")}
    return _Turn(
        {
            "role": turns[0].role,
            "content": _content([turn.message.get("content") for turn in turns]),
            **({"name": names.pop()} if len(names) == 1 else {}),
        },
        tuple(index for turn in turns for index in turn.origins),
    )


def _content(contents: Sequence[Any]) -> str | list[Any]:
    """Contents of several messages as one: text, or parts where one of them is parts."""
    if not any(map(is_array, contents)):
        return "\n\n".join(filter(None, contents))
    parts: list[Any] = []
    for content in filter(None, contents):
        parts += content if is_array(content) else [{"type": "text", "text": content}]
    return parts
