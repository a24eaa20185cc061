"""A real vLLM server without tool calls, whose model reasons and has a strict chat template of its own."""

from __future__ import annotations

import asyncio
import logging

import pytest

from quorate.errors import ModelError
from quorate_vllm_client import VLLMChatCompletionClient

HELLO = [{"role": "user", "content": "Hello"}]
TOOL = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}


@pytest.fixture
def client(random_url):
    return VLLMChatCompletionClient(base_url=random_url, max_tokens=24, seed=1)


def run(work):
    return asyncio.run(work)


def test_reasoning_comes_as_thought(client, ask):
    text, result = run(ask(client, HELLO, thinking_token_budget=6))
    assert result.thought
    assert result.content
    assert "</think>" not in result.content
    assert result.usage.reasoning_tokens == 6
    assert text in (None, result.content), "reasoning is not streamed as text"


@pytest.mark.parametrize(
    ("choice", "flag"), [("auto", "--enable-auto-tool-choice"), ("required", "--tool-call-parser"), ("look", "parser")]
)
def test_missing_flags_for_tools_are_named(client, ask, choice, flag):
    with pytest.raises(ModelError, match=f"start the server with .*{flag}") as caught:
        run(ask(client, HELLO, tools=[TOOL], tool_choice=choice))
    assert caught.value.kind == "bad_request"


def test_a_conversation_of_several_speakers_is_shaped(client, ask, caplog):
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello", "name": "ann"},
        {"role": "user", "content": "Hi", "name": "bob"},
        {"role": "system", "content": "Who speaks next?"},
    ]
    with caplog.at_level(logging.INFO, logger="quorate.vllm"):
        _, result = run(ask(client, messages))
    assert result.model == "random"
    assert client.model_info.system_role is False
    shaped = run(client.shape(messages))
    (only,) = shaped.messages
    assert only["content"] == "Be brief.\n\nann: Hello\n\nbob: Hi\n\nWho speaks next?"
    assert shaped.origins == ((0, 1, 2, 3),)
    assert result.notes == shaped.notes
    assert {record.getMessage().partition(": ")[2] for record in caplog.records} == set(shaped.notes)


def test_tool_calls_of_an_earlier_turn_become_text(client):
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
    messages = [
        *HELLO,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "a cat"},
    ]
    shaped = run(client.shape(messages))
    assert [each["role"] for each in shaped.messages] == ["user", "assistant", "user"]
    assert '"look"' in shaped.messages[1]["content"]
    assert "a cat" in shaped.messages[2]["content"]
    assert run(client.create(messages)).content is not None


def test_a_template_of_the_configuration_is_known_apart(client):
    pair = [*HELLO, *HELLO]
    loose = "{% for m in messages %}{{ m.role }}: {{ m.content }}{% endfor %}"
    assert len(run(client.shape(pair)).messages) == 1
    assert len(run(client.shape(pair, chat_template=loose)).messages) == 2
    assert len(run(client.shape(pair, extra_body={"chat_template": loose})).messages) == 2
