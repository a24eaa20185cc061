"""Token counts where nobody counts: an estimate that grows with what is sent, and is too high rather than too low."""

from __future__ import annotations

import asyncio

import pytest

from quorate import MessageError, ModelError, ModelInfo
from quorate._drive import drive
from quorate.models.counting import PER_IMAGE, estimate_tokens
from quorate.testing import ScriptedClient, isolated_kernel

PROSE = "The quick brown fox jumps over the lazy dog. "
TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
CALL = {"id": "call_1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}


def user(content, **more):
    return [{"role": "user", "content": content, **more}]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        (PROSE * 100, 1000, 1900),  # ten tokens a sentence in the vocabularies of GPT-4 and Llama 3
        ("def add(a, b):\n    return a + b\n" * 100, 1200, 1600),
        ("0123456789" * 100, 334, 500),
        ("", 0, 20),
        ("日本語の文章です。" * 100, 900, 1700),
    ],
)
def test_a_text_is_somewhat_longer_than_it_is(text, least, most):
    assert least <= estimate_tokens(user(text)) <= most


def test_everything_that_is_sent_counts():
    bare = estimate_tokens(user("hello"))
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 100_000}}
    assert estimate_tokens(user([{"type": "text", "text": "hello"}])) == bare
    assert estimate_tokens(user([{"type": "text", "text": "hello"}, image])) == bare + PER_IMAGE
    assert estimate_tokens(user("hello", name="ann")) > bare
    assert estimate_tokens(user("hello"), [TOOL]) > bare
    assert estimate_tokens(user("hello"), [TOOL, TOOL]) > estimate_tokens(user("hello"), [TOOL])
    called = [*user("hello"), {"role": "assistant", "content": None, "tool_calls": [CALL]}]
    assert estimate_tokens(called) > bare + 20
    several = {"role": "tool", "content": "1\n2", "tool_responses": [{"content": "1", "tool_call_id": "c"}]}
    assert estimate_tokens([*called, several]) > estimate_tokens(called)


def test_what_is_no_text_breaks_nothing():
    assert estimate_tokens(user("\ud800" * 6)) > 0
    assert estimate_tokens(user([{"type": "odd", "thing": object()}])) > 0
    with pytest.raises(MessageError):
        estimate_tokens([{"content": "no role"}])


def test_a_client_without_a_tokenizer_estimates():
    client = ScriptedClient(script=[], model_info=ModelInfo(context_length=1000))
    counted = asyncio.run(client.count_tokens(user(PROSE), tools=[TOOL]))
    assert counted == estimate_tokens(user(PROSE), [TOOL])
    assert asyncio.run(client.remaining_tokens(user(PROSE), tools=[TOOL])) == 1000 - counted
    assert asyncio.run(client.remaining_tokens(user(PROSE * 1000))) < 0


def test_without_a_context_length_nobody_knows_what_remains():
    assert asyncio.run(ScriptedClient(script=[]).remaining_tokens(user(PROSE))) is None


class Counting(ScriptedClient):
    """Counts by its script, and finds its context length out on the way."""

    async def count_tokens(self, messages, *, tools=(), **params):
        self.model_info = ModelInfo(context_length=100)
        self.counted = (messages, tools, params)
        return (await self.create(messages, tools=tools, **params)).usage.completion_tokens


@pytest.mark.parametrize("run", [drive, asyncio.run])
def test_a_config_list_asks_its_first_client(run):
    client = Counting(script=["one two three", "one two"])
    with isolated_kernel(client) as kernel:
        chat = kernel.chat_client({"config_list": [{"model": "m"}, {"model": "n"}], "tools": [TOOL]})
        assert run(chat.count_tokens(user(PROSE), seed=1)) == 3
        assert client.counted == (user(PROSE), (TOOL,), {"seed": 1})
        assert run(chat.remaining_tokens(user(PROSE))) == 98


def test_a_config_list_whose_client_cannot_count_now_estimates():
    client = Counting(script=[ModelError("down", kind="network"), MessageError("no message")])
    with isolated_kernel(client) as kernel:
        chat = kernel.chat_client({"model": "m"})
        assert drive(chat.count_tokens(user(PROSE))) == estimate_tokens(user(PROSE))
        with pytest.raises(MessageError):
            drive(chat.count_tokens(user(PROSE)))
