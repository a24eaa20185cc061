"""Human input: when a person is asked, and what follows from the answer, by AutoGen 0.2's rules."""

from __future__ import annotations

import asyncio
import io

import pytest

from quorate import AgentError, ConversableAgent, UserProxyAgent
from quorate.events import AutoReply

LIMIT = 2


class Person(ConversableAgent):
    """An agent whose person answers from a list; asking more often than it is long fails."""

    def __init__(self, name, *typed, **options):
        super().__init__(name, **options)
        self.typed = list(typed)
        self.prompts = []
        self.register_reply(lambda _: True, lambda *_, **__: (True, "auto"), position=1)

    async def a_get_human_input(self, prompt):
        self.prompts.append(prompt)
        return self.typed.pop(0)


# mode, the message ends the chat, the auto replies are used up, typed (None: not asked), reply, counter after
CELLS = [
    ("ALWAYS", False, False, "", "auto", 1),
    ("ALWAYS", False, False, "exit", None, 0),
    ("ALWAYS", False, False, "text", "text", 0),
    ("ALWAYS", False, True, "", "auto", LIMIT + 1),
    ("ALWAYS", False, True, "exit", None, 0),
    ("ALWAYS", False, True, "text", "text", 0),
    ("ALWAYS", True, False, "", None, 0),
    ("ALWAYS", True, False, "exit", None, 0),
    ("ALWAYS", True, False, "text", "text", 0),
    ("ALWAYS", True, True, "", None, 0),
    ("ALWAYS", True, True, "exit", None, 0),
    ("ALWAYS", True, True, "text", "text", 0),
    ("TERMINATE", False, False, None, "auto", 1),
    ("TERMINATE", False, True, "", "auto", LIMIT + 1),
    ("TERMINATE", False, True, "exit", None, 0),
    ("TERMINATE", False, True, "text", "text", 0),
    ("TERMINATE", True, False, "", None, 0),
    ("TERMINATE", True, False, "exit", None, 0),
    ("TERMINATE", True, False, "text", "text", 0),
    ("TERMINATE", True, True, "", None, 0),
    ("TERMINATE", True, True, "exit", None, 0),
    ("TERMINATE", True, True, "text", "text", 0),
    ("NEVER", False, False, None, "auto", 1),
    ("NEVER", False, True, None, None, 0),
    ("NEVER", True, False, None, None, 0),
    ("NEVER", True, True, None, None, 0),
]


@pytest.mark.parametrize(("mode", "ending", "used_up", "typed", "reply", "counter"), CELLS)
def test_each_cell(kernel, talker, run, mode, ending, used_up, typed, reply, counter):
    asked = Person(
        "me",
        *([] if typed is None else [typed]),
        human_input_mode=mode,
        max_consecutive_auto_reply=LIMIT,
        is_termination_msg=lambda message: message["content"] == "bye",
        kernel=kernel,
    )
    sender = talker("you")
    asked.conversations.of(sender).auto_replies = LIMIT if used_up else 0
    messages = [{"role": "user", "content": "bye" if ending else "hello"}]
    assert run(asked.generate_reply, messages, sender) == reply
    assert asked.conversations.of(sender).auto_replies == counter
    assert len(asked.prompts) == (0 if typed is None else 1)
    if typed is not None:
        offered = "enter or type 'exit' to stop" if ending else "enter to skip and use auto-reply"
        assert f"Replying as me. Provide feedback to you. Press {offered}" in asked.prompts[0]


@pytest.mark.parametrize("mode", ["ALWAYS", "TERMINATE", "NEVER"])
def test_a_limit_of_0(kernel, talker, run, mode):
    """A person's empty answer is a reply of its own; NEVER ends at once."""
    asked = Person("me", "", human_input_mode=mode, max_consecutive_auto_reply=0, kernel=kernel)
    reply = run(asked.generate_reply, [{"role": "user", "content": "hello"}], talker("you"))
    assert reply == (None if mode == "NEVER" else "")


def test_an_unknown_mode(kernel):
    with pytest.raises(AgentError, match="me: human_input_mode is one of ALWAYS, NEVER, TERMINATE, not 'SOMETIMES'"):
        ConversableAgent("me", human_input_mode="SOMETIMES", kernel=kernel)


def test_counters_and_limits_are_per_sender(agent, echo, run):
    limited, one, two = echo("me", max_consecutive_auto_reply=2), agent("one"), agent("two")
    hello = [{"role": "user", "content": "hello"}]

    def replies(sender):
        return [run(limited.generate_reply, hello, sender) is not None for _ in range(4)]

    assert replies(one) == [True, True, False, True], "the third ends it, and counting starts again"
    limited.update_max_consecutive_auto_reply(1, two)
    assert (limited.max_consecutive_auto_reply(), limited.max_consecutive_auto_reply(two)) == (2, 1)
    assert replies(two) == [True, False, True, False]
    limited.update_max_consecutive_auto_reply(3)
    assert limited.max_consecutive_auto_reply(two) == 3


def test_resetting_the_counter(agent, echo):
    limited, one = echo("me", max_consecutive_auto_reply=1), agent("one")
    hello = [{"role": "user", "content": "hello"}]
    for _ in range(3):
        limited.reset_consecutive_auto_reply_counter(one)
        assert limited.generate_reply(hello, one) is not None
    limited.reset_consecutive_auto_reply_counter()
    assert limited.generate_reply(hello, one) is not None


def test_each_auto_reply_counts_once_in_either_mode(echo, run):
    """AutoGen 0.2 counts twice in async chats: 4 auto replies allowed gave 5 messages instead of 9."""
    one, two = echo("one", max_consecutive_auto_reply=4), echo("two", max_consecutive_auto_reply=4)
    chat = run(one.initiate_chat, two, message="hello")
    assert len(chat.chat_history) == 9
    assert (chat.stop_reason.kind, chat.stop_reason.agent) == ("max_consecutive_auto_reply", "two")


def test_a_person_is_asked_once_per_reply_in_either_mode(kernel, echo, run, texts):
    """AutoGen 0.2 asks twice in async chats."""
    asked = Person("me", "one", "", "exit", human_input_mode="ALWAYS", kernel=kernel)
    chat = run(echo("you").initiate_chat, asked, message="hello")
    assert texts(chat.chat_history) == ["hello", "one", "you 1", "auto", "you 2"]
    assert len(asked.prompts) == 3
    assert (chat.stop_reason.kind, str(chat.stop_reason)) == ("human_exit", "the person at me ended it")


def test_each_chat_counts_anew(echo):
    one, two = echo("one", max_consecutive_auto_reply=1), echo("two", max_consecutive_auto_reply=1)
    assert [len(one.initiate_chat(two, message="hello").chat_history) for _ in range(2)] == [3, 3]


def test_input_is_the_default_and_what_was_typed_is_in_the_result(kernel, echo, run, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("my task\nmore\n\nexit\n"))
    person = UserProxyAgent("me", code_execution_config=False, default_auto_reply="go on", kernel=kernel)
    chat = run(person.initiate_chat, echo("you"))
    assert [message["content"] for message in chat.chat_history] == [
        "my task",
        "you 1",
        "more",
        "you 2",
        "go on",
        "you 3",
    ]
    assert chat.human_input == ["my task", "more", "", "exit"]
    assert capsys.readouterr().out.startswith(">Replying as me. Provide feedback to you. Press enter to skip")


def test_human_input_of_a_result_is_that_of_its_chat(kernel, echo, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("a\nexit\nb\nexit\n"))
    person = UserProxyAgent("me", code_execution_config=False, kernel=kernel)
    found = [person.initiate_chat(echo("you"), message="hello").human_input for _ in range(2)]
    assert found == [["a", "exit"], ["b", "exit"]]
    assert person.human_input == ["a", "exit", "b", "exit"]


@pytest.mark.parametrize("name", ["get_human_input", "a_get_human_input"])
def test_overriding_either_way_of_asking(kernel, echo, run, name):
    prompts = []

    def plain(self, prompt):
        prompts.append(prompt)
        return "exit" if len(prompts) == 2 else "typed"

    async def native(self, prompt):
        return plain(self, prompt)

    cls = type("Web", (UserProxyAgent,), {name: plain if name == "get_human_input" else native})
    person = cls("me", code_execution_config=False, kernel=kernel)
    chat = run(echo("you").initiate_chat, person, message="hello")
    assert [message["content"] for message in chat.chat_history] == ["hello", "typed", "you 1"]
    assert len(prompts) == 2


@pytest.mark.parametrize("name", ["get_human_input", "a_get_human_input"])
def test_a_function_assigned_to_one_agent_asks_its_person(kernel, echo, run, name):
    """As old programs do; what is typed is in the result however the person is asked."""
    left = ["my task", "typed", "exit"]

    def plain(prompt):
        return left.pop(0)

    async def later(prompt):
        await asyncio.sleep(0)
        return plain(prompt)

    person = UserProxyAgent("me", code_execution_config=False, kernel=kernel)
    setattr(person, name, plain if name == "get_human_input" else later)
    chat = run(person.initiate_chat, echo("you"))
    assert [message["content"] for message in chat.chat_history] == ["my task", "you 1", "typed", "you 2"]
    assert chat.human_input == ["my task", "typed", "exit"]


def test_the_person_interrupts_tool_calls(kernel, thinker, run):
    calls = [{"id": f"c{n}", "type": "function", "function": {"name": "f", "arguments": "{}"}} for n in (1, 2)]
    person = Person("me", "stop that", human_input_mode="ALWAYS", function_map={"f": lambda: "ran"}, kernel=kernel)
    sender, model = thinker("you", "understood")
    run(sender.send, {"content": None, "tool_calls": calls}, person)
    reply = run(person.generate_reply, sender=sender)
    assert reply == {
        "role": "user",
        "content": "stop that",
        "tool_responses": [
            {"role": "tool", "tool_call_id": "c1", "content": "USER INTERRUPTED"},
            {"role": "tool", "tool_call_id": "c2", "content": "USER INTERRUPTED"},
        ],
    }
    run(person.send, reply, sender)
    assert run(sender.generate_reply, sender=person) == "understood"
    sent = [(m["role"], m.get("content")) for m in model.requests[0].messages[1:]]
    assert [role for role, _ in sent] == ["assistant", "tool", "tool", "user"], "the model is told what the person said"
    assert sent[-1][1] == "stop that"


def test_auto_replies_are_told_where_a_person_could_have_been_asked(kernel, talker):
    told = []
    kernel.observers.add(lambda event: told.append(event.agent) if isinstance(event, AutoReply) else None)
    for mode in ("ALWAYS", "TERMINATE", "NEVER"):
        person = Person(mode, "", human_input_mode=mode, kernel=kernel)
        person.generate_reply([{"role": "user", "content": "hello"}], talker("you"))
    assert told == ["ALWAYS", "TERMINATE"]
