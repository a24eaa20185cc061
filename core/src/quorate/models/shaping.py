"""Shaping messages to what a chat template can do, without touching the caller's, and telling every change.

:func:`shaping` is a generator that asks for what it needs to know of the template, so that it waits for nothing
itself: it yields a :data:`Feature` and is sent whether the template has it. :data:`PROBES` has a conversation to find
that out with; :func:`shape` is for those who know already.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from quorate.messages import text_of
from quorate.models.wire_json import is_array

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

Feature: TypeAlias = Literal["system", "late_system", "developer", "call", "tool", "name", "repeated", "answer_first"]
"""A system message at the beginning, or later; a developer's; tool calls, and their results; names; one role twice in a
row; an answer at the beginning."""

OPENING = "(The conversation so far.)"
"""What a conversation opens with that began with an answer, where a template wants a user to begin."""

_USER = {"role": "user", "content": "one"}
_ANSWER = {"role": "assistant", "content": "two"}


def _called(name: str, result: str) -> list[dict[str, Any]]:
    # Mistral's templates want ids of nine characters.
    call = {"id": "123456789", "type": "function", "function": {"name": name, "arguments": "{}"}}
    asked = {"role": "assistant", "content": None, "tool_calls": [call]}
    return [_USER, asked, {"role": "tool", "tool_call_id": "123456789", "content": result}]


PROBES: Mapping[Feature, Callable[[str], Sequence[Mapping[str, Any]]]] = {
    "system": lambda mark: [{"role": "system", "content": mark}, _USER],
    "late_system": lambda mark: [_USER, _ANSWER, {"role": "system", "content": mark}, _USER],
    "developer": lambda mark: [{"role": "developer", "content": mark}, _USER],
    "call": lambda mark: _called(mark, "three"),
    "tool": lambda mark: _called("look", mark),
    "name": lambda mark: [{**_USER, "name": mark}],
    "repeated": lambda mark: [_USER, {"role": "user", "content": mark}, _ANSWER, _ANSWER, _USER],
    "answer_first": lambda mark: [{"role": "assistant", "content": mark}, _USER],
}
"""For each feature a conversation that needs it. A template has it when it renders two marks differently."""


@dataclass(frozen=True, slots=True)
class Shaped:
    """Messages as they are sent.

    Attributes:
        messages: the messages; the caller's own where nothing had to change.
        notes: what was changed and why, for people; empty when nothing was.
        origins: for each message, the positions of those that it was made of, so that every change can be undone.
    """

    messages: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()
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


def shape(messages: Sequence[Mapping[str, Any]], can: Callable[[Feature], bool]) -> Shaped:
    """Shape messages in wire format to a template of which it is known what it can do."""
    shaper = shaping(messages)
    try:
        asked = next(shaper)
        while True:
            asked = shaper.send(can(asked))
    except StopIteration as done:
        shaped: Shaped = done.value
        return shaped


def shaping(messages: Sequence[Mapping[str, Any]]) -> Generator[Feature, bool, Shaped]:
    """Shape messages in wire format; ask what the template can do where that matters."""
    turns = [_Turn(message, (index,)) for index, message in enumerate(messages)]
    notes: list[str] = []
    for step in (_developer, _names, _late_system, _system, _tools, _order):
        turns = yield from step(turns, notes)
    return Shaped(tuple(turn.message for turn in turns), tuple(notes), tuple(turn.origins for turn in turns))


def _developer(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not any(turn.role == "developer" for turn in turns) or (yield "developer"):
        return turns
    notes.append("developer messages became system messages: the template does not show them")
    return [turn.changed(role="system") if turn.role == "developer" else turn for turn in turns]


def _late_system(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    leading = next((index for index, turn in enumerate(turns) if turn.role != "system"), len(turns))
    late = any(turn.role == "system" for turn in turns[leading:])
    if not (late or leading > 1) or (yield "late_system"):
        return turns
    first, rest = turns[:leading], turns[leading:]
    if leading > 1:
        notes.append("the leading system messages were joined: the template takes one")
        first = [_joined(first)]
    if late:
        notes.append("later system messages became user messages: the template takes one at the beginning only")
        rest = [turn.changed(role="user") if turn.role == "system" else turn for turn in rest]
    return first + rest


def _system(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not turns or turns[0].role != "system" or (yield "system"):
        return turns
    notes.append("the system message became the beginning of the first user message: the template has no system role")
    first, rest = turns[0].changed(role="user", name=None), turns[1:]
    if rest and rest[0].role == "user":
        return [_joined([first, rest[0]]), *rest[1:]]
    return [first, *rest]


def _tools(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    if not any(turn.role == "tool" or turn.message.get("tool_calls") for turn in turns) or (
        (yield "tool") and (yield "call")
    ):
        return turns
    notes.append("tool calls and their results became text: the template does not show them")
    return [_told(turn) for turn in turns]


def _told(turn: _Turn) -> _Turn:
    """A tool call or its result as text, marked as Hermes and Qwen models mark them."""
    content = text_of(turn.message.get("content"))
    if turn.role == "tool":
        return turn.changed(role="user", content=f"<tool_response>\n{content}\n</tool_response>", tool_call_id=None)
    calls = [json.dumps(_function(call), ensure_ascii=False) for call in turn.message.get("tool_calls") or ()]
    if not calls:
        return turn
    said = "\n".join(filter(None, [content, *(f"<tool_call>\n{call}\n</tool_call>" for call in calls)]))
    return turn.changed(content=said, tool_calls=None)


def _function(call: Mapping[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function.get("arguments")
    with suppress(TypeError, ValueError):  # decoded already, or no JSON: it stays as it is
        arguments = json.loads(arguments or "{}")
    return {"name": function["name"], "arguments": arguments}


def _names(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    speakers = {turn.message["name"] for turn in turns if turn.role == "user" and turn.message.get("name")}
    if len(speakers) < 2 or ((yield "name") and (yield "repeated")):
        return turns
    notes.append("user messages begin with their speaker's name: the template does not show names")
    return [_named(turn) for turn in turns]


def _named(turn: _Turn) -> _Turn:
    name = turn.message.get("name")
    if turn.role != "user" or not name:
        return turn
    said, content = f"{name}: ", turn.message.get("content")
    if is_array(content):
        return turn.changed(content=[{"type": "text", "text": said}, *content], name=None)
    return turn.changed(content=said + (content or ""), name=None)


def _order(turns: list[_Turn], notes: list[str]) -> Generator[Feature, bool, list[_Turn]]:
    start = next((index for index, turn in enumerate(turns) if turn.role != "system"), len(turns))
    head, body = turns[:start], turns[start:]
    if any(_same(one, other) for one, other in pairwise(body)) and not (yield "repeated"):
        notes.append("messages of one role in a row were joined: the template wants user and assistant in turn")
        body = _merged(body)
    if body and body[0].role == "assistant" and not (yield "answer_first"):
        notes.append("a user message was put before the first answer: the template wants a user to begin")
        body = [_Turn({"role": "user", "content": OPENING}, ()), *body]
    return head + body


def _merged(turns: list[_Turn]) -> list[_Turn]:
    merged: list[_Turn] = []
    for turn in turns:
        if merged and _same(merged[-1], turn):
            merged[-1] = _joined([merged[-1], turn])
        else:
            merged.append(turn)
    return merged


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
