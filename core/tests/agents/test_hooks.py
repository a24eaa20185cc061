"""Hooks: what an agent reads before a reply, what it says, and that the history stays as it is."""

from __future__ import annotations

import asyncio

import pytest

from quorate import Agent, AgentError, CodeResult
from quorate.agents.hooks import HOOKABLE
from quorate.testing import ScriptedExecutor

READ = "process_last_received_message"
READ_ALL = "process_all_messages_before_reply"
SEND = "process_message_before_send"


def parrot(recipient, messages, sender, config):
    """Say what was read."""
    return True, " / ".join(str(message["content"]) for message in messages)


@pytest.fixture
def reader(agent):
    """An agent that says what it reads."""
    made = agent("reader")
    made.register_reply([Agent, None], parrot)
    return made


def plain(hook):
    return hook


def later(hook):
    """The same hook as a coroutine function."""

    async def wrapped(*args, **kwargs):
        await asyncio.sleep(0)
        return hook(*args, **kwargs)

    return wrapped


@pytest.fixture(params=[plain, later])
def made_of(request):
    """Plain hooks and async ones work in blocking and async chats alike."""
    return request.param


@pytest.mark.parametrize("prefix", ["", "a_"])
def test_the_last_message_then_all_of_them_and_the_history_stays(reader, agent, run, texts, made_of, prefix):
    order = []

    def louder(content):
        order.append("last")
        return content.upper()

    def last_two(messages):
        order.append("all")
        return messages[-2:]

    reader.register_hook(prefix + READ_ALL, made_of(last_two))
    reader.register_hook(prefix + READ, made_of(louder))
    reader.register_hook(prefix + READ, made_of(lambda content: f"{content}!"))
    chat = run(agent("one", default_auto_reply="more").initiate_chat, reader, message="hello", max_turns=2)
    assert texts(chat.chat_history) == ["hello", "HELLO!", "more", "HELLO! / MORE!"]
    assert texts(reader.chat_messages[agent("nobody")]) == []
    assert order == ["last", "all"] * 2


def test_what_is_said_is_what_the_hook_gives(agent, run, texts, made_of):
    one, two = agent("one"), agent("two")
    seen = []

    def sign(sender, message, recipient, silent):
        seen.append((sender.name, recipient.name, silent))
        return f"{message} -- {sender.name}"

    one.register_hook(SEND, made_of(sign))
    one.register_hook(SEND, made_of(lambda sender, message, recipient, silent: {"content": message, "name": "One"}))
    run(one.send, "hello", two, silent=True)
    run(one.send, "again", two)
    assert texts(one.chat_messages[two]) == texts(two.chat_messages[one]) == ["hello -- one", "again -- one"]
    assert two.chat_messages[one][0]["name"] == "One"
    assert seen == [("one", "two", True), ("one", "two", False)]


def test_hooks_are_asked_in_a_chat(agent, echo, run, texts):
    one, two = echo("one"), echo("two")
    two.register_hook(SEND, lambda sender, message, recipient, silent: message.upper())
    chat = run(one.initiate_chat, two, message="hello", max_turns=2)
    assert texts(chat.chat_history) == ["hello", "TWO 1", "one 1", "TWO 2"]


@pytest.mark.parametrize(
    "last",
    [
        {"role": "user", "content": "exit"},
        {"role": "user", "content": "x", "context": {"a": 1}},
        {"role": "assistant", "content": "x", "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]},
    ],
)
def test_last_messages_that_the_hook_is_not_asked_about(reader, run, last):
    reader.register_hook(READ, lambda content: pytest.fail("asked"))
    assert run(reader.process_last_received_message, [last]) == [last]
    assert run(reader.process_last_received_message, []) == []


def test_parts_are_content_too(reader, run):
    parts = [{"type": "text", "text": "look"}]
    reader.register_hook(READ, lambda content: [*content, {"type": "text", "text": " there"}])
    given = [{"role": "user", "content": parts}]
    assert run(reader.process_last_received_message, given)[0]["content"] == [
        *parts,
        {"type": "text", "text": " there"},
    ]
    assert given == [{"role": "user", "content": parts}]


def test_hooks_that_change_what_they_are_handed_leave_history_and_callers_alone(reader, agent, run, texts):
    def more(content):
        content[0]["text"] = "changed"
        content.append({"type": "text", "text": "!"})
        return content

    def forget(messages):
        messages[0]["content"] = "forgotten"
        del messages[1:-1]
        return messages

    def sign(sender, message, recipient, silent):
        message["name"] = "signed"
        return message

    one, given = agent("one"), {"content": [{"type": "text", "text": "look"}]}
    one.register_hook(SEND, sign)
    reader.register_hook(READ, more)
    reader.register_hook(READ_ALL, forget)
    for message in ("first", "second", given):
        run(one.send, message if isinstance(message, dict) else {"content": message}, reader)
    parts = [{"type": "text", "text": "changed"}, {"type": "text", "text": "!"}]
    assert run(reader.generate_reply, sender=one) == f"forgotten / {parts}"
    assert texts(reader.chat_messages[one]) == ["first", "second", [{"type": "text", "text": "look"}]]
    assert {message["name"] for message in reader.chat_messages[one]} == {"signed"}
    assert given == {"content": [{"type": "text", "text": "look"}]}


def test_code_output_ends_no_chat_after_a_hook_either(agent, talker, run):
    """Who made a message is known still when a hook has replaced it."""
    executor = ScriptedExecutor(script=[CodeResult(0, "TERMINATE")])
    runner = agent("runner", code_execution_config={"executor": executor})
    writer = talker("writer", "```python\nprint('TERMINATE')\n```", "seen")
    writer.register_hook(READ, lambda content: f"{content} TERMINATE")
    writer.register_hook(READ_ALL, lambda messages: messages)
    chat = run(runner.initiate_chat, writer, message="write code")
    assert [message["content"] for message in chat.chat_history][-1] == "seen"


@pytest.mark.parametrize(
    ("method", "gives", "wanted"),
    [
        (READ, 42, "the content: text, or a list of parts"),
        (READ_ALL, "text", "a list of messages"),
        (SEND, None, "the message to send: text, or a message"),
    ],
)
def test_a_hook_that_gives_something_else_is_named(reader, agent, run, method, gives, wanted):
    def forgetful(*_, **__):
        return gives

    reader.register_hook(method, forgetful)
    with pytest.raises(
        AgentError, match=f"reader: the {method} hook .*forgetful gave {gives!r}; it must give {wanted}"
    ):
        run(agent("one").initiate_chat, reader, message="hello")


def test_what_cannot_be_registered(reader):
    def hook(content):
        return content

    reader.register_hook(READ, hook)
    with pytest.raises(AgentError, match=f"reader: .*hook is a hook of a_{READ} already"):
        reader.register_hook(f"a_{READ}", hook)
    with pytest.raises(AgentError, match="'generate_reply' takes no hook; those that do are " + ", ".join(HOOKABLE)):
        reader.register_hook("generate_reply", hook)
    with pytest.raises(AgentError, match="a hook is a function, not 'text'"):
        reader.register_hook(SEND, "text")
    assert reader.hook_lists == {READ: [hook], READ_ALL: [], SEND: []}
