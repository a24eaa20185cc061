"""send and receive: what is delivered, what is answered, and what is kept."""

from __future__ import annotations

import asyncio

import pytest

from quorate import Agent, AgentError, ConversableAgent, MessageError


def test_a_message_is_delivered_and_not_answered(echo, run, texts):
    one, two = echo("one"), echo("two")
    run(one.send, "hello", two)
    assert texts(one.chat_messages[two]) == texts(two.chat_messages[one]) == ["hello"]
    assert two.spoken == 0


def test_request_reply_asks_for_one_answer(echo, run, texts):
    one, two = echo("one"), echo("two")
    run(one.send, "hello", two, request_reply=True)
    assert texts(one.chat_messages[two]) == ["hello", "two 1"]
    run(two.receive, "again", one, request_reply=True)
    assert texts(two.chat_messages[one]) == ["hello", "two 1", "again", "two 2"]
    assert texts(one.chat_messages[two]) == ["hello", "two 1", "two 2"], "receive is the receiver's side alone"


def test_after_a_chat_a_message_is_answered_without_asking(echo, run, texts):
    one, two = echo("one", max_consecutive_auto_reply=2), echo("two", max_consecutive_auto_reply=2)
    run(one.initiate_chat, two, message="hello", max_turns=1)
    run(one.send, "go on", two)
    assert texts(one.chat_messages[two]) == ["hello", "two 1", "go on", "two 2", "one 1"], "until a limit is reached"
    run(one.send, "not now", two, request_reply=False)
    assert texts(one.chat_messages[two])[-1] == "not now"


def test_stop_reply_at_receive(echo, run, texts):
    one, two, three = echo("one"), echo("two"), echo("three")
    for other in (two, three):
        run(one.initiate_chat, other, message="hello", max_turns=1)
    two.stop_reply_at_receive(one)
    run(one.send, "more", two)
    assert texts(one.chat_messages[two]) == ["hello", "two 1", "more"]
    one.stop_reply_at_receive()
    run(one.send, "more", three)
    assert texts(one.chat_messages[three]) == ["hello", "three 1", "more", "three 2"]


def test_stopping_inside_a_chat_ends_it(echo, run):
    one, two = echo("one"), echo("two")

    def enough(recipient, messages, sender, config):
        if len(messages) > 4:
            one.stop_reply_at_receive(recipient)
        return False, None

    two.register_reply([Agent, None], enough)
    chat = run(one.initiate_chat, two, message="hello")
    assert len(chat.chat_history) == 6
    assert chat.stop_reason.kind == "no_reply"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (None, "a message is text or a dict, not NoneType"),
        (42, "a message is text or a dict, not int"),
        (["hello"], "a message is text or a dict, not list"),
        ({}, "a message needs content, tool_calls or function_call; this one has nothing"),
        ({"text": "hello"}, r"this one has \['text'\]"),
        ({"content": None}, r"this one has \['content'\]"),
        ({"content": 42}, "message content is text, a list of parts or None, not int"),
        ({"content": ["hello"]}, 'a content part is a dict with a "type"'),
    ],
)
def test_what_is_no_message_is_refused_where_it_enters(agent, run, message, said):
    one, two = agent("one"), agent("two")
    with pytest.raises(MessageError, match=said):
        run(one.send, message, two)
    with pytest.raises(MessageError, match=said):
        run(two.receive, message, one)
    assert (len(one.chat_messages[two]), len(two.chat_messages[one])) == (0, 0)


def test_a_message_keeps_what_belongs_to_it(agent, run):
    one, two = agent("one"), agent("two")
    given = {
        "content": [{"type": "text", "text": "look"}],
        "name": "another",
        "role": "system",
        "mood": "good",
        "context": {},
    }
    before = dict(given)
    run(one.send, given, two)
    kept = {"content": given["content"], "name": "another", "context": {}}
    assert two.chat_messages[one] == [{**kept, "role": "user"}]
    assert one.chat_messages[two] == [{**kept, "role": "assistant"}]
    assert given == before


def test_roles_of_calls_and_results(agent):
    one, two = agent("one"), agent("two")
    calls = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    one.send({"tool_calls": calls}, two)
    two.send({"tool_responses": [{"tool_call_id": "c", "role": "tool", "content": "r"}], "content": "r"}, one)
    two.send({"role": "tool", "tool_call_id": "c", "content": "r"}, one)
    for history in (one.chat_messages[two], two.chat_messages[one]):
        assert [message["role"] for message in history] == ["assistant", "tool", "tool"]
        assert all("name" not in message for message in history)


def test_last_message(agent):
    one, two, three = agent("one"), agent("two"), agent("three")
    assert one.last_message() is None
    one.send("hello", two)
    assert one.last_message() == one.last_message(two) == {"role": "assistant", "content": "hello", "name": "one"}
    one.send("hi", three)
    assert one.last_message(three)["content"] == "hi"
    with pytest.raises(AgentError, match="one talked with several agents; say whose last message is meant: three, two"):
        one.last_message()
    with pytest.raises(AgentError, match="two never talked with three"):
        two.last_message(three)
    one.clear_history(two)
    assert one.last_message(two) is None


class Recorder:
    """An agent of another make: it has what the protocol asks for, and awaits what it likes."""

    name = "recorder"
    description = "Takes what it is told."

    def __init__(self):
        self.taken = []

    async def a_send(self, message, recipient, request_reply=None, silent=False):
        await asyncio.sleep(0)
        await recipient.a_receive(message, self, request_reply=request_reply, silent=silent)

    async def a_receive(self, message, sender, request_reply=None, silent=False):
        await asyncio.sleep(0)
        self.taken.append(message["content"])

    async def a_generate_reply(self, messages=None, sender=None, **kwargs):
        await asyncio.sleep(0)
        return f"recorded {len(self.taken)}" if len(self.taken) < 3 else None


def test_an_agent_of_another_make_takes_part(echo, run, texts):
    foreign = Recorder()
    assert isinstance(foreign, Agent)
    one = echo("one")
    chat = run(one.initiate_chat, foreign, message="hello")
    assert texts(chat.chat_history) == ["hello", "recorded 1", "one 1", "recorded 2", "one 2"]
    assert foreign.taken == ["hello", "one 1", "one 2"]
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("no_reply", "recorder")
    assert one.chat_messages[foreign][1] == {"role": "user", "content": "recorded 1", "name": "recorder"}
    run(one.send, "by the way", foreign)
    assert foreign.taken[-1] == "by the way"


def test_overriding_receive_is_honoured(kernel, agent, run, texts):
    class Polite(ConversableAgent):
        def receive(self, message, sender, request_reply=None, silent=False):
            super().receive(f"please: {message['content']}", sender, request_reply, silent)

    one, two = agent("one"), Polite("two", human_input_mode="NEVER", kernel=kernel)
    run(one.send, "hello", two)
    assert texts(one.chat_messages[two]) == ["hello"]
    assert texts(two.chat_messages[one]) == ["please: hello"]
