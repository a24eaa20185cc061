"""Agents that speak from a script or ask a scripted model, and both ways of holding a chat."""

from __future__ import annotations

import asyncio
from collections import deque

import pytest

from quorate import ConversableAgent, CreateResult, Usage
from quorate.testing import ScriptedClient


@pytest.fixture(params=["blocking", "async"])
def chat(request):
    """Hold a chat, in either mode."""

    def blocking(opener, *args, **options):
        return opener.initiate_chat(*args, **options)

    def native(opener, *args, **options):
        return asyncio.run(opener.a_initiate_chat(*args, **options))

    return blocking if request.param == "blocking" else native


@pytest.fixture
def agent(kernel):
    """Make an agent that asks nobody."""

    def make(name, **options):
        return ConversableAgent(name, **{"human_input_mode": "NEVER", "kernel": kernel, **options})

    return make


@pytest.fixture
def talker(agent):
    """Make an agent that says these in order, then goes on with ``name 1``, ``name 2``, ..."""

    def make(name, *replies, **options):
        left = deque(replies)
        made = agent(name, **options)
        made.spoken = 0

        def speak(recipient, messages, sender, config):
            made.spoken += 1
            return True, left.popleft() if left else f"{name} {made.spoken}"

        made.register_reply(lambda _: True, speak, position=1)
        return made

    return make


def answer(text, prompt_tokens, completion_tokens, cost=None, **fields):
    """A model's answer that used so many tokens."""
    return CreateResult(text, usage=Usage(prompt_tokens, completion_tokens), cost=cost, model="m", **fields)


@pytest.fixture(name="answer")
def answer_fixture():
    """Make an answer that used so many tokens."""
    return answer


class CountingClient(ScriptedClient):
    """A scripted model that counts ten tokens for each message of a prompt."""

    async def count_tokens(self, messages, *, tools=(), **params):
        return 10 * len(messages)


@pytest.fixture
def thinker(kernel, agent):
    """Make an agent with a scripted model that counts; gives the agent and the model."""

    def make(name, *script, **options):
        config = options.pop("config", {})
        options.setdefault("system_message", "")
        model = CountingClient(script=script, name=f"model-of-{name}")
        kernel.register(model, f"plugin-of-{name}")
        return agent(name, llm_config={"model": "m", "client": f"model-of-{name}", **config}, **options), model

    return make


def texts(result):
    return [message["content"] for message in result.chat_history]


@pytest.fixture(name="texts")
def texts_fixture():
    """The contents of a chat's messages."""
    return texts
