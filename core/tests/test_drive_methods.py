"""Every public method of every agent, driven in blocking code and under an event loop, does the same in both.

A new public method must be added to ``CALLS``, with a call that does something; one that awaits is an ``a_`` method and
its twin is made by ``blocking``.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
from dataclasses import asdict, is_dataclass

import pytest

import quorate
from quorate import AgentError, CodeBlock, CodeResult, ConversableAgent, CreateResult, Kernel, Usage
from quorate._drive import current_step
from quorate.agents.base import BaseAgent
from quorate.agents.streaming import ChatStream
from quorate.events import AutoReply
from quorate.groupchat import GroupChat, GroupChatManager

PUBLIC = [getattr(quorate, name) for name in quorate.__all__]
CLASSES = [one for one in PUBLIC if isinstance(one, type) and issubclass(one, BaseAgent)]
"""Every class of agents that programs can name."""


def methods(cls):
    """The public methods of a class, by name; those of a parent that it leaves as they are belong to the parent."""
    parents = [parent for parent in cls.__mro__[1:] if parent in CLASSES]
    members = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
    return {
        name: member
        for name, member in members.items()
        if inspect.isfunction(member) and not any(member is getattr(parent, name, None) for parent in parents)
    }


METHODS = sorted((cls.__name__, name) for cls in CLASSES for name in methods(cls) if not name.startswith("a_"))
PAIRS = [(cls, name) for cls in CLASSES for name in dir(cls) if name.startswith("a_")]


# -- the law: no second body


@pytest.mark.parametrize(("cls", "name"), PAIRS, ids=[f"{cls.__name__}.{name}" for cls, name in PAIRS])
def test_every_async_method_has_a_twin_and_no_second_body(cls, name):
    native, plain = getattr(cls, name), getattr(cls, name.removeprefix("a_"))
    assert inspect.iscoroutinefunction(native)
    assert plain.__quorate_body__ is native
    assert inspect.signature(plain) == inspect.signature(native)


@pytest.mark.parametrize("cls", CLASSES)
def test_no_public_method_is_async_without_saying_so(cls):
    members = {name: getattr(cls, name) for name in dir(cls) if not name.startswith("_")}
    awaited = {name for name, member in members.items() if inspect.iscoroutinefunction(member)}
    assert awaited == {name for name in members if name.startswith("a_")}


@pytest.mark.parametrize("name", [name for name in quorate.__all__ if name.startswith("a_")])
def test_so_has_every_async_function(name):
    native, plain = getattr(quorate, name), getattr(quorate, name.removeprefix("a_"))
    assert inspect.iscoroutinefunction(native)
    assert not inspect.iscoroutinefunction(plain)
    assert inspect.signature(plain) == inspect.signature(native)


# -- every public method, both ways

CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
CODE = "```python\nprint(6 * 7)\n```"
HELLO = [{"role": "user", "content": "hello", "name": "two"}]
SCHEMA = {"name": "sub", "description": "Subtract.", "parameters": {"type": "object", "properties": {}}}


class Executor:
    """Runs nothing, and says what it was given."""

    async def execute_code_blocks(self, blocks):
        await asyncio.sleep(0)
        return CodeResult(0, "".join(block.code for block in blocks))


class Model:
    """A model client that answers with what it was asked."""

    stream = None
    configs = tools = ()

    async def create(self, messages, **_):
        await asyncio.sleep(0)
        text = f"asked {len(messages)}: {messages[-1]['content']}"
        return CreateResult(text, "stop", usage=Usage(1, 1), cost=0.5, model="m")


async def add_later(a: int, b: int) -> int:
    """Add."""
    await asyncio.sleep(0)
    return a + b


def address():
    step = current_step()
    return step.address if step else "none"


def polite(recipient, messages, sender, config):
    return True, f"{len(messages)} said, {messages[-1]['content']} last, step {address()}"


def opening(sender, recipient, context):
    return f"{sender.name} to {recipient.name}: {context}, step {address()}"


def summary(sender, recipient, args):
    return address()


def say(content):
    return f"{content}!"


def queue(two, **more):
    return [{"recipient": two, "message": "hello", "max_turns": 1, **more}]


CALLS = {
    # messages
    "send": lambda one, two: one.send("hello", two, request_reply=True),
    "receive": lambda one, two: one.receive({"content": "hello", "role": "user"}, two, request_reply=True),
    "generate_reply": lambda one, two: one.generate_reply(HELLO, two),
    "process_last_received_message": lambda one, _: one.process_last_received_message(HELLO),
    "process_all_messages_before_reply": lambda one, _: one.process_all_messages_before_reply(HELLO),
    "get_human_input": lambda one, _: one.get_human_input("your words: "),
    "chat_messages_for_summary": lambda one, two: list(one.chat_messages_for_summary(two)),
    "clear_history": lambda one, two: one.clear_history(two, 1),
    "last_message": lambda one, two: one.last_message(two),
    "made_by": lambda one, two: one.made_by("model", two) or one.conversations.of(two).made,
    "messages_from": lambda one, two: list(one.messages_from(two)),
    "stop_reply_at_receive": lambda one, two: one.stop_reply_at_receive(two),
    "tell": lambda one, two: one.tell(AutoReply, two),
    # reply functions and hooks
    "register_reply": lambda one, two: one.register_reply(two, polite, position=2),
    "replace_reply_func": lambda one, two: one.replace_reply_func(polite, lambda *_, **__: (True, "replaced")),
    "register_hook": lambda one, _: one.register_hook("process_message_before_send", say),
    "check_termination_and_human_reply": lambda one, two: one.check_termination_and_human_reply(
        [{"content": "TERMINATE"}], two
    ),
    "generate_oai_reply": lambda one, two: one.generate_oai_reply(HELLO, two, Model()),
    # ends
    "is_termination": lambda one, _: one.is_termination([{"content": "TERMINATE"}]),
    "max_consecutive_auto_reply": lambda one, two: one.max_consecutive_auto_reply(two),
    "update_max_consecutive_auto_reply": lambda one, two: one.update_max_consecutive_auto_reply(7, two),
    "reset_consecutive_auto_reply_counter": lambda one, two: one.reset_consecutive_auto_reply_counter(two),
    "reset": lambda one, _: one.reset(),
    # models
    "check_clients": lambda one, _: one.check_clients(),
    "register_model_client": lambda one, _: one.register_model_client(Model),
    "system_messages": lambda one, _: one.system_messages(),
    "update_system_message": lambda one, _: one.update_system_message("Be brief."),
    "checked_transforms": lambda one, _: one.checked_transforms(),
    "get_actual_usage": lambda one, _: one.get_actual_usage(),
    "get_total_usage": lambda one, _: one.get_total_usage(),
    "print_usage_summary": lambda one, _: one.print_usage_summary(),
    # tools
    "approval_of": lambda one, _: one.approval_of("add"),
    "can_execute_function": lambda one, _: one.can_execute_function(["add"]),
    "execute_function": lambda one, _: one.execute_function(CALL["function"]),
    "generate_function_call_reply": lambda one, two: one.generate_function_call_reply(
        [{"content": "", "function_call": CALL["function"]}], two
    ),
    "generate_tool_calls_reply": lambda one, two: one.generate_tool_calls_reply(
        [{"content": "", "tool_calls": [CALL, CALL]}], two
    ),
    "register_for_execution": lambda one, _: one.register_for_execution("plus")(add_later) and None,
    "register_for_llm": lambda one, _: one.register_for_llm(name="plus", description="Add.")(add_later) and None,
    "register_function": lambda one, _: one.register_function({"add": None, "plus": add_later}),
    "tool_named": lambda one, _: one.tool_named("nothing"),
    "update_function_signature": lambda one, _: one.update_function_signature(SCHEMA),
    "update_tool_signature": lambda one, _: one.update_tool_signature({"type": "function", "function": SCHEMA}),
    # code
    "execute_code_blocks": lambda one, _: one.execute_code_blocks([CodeBlock("print(1)", "python")]),
    "run_code": lambda one, _: one.run_code("print(1)"),
    "generate_code_execution_reply": lambda one, two: one.generate_code_execution_reply([{"content": CODE}], two),
    # chats
    "generate_init_message": lambda one, two: one.generate_init_message(opening, recipient=two, key=1),
    "initiate_chat": lambda one, two: one.initiate_chat(
        two, message=opening, max_turns=3, summary_method=summary, key=1
    ),
    "resume_chat": lambda one, two: one.resume_chat(two, max_turns=1, summary_method=summary),
    "pause": lambda one, _: one.pause(),
    "cancel": lambda one, _: one.cancel(),
    "initiate_chats": lambda one, two: one.initiate_chats(queue(two, summary_method=summary) * 2),
    "get_chat_results": lambda one, _: one.get_chat_results(),
    "prepare_chat": lambda one, two: one.prepare_chat(two, clear_history=True),
    "register_nested_chats": lambda one, two: one.register_nested_chats(queue(two), "somebody"),
    "stream_chat": lambda one, two: one.stream_chat(two, message="hello", max_turns=1),
    # a group
    "run_chat": lambda one, two: one.run_chat([{"role": "user", "content": "hello", "name": "two"}], two),
    "resume": lambda one, _: one.resume([*HELLO, {"role": "user", "content": "and", "name": "three"}]),
    "clear_agents_history": lambda one, _: one.clear_agents_history(
        {"role": "user", "content": "CLEAR HISTORY"}, one.groupchat
    ),
    "forget_chat": lambda one, _: one.forget_chat(),
    "messages_from_string": lambda one, _: one.messages_from_string('[{"role": "user", "content": "hello"}]'),
    "messages_to_string": lambda one, _: one.messages_to_string(HELLO),
    # a chat inside
    "generate_inner_monologue_reply": lambda one, two: one.generate_inner_monologue_reply(HELLO, two),
    "update_chat_manager": lambda one, _: one.update_chat_manager(None),
}
"""How to call each method, of an agent that has talked with another. One that awaits is called by either name."""

TRACELESS = (
    "approval_of cancel check_clients checked_transforms get_actual_usage get_chat_results get_total_usage pause "
    "print_usage_summary tell tool_named"
)
"""Those that give and change nothing here: nobody listens, nothing was used, all is well."""


class Native:
    """An agent whose methods that have an ``a_`` form are called by that."""

    def __init__(self, agent):
        self._agent = agent

    def __getattr__(self, name):
        return getattr(self._agent, f"a_{name}", None) or getattr(self._agent, name)


def pair(cls):
    """An agent of a class and another, who have said two things to each other."""
    kernel = Kernel(autoload=False)
    options = {"human_input_mode": "NEVER", "kernel": kernel, "max_consecutive_auto_reply": 3}

    def plain(name):
        made = ConversableAgent(name, **options)
        made.register_reply([ConversableAgent, None], polite)
        made.register_reply(lambda _: True, ConversableAgent.check_termination_and_human_reply)
        return made

    two = plain("two")
    if issubclass(cls, GroupChatManager):
        group = GroupChat([two, plain("three")], max_round=3, speaker_selection_method="round_robin")
        one = cls(group, **{**options, "max_consecutive_auto_reply": 100})
    elif issubclass(cls, quorate.SocietyOfMindAgent):
        one = cls("one", plain("inner"), max_inner_turns=1, **options)
    else:
        options |= {"function_map": {"add": add_later}, "code_execution_config": {"executor": Executor()}}
        one = cls("one", **options)
        one.client = Model()
        one.register_reply([ConversableAgent, None], polite)
        one.register_reply(lambda _: True, ConversableAgent.check_termination_and_human_reply)
        one.register_hook("process_last_received_message", say)
    if issubclass(cls, GroupChatManager):
        two.initiate_chat(one, message="before")
    else:
        two.send("before", one, request_reply=False)
        one.send("also before", two, request_reply=False)
    one.conversations.of(two).auto_replies = 1
    one.conversations.of(two).reply_at_receive = True
    return one, two


def state(agent):
    """All that an agent keeps, comparable."""
    conversations = agent.conversations
    sides = {partner.name: conversations.of(partner) for partner in conversations}
    return {
        "said": {name: [tuple(entry) for entry in side.history.entries] for name, side in sides.items()},
        "kept": {
            name: (side.auto_replies, side.max_auto_replies, side.reply_at_receive, side.silent, side.made)
            for name, side in sides.items()
        },
        "typed": agent.human_input,
        "replies": [getattr(entry.func, "__name__", None) for entry in agent.replies.matching(None)],
        "number of replies": len(agent.replies),
        "hooks": [list(hooks) for hooks in agent.hook_lists.values()],
        "tools": (sorted(agent.function_map), list(agent.tool_schemas)),
        "instructions": agent.system_message,
        "classes": sorted(agent.kernel._client_classes),
        "inside": getattr(agent, "chat_manager", None) is None,
        "used": agent.get_total_usage(),
        "group": list(agent.groupchat.messages) if isinstance(agent, GroupChatManager) else None,
    }


def comparable(result):
    if isinstance(result, ChatStream):
        return [type(event).__name__ for event in result], comparable(result.result)
    if isinstance(result, BaseAgent):
        return result.name
    if isinstance(result, list | tuple):
        return [comparable(one) for one in result]
    return asdict(result) if is_dataclass(result) else result


def outcome(cls, name, mode, monkeypatch):
    """What a method gives and leaves behind, called in one mode; and what was there before."""
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    one, two = pair(cls)
    before = state(one), state(two)

    async def native():
        result = CALLS[name](Native(one), two)
        return await result if inspect.isawaitable(result) else result

    result = asyncio.run(native()) if mode == "async" else CALLS[name](one, two)
    return comparable(result), (state(one), state(two)), before


def test_no_method_is_forgotten_and_none_is_made_up():
    assert {name for _, name in METHODS} == set(CALLS)


@pytest.mark.parametrize(("cls", "name"), METHODS, ids=[".".join(pair) for pair in METHODS])
def test_each_public_method_does_the_same_in_both_modes(cls, name, monkeypatch):
    blocking, native = (outcome(getattr(quorate, cls), name, mode, monkeypatch) for mode in ("blocking", "async"))
    assert blocking == native
    result, after, before = blocking
    assert result not in (None, [], "") or after != before or name in TRACELESS.split()


def test_what_is_kept_would_show():
    """The state that the test above compares sees a message, and a name that the class lacks is an error."""
    one, two = pair(ConversableAgent)
    before = state(one)
    one.send("more", two)
    assert state(one) != before
    with pytest.raises(AttributeError):
        getattr(Native(one), "nothing")  # noqa: B009
    with pytest.raises(AgentError):
        one.last_message(pair(ConversableAgent)[0])
