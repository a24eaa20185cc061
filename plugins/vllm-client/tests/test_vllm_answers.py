"""Answers that a small model cannot give: reasoning, parallel tool calls, and what a server's version changes."""

from __future__ import annotations

import asyncio
import json

import pytest

from quorate.errors import ModelError
from quorate_vllm_client import VLLMChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
TOOLS = [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in ("add", "look")]


@pytest.mark.parametrize("key", ["reasoning", "reasoning_content"])
def test_reasoning_of_newer_and_older_servers(scripted_server, ask, client, key):
    scripted_server.stream({key: "Let me "}, {key: "think."}, "Fo", "ur.")
    text, result = asyncio.run(ask(client, HELLO))
    assert (result.content, result.thought) == ("Four.", "Let me think.")
    assert text in (None, "Four.")


def test_parallel_tool_calls_with_interleaved_deltas(scripted_server, ask, client):
    scripted_server.reply(tool_calls=[("add", {"a": 31, "b": 4}), ("look", {"at": "a long enough text to be cut"})])
    _, result = asyncio.run(ask(client, HELLO, tools=TOOLS))
    called = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in result.content]
    assert called == [("add", {"a": 31, "b": 4}), ("look", {"at": "a long enough text to be cut"})]


def test_a_named_tool_that_ends_with_stop_is_a_tool_call(scripted_server, ask, client):
    scripted_server.reply(tool_calls=[("add", "{}")], finish_reason="stop")
    _, result = asyncio.run(ask(client, HELLO, tools=TOOLS, tool_choice="add"))
    assert result.finish_reason == "tool_calls"
    assert scripted_server.chats[0].body["tool_choice"] == {"type": "function", "function": {"name": "add"}}


@pytest.mark.parametrize(
    ("version", "params", "sent"),
    [
        ("0.32.0", {"structured_outputs": {"choice": ["a"]}}, {"structured_outputs": {"choice": ["a"]}}),
        ("0.11.0rc2.dev3+cpu", {"guided_json": {}}, {"structured_outputs": {"json": {}}}),
        ("0.10.2", {"structured_outputs": {"choice": ["a"]}}, {"guided_choice": ["a"]}),
        ("v0.6.3.post1", {"guided_regex": "a"}, {"guided_regex": "a"}),
        (None, {"guided_regex": "a"}, {"structured_outputs": {"regex": "a"}}),
        ("0.32.0", {"guided_grammar": "g", "guided_decoding_backend": "x"}, {"structured_outputs": {"grammar": "g"}}),
        (
            "0.32.0",
            {"extra_body": {"guided_choice": ["a"], "top_k": 1}},
            {"structured_outputs": {"choice": ["a"]}, "top_k": 1},
        ),
        ("0.10.2", {"extra_body": {"structured_outputs": {"regex": "a"}}}, {"guided_regex": "a"}),
    ],
)
def test_constraints_in_the_words_of_each_version(stand_in, version, params, sent):
    stand_in.version = version
    client = VLLMChatCompletionClient(base_url=stand_in.base_url)
    asyncio.run(client.create(HELLO, **params))
    (body,) = stand_in.chats()
    assert {key: value for key, value in body.items() if key not in ("model", "messages")} == sent


def test_a_constraint_that_an_old_server_has_not_is_an_error(stand_in):
    stand_in.version = "0.10.2"
    client = VLLMChatCompletionClient(base_url=stand_in.base_url)
    with pytest.raises(ModelError, match=r"vLLM 0\.10\.2 cannot constrain by disable_any_whitespace"):
        asyncio.run(client.create(HELLO, structured_outputs={"json": {}, "disable_any_whitespace": True}))
    assert not stand_in.chats()


def test_decide_asks_for_one_of_the_choices_and_checks_it(stand_in):
    client = VLLMChatCompletionClient(base_url=stand_in.base_url)
    assert asyncio.run(client.decide("Yes or no?", ("yes", "no"))) == "yes"
    (body,) = stand_in.chats()
    assert body["structured_outputs"] == {"choice": ["yes", "no"]}
    assert body["messages"][-1]["content"].endswith("\nyes\nno")
    stand_in.answer = "perhaps"
    with pytest.raises(ModelError, match=r"one of yes, no, the model answered 'perhaps'"):
        asyncio.run(client.decide(HELLO, ["yes", "no"]))
    assert len(stand_in.chats()) == 2


def test_a_format_of_the_configuration_is_not_for_decisions(stand_in):
    client = VLLMChatCompletionClient(base_url=stand_in.base_url, response_format={"type": "json_object"})
    assert asyncio.run(client.decide("Yes or no?", ["yes", "no"])) == "yes"
    assert stand_in.chats()[0]["response_format"] == {"type": "text"}


@pytest.mark.parametrize("ignored", ["functions", "function_call"])
def test_what_the_server_would_ignore_is_refused(scripted_server, ask, client, ignored):
    with pytest.raises(ModelError, match=f"vLLM ignores {ignored}: pass tool"):
        asyncio.run(ask(client, HELLO, **{ignored: [{"name": "add"}]}))
    assert not scripted_server.chats
