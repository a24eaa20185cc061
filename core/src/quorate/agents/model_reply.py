"""The reply function that lets the model answer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from quorate._drive import call, kernel_code
from quorate._streams import stream
from quorate.agents.requests import compaction, request_of, shortened
from quorate.agents.unanswered import answered
from quorate.errors import ModelError
from quorate.events import ModelAnswered, TextPart, TextRestarted
from quorate.messages import text_of
from quorate.models.budget import settle_unreserved
from quorate.models.compaction import compacting
from quorate.models.results import Restarted
from quorate.models.usage import Tally, count, open_tally
from quorate.tools.names import allowed_name

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

    from quorate.agents.model_backed import ModelBackedAgent
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.messages import Message, ToolCall
    from quorate.models import CreateResult
    from quorate.models.compaction import Compact


@kernel_code
async def a_generate_oai_reply(
    recipient: ModelBackedAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Let the model answer; ``config`` may be another model client to ask."""
    client = recipient.client if config is None else config
    if client is None:
        return False, None
    messages = recipient.messages_from(sender) if messages is None else messages
    tools, aside = _tools(recipient, client), partial(ask_model, recipient, partner=sender)
    request = await request_of(recipient, client, messages, sender, tools=tools.get("tools", ()), ask=aside)
    compact = compaction(recipient, sender, recipient.transforms, aside)
    result = await _fitting(client, request, tools, compact, partial(_ask, recipient, client, sender))
    recipient.made_by("model", sender)
    recipient.tell(ModelAnswered, sender, result=result, messages=request)
    return True, _message(result)


async def ask_model(agent: ModelBackedAgent, request: list[Message], partner: Agent | None) -> str:
    """Ask an agent's model beside the turns, about its chat with a partner; no tool is called, and no part is told."""
    client: Any = agent.client
    aside = partial(ask_model, agent, partner=partner)

    async def ask(request: list[Message]) -> CreateResult:
        return await _counted(agent, client, call("model", client.create, request, tool_choice="none"))

    result = await _fitting(client, answered(request), {}, compaction(agent, partner, (), aside), ask)
    agent.tell(ModelAnswered, partner, result=result, messages=request)
    return text_of(result.message.get("content"))


async def _fitting(
    client: Any,
    request: list[Message],
    tools: dict[str, Any],
    compact: Compact,
    ask: Callable[[list[Message]], Awaitable[CreateResult]],
) -> CreateResult:
    """One model call, with less of the request where the whole is too long for the model."""
    try:
        with compacting(compact):
            return await ask(request)
    except ModelError as error:
        left = await shortened(client, request, error, compact, tools)
    return await ask(left)


async def _counted(recipient: ModelBackedAgent, client: Any, asking: Awaitable[CreateResult]) -> CreateResult:
    """One model call. Clients of ours count what they used; for one of the program's own that does not, we do."""
    with open_tally() as used:
        result = await asking
        counted = bool(used.total)
        if not counted:
            count(result)
            settle_unreserved(result)
    if not (counted and isinstance(getattr(client, "usage", None), Tally)):
        recipient.usage.merge(used)
    return result


async def _ask(recipient: ModelBackedAgent, client: Any, sender: Agent | None, request: list[Message]) -> CreateResult:
    """One model call, counted."""
    return await _counted(recipient, client, _answer(recipient, client, sender, request))


async def _answer(
    recipient: ModelBackedAgent, client: Any, sender: Agent | None, request: list[Message]
) -> CreateResult:
    """One model call, told in parts when someone listens."""
    tools = _tools(recipient, client)
    if not _streams(recipient, client):
        result: CreateResult = await call("model", client.create, request, **tools)
        return result
    parts: AsyncGenerator[str | CreateResult, None] = stream("model", client.create_stream, request, **tools)
    try:
        async for part in parts:
            if not isinstance(part, str):
                return part
            if sender is not None:
                recipient.conversations.of(sender).made.streamed = True
            whom = sender.name if sender else ""
            if isinstance(part, Restarted):
                recipient.tell(TextRestarted, sender, recipient=whom, reason=part.reason)
            else:
                recipient.tell(TextPart, sender, recipient=whom, text=part)
    finally:
        await parts.aclose()
    msg = f"{recipient.name}: the model client's stream ended without a CreateResult"
    raise ModelError(msg, kind="bad_response")


def _streams(recipient: ModelBackedAgent, client: Any) -> bool:
    """Whether to take the answer in parts: as the configuration says, else when someone listens."""
    asked = getattr(client, "stream", None)
    return bool(recipient.kernel.observers) if asked is None else bool(asked)


def _tools(recipient: ModelBackedAgent, client: Any) -> dict[str, Any]:
    """The tools of a request; another client than the agent's own has tools of its own, or none."""
    if client is not recipient.client or not (recipient.tool_schemas or getattr(client, "tools", ())):
        return {}
    return {"tools": recipient.tool_schemas}


def _message(result: CreateResult) -> str | Message:
    """What the agent says: the text, or the calls under names that endpoints accept when they come back to them."""
    if isinstance(result.content, str):
        return result.content
    message = result.message
    message["tool_calls"] = [_named(asked) for asked in result.content]
    return message


def _named(asked: ToolCall) -> ToolCall:
    name = asked["function"]["name"]
    allowed = allowed_name(name)
    return asked if allowed == name else {**asked, "function": {**asked["function"], "name": allowed}}
