"""The events of a chat, taken by an application with ``for`` and with ``async for``."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from quorate.errors import AgentError, ModelsExhausted
from quorate.events import (
    ChatEnded,
    ChatStarted,
    CodeEnded,
    CodeStarted,
    MessageSent,
    ModelAnswered,
    TextPart,
    ToolEnded,
)
from quorate.testing import ScriptedExecutor


@pytest.fixture(params=["blocking", "async"])
def take(request):
    """The first events of a stream, or all of them, with ``for`` or ``async for``."""

    def some(stream, most, taken):
        for event in stream:
            taken.append(event)
            if len(taken) == most:
                break
        return taken

    async def some_async(stream, most, taken):
        async for event in stream:
            taken.append(event)
            if len(taken) == most:
                break
        return taken

    def blocking(stream, most=None, taken=None):
        return some(stream, most, [] if taken is None else taken)

    def native(stream, most=None, taken=None):
        async def main():
            given = await some_async(stream, most, [] if taken is None else taken)
            await asyncio.sleep(0)  # a stream that was left is closed by the loop
            return given

        return asyncio.run(main())

    return blocking if request.param == "blocking" else native


def kinds(events):
    return [type(event) for event in events]


def test_the_whole_chat_is_told_in_order(take, agent, thinker):
    user, (assistant, _) = agent("user"), thinker("assistant", "Good morning to you")
    stream = user.stream_chat(assistant, message="Good morning", max_turns=1)
    events = take(stream)
    parts = [event for event in events if isinstance(event, TextPart)]
    assert "".join(part.text for part in parts) == "Good morning to you"
    assert {(part.agent, part.recipient) for part in parts} == {("assistant", "user")}
    others = [kind for kind in kinds(events) if kind is not TextPart]
    assert others == [ChatStarted, MessageSent, ModelAnswered, MessageSent, ChatEnded]
    assert stream.result.summary == "Good morning to you"
    assert str(stream.result.stop_reason) == events[-1].stop_reason


def test_code_and_tools_are_told_too(take, agent, talker, kernel):
    kernel.register(ScriptedExecutor(script=["42\n"]), "executor")
    user = agent("user", code_execution_config={"executor": "scripted"}, function_map={"add": lambda a, b: a + b})
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    writer = talker("writer", "```python\nprint(42)\n```", {"content": None, "tool_calls": [call]})
    events = take(user.stream_chat(writer, message="begin"))
    assert next(event for event in events if isinstance(event, CodeEnded)).result.output == "42\n"
    assert next(event for event in events if isinstance(event, ToolEnded)).content == "3"
    assert CodeStarted in kinds(events)


def test_only_this_chat_is_told_of(take, agent, talker):
    stream = agent("user").stream_chat(talker("one", "1"), message="?", max_turns=1)
    agent("stranger").initiate_chat(talker("other", "2"), message="??", max_turns=1)
    assert {event.agent for event in take(stream)} == {"user", "one"}


def test_what_happened_before_a_failure_is_told_before_it(take, agent, thinker):
    user, (assistant, _) = agent("user"), thinker("assistant", RuntimeError("broken"))
    stream = user.stream_chat(assistant, message="hello")
    seen = []
    with pytest.raises(ModelsExhausted, match="broken"):
        take(stream, taken=seen)
    assert kinds(seen) == [ChatStarted, MessageSent]
    assert [message["content"] for message in user.chat_messages[assistant]] == ["hello"]
    with pytest.raises(AgentError, match="no result yet"):
        _ = stream.result


def test_taking_no_further_cancels_the_chat(take, agent, echo):
    user, other = echo("user"), echo("other")
    take(user.stream_chat(other, message="0"), most=6)
    said = len(user.chat_messages[other])
    time.sleep(0.05)
    assert len(user.chat_messages[other]) == said < 1000
    assert user.initiate_chat(other, message="again", clear_history=False, max_turns=1).chat_history


def test_a_chat_taken_with_for_stands_still_between_events(agent, echo):
    user, other = echo("user"), echo("other")
    stream = iter(user.stream_chat(other, message="0"))
    for _ in range(4):
        next(stream)
    said = other.spoken + user.spoken
    time.sleep(0.05)
    assert other.spoken + user.spoken == said
    stream.close()


def test_a_chat_taken_with_for_runs_in_the_callers_thread(agent):
    threads = set()

    def speak(recipient, messages, sender, config):
        threads.add(threading.get_ident())
        return True, None

    user, other = agent("user"), agent("other")
    other.register_reply(lambda _: True, speak, position=1)
    assert kinds(user.stream_chat(other, message="?"))[-1] is ChatEnded
    assert threads == {threading.get_ident()}


def test_what_the_program_does_between_events_is_not_the_chats(agent, talker):
    user, other = agent("user"), talker("other", "yes")
    heard = []
    for event in user.stream_chat(other, message="?", max_turns=1):
        heard.append(event)
        if isinstance(event, ChatStarted):
            agent("aside").initiate_chat(talker("friend", "psst"), message="hey", max_turns=1)
    assert {event.agent for event in heard} == {"user", "other"}


def test_events_are_taken_once(take, agent, talker):
    stream = agent("user").stream_chat(talker("other", "yes"), message="?", max_turns=1)
    take(stream)
    with pytest.raises(AgentError, match="taken once"):
        take(stream)
