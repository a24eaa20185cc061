"""Members that speak from a script, and groups of them."""

from __future__ import annotations

import itertools
from collections import deque

import pytest

from quorate import ConversableAgent, GroupChat, GroupChatManager
from quorate.testing import ScriptedClient


@pytest.fixture
def member(kernel):
    """Make an agent that says these in order, then ``name 1``, ``name 2``, ...; an exception is raised, None ends."""

    def make(name, *replies, cls=ConversableAgent, **options):
        left, numbers = deque(replies), itertools.count(1)

        def speak(recipient, messages, sender, config):
            reply = left.popleft() if left else f"{name} {next(numbers)}"
            if isinstance(reply, BaseException):
                raise reply
            return True, reply(messages) if callable(reply) else reply

        made = cls(name, **{"human_input_mode": "NEVER", "kernel": kernel, "description": f"is {name}", **options})
        made.register_reply(lambda _: True, speak, position=1)  # after the end of a chat is looked for
        made.say = left.append
        return made

    return make


@pytest.fixture
def group(kernel):
    """Make the manager of a group of these members, who speak in turn unless told otherwise."""

    def make(*members, manager=None, **options):
        chat = GroupChat(list(members), **{"speaker_selection_method": "round_robin", "max_round": 4, **options})
        return GroupChatManager(chat, **{"kernel": kernel, **(manager or {})})

    return make


@pytest.fixture
def model(kernel):
    """Make a scripted model; gives the configuration that names it, and the model."""
    numbers = itertools.count(1)

    def make(*script, **options):
        name = f"model-{next(numbers)}"
        made = ScriptedClient(script=script, name=name, **options)
        kernel.register(made, f"plugin-of-{name}")
        return {"model": "m", "client": name}, made

    return make


@pytest.fixture
def events(kernel):
    """What the kernel's observers are told."""
    told = []
    kernel.observers.add(told.append)
    return told


def said(messages):
    """Who said what."""
    return [f"{message.get('name')}: {message['content']}" for message in messages]


@pytest.fixture(name="said")
def said_fixture():
    """Who said what, of messages."""
    return said
