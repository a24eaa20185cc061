"""What the client sends and what it makes of the answers, filter annotations included, against a real HTTP server."""

from __future__ import annotations

import asyncio
import json

import pytest
from pydantic import BaseModel

from quorate.errors import MessageError, ModelError
from quorate.models import CreateResult, ModelInfo, Usage

HELLO = [{"role": "user", "content": "hello"}]
ADD = {"type": "function", "function": {"name": "add", "parameters": {"type": "object", "properties": {}}}}
TEXT = "Grüße an 🎉 die\n\nWelt "
SAFE = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual", "violence")}
# The first event of a stream, and what asynchronous filtering sends in between and last, as
# https://learn.microsoft.com/azure/foundry/openai/concepts/content-streaming shows them.
FIRST = {
    "id": "",
    "object": "",
    "created": 0,
    "model": "",
    "prompt_filter_results": [{"prompt_index": 0, "content_filter_results": SAFE}],
    "choices": [],
    "usage": None,
}
BETWEEN = {
    "id": "",
    "object": "",
    "created": 0,
    "model": "",
    "choices": [
        {
            "index": 0,
            "finish_reason": None,
            "content_filter_results": SAFE,
            "content_filter_offsets": {"check_offset": 44, "start_offset": 44, "end_offset": 198},
        }
    ],
    "usage": None,
}


def event(value):
    return b"data: " + json.dumps(value).encode() + b"\n\n"


@pytest.mark.parametrize("write_size", [None, 1, 7])
def test_text_with_unicode_and_usage(server, client, ask, write_size):
    server.reply(TEXT, write_size=write_size, model="gpt-4o", usage={"prompt_tokens": 3, "completion_tokens": 4})
    parts, result = asyncio.run(ask(client, HELLO))
    assert parts in (None, TEXT)
    assert isinstance(result, CreateResult)
    assert (result.content, result.finish_reason, result.model) == (TEXT, "stop", "gpt-4o")
    assert (result.usage, result.cost) == (Usage(3, 4), None)


@pytest.mark.parametrize("write_size", [None, 1, 50])
def test_filter_annotations_in_a_stream_disturb_nothing(server, client, write_size):
    server.stream(event(FIRST), "a", event(BETWEEN), "b", event(BETWEEN), write_size=write_size, model="gpt-4o")

    async def main():
        return [part async for part in client.create_stream(HELLO)]

    parts = asyncio.run(main())
    assert parts[:-1] == ["a", "b"]
    result = parts[-1]
    assert (result.content, result.finish_reason) == ("ab", "stop")
    assert result.usage is not None


def test_filter_annotations_in_an_answer_disturb_nothing_and_are_kept(server, client):
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": "fine"},
        "finish_reason": "stop",
        "content_filter_results": SAFE,
    }
    server.garbage(json.dumps({"choices": [choice], "prompt_filter_results": FIRST["prompt_filter_results"]}).encode())
    result = asyncio.run(client.create(HELLO))
    assert result.content == "fine"
    assert result.raw["prompt_filter_results"][0]["content_filter_results"] == SAFE


def test_an_answer_that_the_filter_cut_says_so(server, client, ask):
    server.reply("so far", finish_reason="content_filter")
    _, result = asyncio.run(ask(client, HELLO))
    assert (result.content, result.finish_reason) == ("so far", "content_filter")


def test_parallel_tool_calls(server, client, ask):
    server.reply(None, tool_calls=[("add", {"a": 1}), ("mul", {"x": "né"})])
    parts, result = asyncio.run(ask(client, HELLO, tools=[ADD], tool_choice="required"))
    assert not parts
    assert result.finish_reason == "tool_calls"
    assert [call["function"]["name"] for call in result.content] == ["add", "mul"]
    assert json.loads(result.content[1]["function"]["arguments"]) == {"x": "né"}
    assert server.chats[0].body["tool_choice"] == "required"


def test_structured_output(server, client, ask):
    class Answer(BaseModel):
        number: int

    server.reply('{"number": 4}')
    _, result = asyncio.run(ask(client, HELLO, response_format=Answer))
    assert Answer.model_validate_json(result.content).number == 4
    assert server.chats[0].body["response_format"]["json_schema"]["schema"]["required"] == ["number"]


def test_what_is_on_the_wire(make, server, ask):
    client = make(
        server,
        temperature=0.1,
        seed=7,
        default_headers={"X-Team": "a"},
        organization="org",
        extra_body={"data_sources": []},
        model_info={"vision": False, "function_calling": True},
    )
    assert client.model_info == ModelInfo(vision=False, tools=True)
    asyncio.run(ask(client, HELLO, seed=None, extra_headers={"X-Call": "b"}))
    (request,) = server.chats
    stream = {"stream": True, "stream_options": {"include_usage": True}} if request.streaming else {}
    assert request.body == {"model": "m", "messages": HELLO, "temperature": 0.1, "data_sources": [], **stream}
    sent = [request.headers.get(name) for name in ("x-team", "x-call", "openai-organization", "api-key")]
    assert sent == ["a", "b", "org", "key-of-the-resource"]
    assert "authorization" not in request.headers
    assert request.headers["content-type"] == "application/json"


def test_bad_input_is_refused_before_anything_is_sent(server, client, ask):
    for messages, more, error in (
        (["hi"], {}, MessageError),
        (HELLO, {"tool_choice": "add"}, ModelError),
        (HELLO, {"temperature": float("nan")}, ModelError),
    ):
        with pytest.raises(error):
            asyncio.run(ask(client, messages, **more))
    assert server.requests == []
