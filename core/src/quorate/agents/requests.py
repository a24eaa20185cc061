"""What an agent's model is asked: instructions, the history as its transforms give it, and less of it if need be."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from quorate.agents.templates import filled
from quorate.agents.unanswered import answered
from quorate.errors import ModelError, ModelsExhausted
from quorate.events import HistoryShortened
from quorate.models.compaction import room_of, same
from quorate.models.counting import estimate_tokens
from quorate.models.wire import wire_messages
from quorate.transforms.base import Reader, Transform, transformed
from quorate.transforms.tokens import fitting

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from quorate.agents.model_backed import ModelBackedAgent
    from quorate.agents.protocol import Agent
    from quorate.messages import Message
    from quorate.models.compaction import Compact, Room

    Ask = Callable[[list[Message]], Awaitable[str]]


async def request_of(
    agent: ModelBackedAgent,
    client: Any,
    messages: Sequence[Message],
    sender: Agent | None,
    *,
    tools: Sequence[Mapping[str, Any]],
    ask: Ask,
) -> list[Message]:
    """The messages of a request: the history is not changed, and no message of it is copied that stays as it is.

    Args:
        agent: whose model is asked.
        client: the model client.
        messages: the history.
        sender: who is answered.
        tools: the schemas that go with the request.
        ask: asks the model beside the turns.

    Raises:
        MessageError: something is no message, or a template cannot be filled.
        AgentError: a transform gave no list of messages.
        ModelError: a transform asked a model, and that failed.
    """
    system = agent.system_messages()
    whole = cast("list[Message]", wire_messages(_filled(client, [*system, *messages])))
    if not agent.transforms:
        return answered(whole)
    head, rest = whole[: len(system)], whole[len(system) :]
    reader = Reader(client, beside=head, tools=tools or getattr(client, "tools", ()), ask=ask)
    given = await transformed(rest, agent.checked_transforms(), reader, agent.name)
    if same(given, rest):
        return answered(whole)
    read = answered([*head, *_without_strays(cast("list[Message]", wire_messages(given)))])
    _tell(agent, sender, whole, read)
    return read


def compaction(agent: ModelBackedAgent, sender: Agent | None, transforms: Sequence[Any], ask: Ask) -> Compact:
    """How a prompt is shortened that is too long for a model: what transforms can do, then the oldest is left out."""

    async def compact(messages: Sequence[Message], room: Room) -> Sequence[Message]:
        reader, left = _InRoom(room, ask), messages
        for transform in transforms:
            if isinstance(transform, Transform):
                left = await _compacted(transform, left, reader)
        left = await fitting(left, room.tokens, room.count, keep_first=True)
        if same(left, messages):
            return messages
        read = answered(list(left))
        _tell(agent, sender, messages, read, overflow=True)
        return read

    return compact


async def shortened(
    client: Any, request: Sequence[Message], error: ModelError, compact: Compact, params: Mapping[str, Any]
) -> list[Message]:
    """What is left of a request that is too long for a client of the program's own; a config list sees to that itself.

    Raises:
        ModelError: the error itself, where it is another one, or nothing can be left out.
    """
    if error.kind != "context_overflow" or error.output_started or isinstance(error, ModelsExhausted):
        raise error
    left = await compact(request, await room_of(client, None, request, params, str(error)))
    if same(left, request):
        raise error
    return list(left)


class _InRoom(Reader):
    """A reader that counts as the model does which refused the prompt."""

    def __init__(self, room: Room, ask: Ask) -> None:
        super().__init__(ask=ask)
        self._room = room

    async def count(self, messages: Sequence[Message]) -> int:
        return await self._room.count(messages)


async def _compacted(transform: Transform, messages: Sequence[Message], reader: Reader) -> Sequence[Message]:
    try:
        return await transform.a_compact(messages, reader)
    except ModelError:  # a model that cannot sum up is no reason to give up: the oldest is left out instead, and told
        return messages


def _filled(client: Any, messages: list[Message]) -> Sequence[Message]:
    if not getattr(client, "allow_format_str_template", False):
        return messages
    return filled(messages, client.context)


def _without_strays(messages: list[Message]) -> list[Message]:
    """The messages without results whose calls were left out: endpoints refuse these."""
    called: set[str] = set()
    kept: list[Message] = []
    for message in messages:
        called.update(one.get("id", "") for one in message.get("tool_calls") or ())
        if message.get("role") != "tool" or message.get("tool_call_id", "") in called:
            kept.append(message)
    return kept


def _tell(
    agent: ModelBackedAgent,
    sender: Agent | None,
    before: Sequence[Message],
    after: Sequence[Message],
    *,
    overflow: bool = False,
) -> None:
    if agent.kernel.observers:
        fewer = partial(max, 0)
        agent.tell(
            HistoryShortened,
            sender,
            messages=fewer(len(before) - len(after)),
            tokens=fewer(estimate_tokens(before) - estimate_tokens(after)),
            overflow=overflow,
        )
