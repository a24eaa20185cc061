"""The law of one body: every public method of a group and its manager does the same in both modes."""

from __future__ import annotations

import asyncio
import inspect
import io
import random
import sys

import pytest

from quorate import ConversableAgent, GroupChat, GroupChatManager


def pairs(cls):
    return sorted(name for name in dir(cls) if name.startswith("a_"))


OWN = [name for name in pairs(GroupChatManager) if name not in pairs(ConversableAgent)]
EVERY = [(cls, name) for cls in (GroupChat, GroupChatManager) for name in pairs(cls)]


@pytest.mark.parametrize(("cls", "name"), EVERY, ids=[f"{cls.__name__}.{name}" for cls, name in EVERY])
def test_every_async_method_has_a_twin_and_no_second_body(cls, name):
    native, plain = getattr(cls, name), getattr(cls, name.removeprefix("a_"))
    assert inspect.iscoroutinefunction(native)
    assert plain.__quorate_body__ is native
    assert inspect.signature(plain) == inspect.signature(native)


@pytest.mark.parametrize("cls", [GroupChat, GroupChatManager])
def test_no_public_method_is_async_without_saying_so(cls):
    public = {name: member for name, member in inspect.getmembers(cls) if not name.startswith("_")}
    assert [name for name, one in public.items() if inspect.iscoroutinefunction(one)] == pairs(cls)


CALLS = {
    "a_select_speaker": lambda manager, one: ((manager.groupchat, one, manager), {}),
    "a_random_select_speaker": lambda manager, one: ((manager.groupchat,), {}),
    "a_manual_select_speaker": lambda manager, one: ((manager.groupchat,), {"selector": manager}),
    "a_run_chat": lambda manager, one: ((manager,), {"messages": [{"content": "go", "role": "user"}], "sender": one}),
    "a_resume": lambda manager, one: ((manager, [{"content": "go", "name": "one"}] * 3), {}),
}
"""How to call each; a new public method must be added here."""


def test_no_method_is_forgotten():
    assert sorted(CALLS) == sorted([*OWN, *pairs(GroupChat)])


@pytest.mark.parametrize("name", CALLS)
def test_each_public_method_does_the_same_in_both_modes(member, group, monkeypatch, name):
    def outcome(mode):
        random.seed(1)
        monkeypatch.setattr(sys, "stdin", io.StringIO("2\n"))
        one, two = member("one"), member("two")
        manager = group(one, two)
        arguments, keywords = CALLS[name](manager, one)
        body = getattr(type(arguments[0]), name)
        call = getattr(type(arguments[0]), name.removeprefix("a_")) if mode == "blocking" else body
        result = call(*arguments, **keywords)
        result = asyncio.run(result) if mode == "async" else result
        return repr(result), list(manager.groupchat.messages), list(two.chat_messages[manager])

    blocking, native = outcome("blocking"), outcome("async")
    assert blocking == native
    assert blocking[0] != "None"
