"""What the client sends and what it makes of the answers, against a real HTTP server."""

from __future__ import annotations

import asyncio
import json

import pytest
from pydantic import BaseModel

from quorate.errors import MessageError, ModelError
from quorate.models import CreateResult, Usage
from quorate_openai_client import OpenAIChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
ADD = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
TEXT = "Grüße an 🎉 die\n\nWelt "


@pytest.mark.parametrize("write_size", [None, 1, 7])
def test_text_with_unicode_and_usage(scripted_server, client, ask, write_size):
    scripted_server.reply(
        TEXT, write_size=write_size, model="m-2025", usage={"prompt_tokens": 3, "completion_tokens": 4}
    )
    parts, result = asyncio.run(ask(client, HELLO))
    assert parts in (None, TEXT)
    assert isinstance(result, CreateResult)
    assert (result.content, result.finish_reason, result.model) == (TEXT, "stop", "m-2025")
    assert (result.usage, result.cost) == (Usage(3, 4), None)


def test_stream_parts_come_one_by_one(scripted_server, client):
    scripted_server.stream("a", "b", "c", pause=0.05)

    async def main():
        return [part async for part in client.create_stream(HELLO)]

    parts = asyncio.run(main())
    assert parts[:-1] == ["a", "b", "c"]
    assert parts[-1].content == "abc"


def test_parallel_tool_calls(scripted_server, client, ask):
    calls = [("add", {"a": 1, "b": [2, 3]}), ("mul", {"x": "né"}), ("none", "{}")]
    scripted_server.reply(None, tool_calls=calls)
    parts, result = asyncio.run(ask(client, HELLO, tools=[ADD]))
    assert not parts
    assert result.finish_reason == "tool_calls"
    assert [(call["id"], call["function"]["name"]) for call in result.content] == [
        ("call_0", "add"),
        ("call_1", "mul"),
        ("call_2", "none"),
    ]
    assert json.loads(result.content[0]["function"]["arguments"]) == {"a": 1, "b": [2, 3]}
    assert json.loads(result.content[1]["function"]["arguments"]) == {"x": "né"}
    assert result.message["content"] is None


def test_reasoning_logprobs_and_several_choices(scripted_server, client, ask):
    scripted_server.reply("four is it", thought="two and two", others=["4", "5"], logprobs=True)
    parts, result = asyncio.run(ask(client, HELLO, n=3, logprobs=True))
    assert parts in (None, "four is it")
    assert result.thought == "two and two"
    assert [message["content"] for message in result.choices] == ["four is it", "4", "5"]
    assert [token["token"] for token in result.logprobs["content"]] == ["four", " is", " it"]
    assert scripted_server.chats[0].body["n"] == 3


def test_a_refusal_and_an_empty_answer(scripted_server, client, ask):
    scripted_server.reply(None, refusal="I cannot do that").reply("", usage=None)

    async def main():
        return await ask(client, HELLO), await ask(client, HELLO)

    (refused, first), (nothing, second) = asyncio.run(main())
    assert refused in (None, "I cannot do that")
    assert (first.content, first.finish_reason) == ("I cannot do that", "content_filter")
    assert not nothing
    assert (second.content, second.usage) == ("", None)


def test_what_is_on_the_wire(scripted_server, ask):
    client = OpenAIChatCompletionClient(
        model="m",
        base_url=scripted_server.base_url,
        temperature=0.1,
        seed=7,
        default_headers={"X-Team": "a"},
        default_query={"v": "1"},
        organization="org",
        extra_body={"top_k": 5},
    )
    results = [{"tool_call_id": "c1", "role": "tool", "content": "3"}, {"tool_call_id": "c2", "content": "4"}]
    messages = [
        {"role": "user", "content": "add", "name": "ann", "context": {"secret": 1}},
        {"role": "tool", "tool_responses": results, "content": "3\n\n4"},
    ]
    asyncio.run(ask(client, messages, tools=[ADD], tool_choice="add", seed=None, extra_headers={"X-Call": "b"}))
    (request,) = scripted_server.chats
    stream = {"stream": True, "stream_options": {"include_usage": True}} if request.streaming else {}
    assert request.body == {
        "model": "m",
        "messages": [
            {"role": "user", "content": "add", "name": "ann"},
            {"role": "tool", "content": "3", "tool_call_id": "c1"},
            {"role": "tool", "content": "4", "tool_call_id": "c2"},
        ],
        "temperature": 0.1,
        "tools": [ADD],
        "tool_choice": {"type": "function", "function": {"name": "add"}},
        "top_k": 5,
        **stream,
    }
    assert request.path == "/v1/chat/completions?v=1"
    assert [request.headers.get(name) for name in ("x-team", "x-call", "openai-organization")] == ["a", "b", "org"]
    assert request.headers["content-type"] == "application/json"


def test_structured_output(scripted_server, client, ask):
    class Answer(BaseModel):
        number: int

    scripted_server.reply('{"number": 4}')
    _, result = asyncio.run(ask(client, HELLO, response_format=Answer))
    assert Answer.model_validate_json(result.content).number == 4
    sent = scripted_server.chats[0].body["response_format"]
    assert sent["json_schema"]["schema"]["required"] == ["number"]


def test_a_server_that_cannot_stream_is_understood(scripted_server, client):
    body = {"choices": [{"index": 0, "message": {"content": "all at once"}, "finish_reason": "stop"}]}
    scripted_server.garbage(json.dumps(body).encode())

    async def main():
        return [part async for part in client.create_stream(HELLO)]

    text, result = asyncio.run(main())
    assert (text, result.content) == ("all at once", "all at once")


def test_bad_input_is_refused_before_anything_is_sent(scripted_server, client, ask):
    for messages, more, error in (
        (["hi"], {}, MessageError),
        (HELLO, {"tool_choice": "add"}, ModelError),
        (HELLO, {"temperature": float("nan")}, ModelError),
    ):
        with pytest.raises(error):
            asyncio.run(ask(client, messages, **more))
    assert scripted_server.requests == []


def test_the_same_client_works_after_a_failure(scripted_server, client, ask):
    scripted_server.status(500).reply("fine")

    async def main():
        with pytest.raises(ModelError):
            await ask(client, HELLO)
        return await ask(client, HELLO)

    assert asyncio.run(main())[1].content == "fine"
