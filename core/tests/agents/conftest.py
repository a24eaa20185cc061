"""Agents that speak from a script, and what they say."""

from __future__ import annotations

from collections import deque

import pytest

from quorate import ConversableAgent
from quorate.testing import ScriptedClient


@pytest.fixture
def agent(kernel):
    """Make an agent that asks nobody and, unless told otherwise, says nothing by itself."""

    def make(name="agent", **options):
        return ConversableAgent(name, **{"human_input_mode": "NEVER", "kernel": kernel, **options})

    return make


@pytest.fixture
def talker(agent):
    """Make an agent whose reply function gives these in order, then nothing; an exception is raised."""

    def make(name, *replies, **options):
        left = deque(replies)

        def speak(recipient, messages, sender, config):
            reply = left.popleft() if left else None
            if isinstance(reply, Exception):
                raise reply
            return True, reply

        made = agent(name, **options)
        made.register_reply(lambda _: True, speak, position=1)  # after the end of a chat is looked for
        return made

    return make


@pytest.fixture
def echo(agent):
    """Make an agent that answers ``name 1``, ``name 2``, ... without end."""

    def make(name, **options):
        made = agent(name, **{"max_consecutive_auto_reply": 10_000, **options})
        made.spoken = 0

        def speak(recipient, messages, sender, config):
            made.spoken += 1
            return True, f"{name} {made.spoken}"

        made.register_reply(lambda _: True, speak, position=1)
        return made

    return make


@pytest.fixture
def thinker(kernel, agent):
    """Make an agent with a scripted model; gives the agent and the model."""

    def make(name, *script, **options):
        model = ScriptedClient(script=script, name=f"model-of-{name}")
        kernel.register(model, f"plugin-of-{name}")
        llm_config = {"model": "m", "client": f"model-of-{name}", **options.pop("llm_config", {})}
        return agent(name, llm_config=llm_config, **options), model

    return make


def texts(history):
    return [message["content"] for message in history]


@pytest.fixture(name="texts")
def texts_fixture():
    """The contents of messages."""
    return texts
