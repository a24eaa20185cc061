"""Tool calls of real models: read, required, refused, told back."""

from __future__ import annotations

import asyncio
import json

import pytest

from quorate.errors import ModelError
from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

CITY = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
WEATHER = {"type": "function", "function": {"name": "weather", "description": "d", "parameters": CITY}}
ADD = {
    "type": "function",
    "function": {"name": "add", "parameters": {"type": "object", "properties": {"a": {}, "b": {}}}},
}
ASK = [{"role": "user", "content": "What is the weather in Paris?"}]
TWO = ("Two:\n", "<tool_call>", '{"name": "add", "arguments": {"a": 1}}', "</tool_call>", "\n", "<tool_", "call>")
TWO += ('{"name": "add", "arguments": {"a": 2}}', "</tool", "_call>")


def read(model: str, messages=ASK, **request):
    async def once():
        async with HFLocalClient(model=model) as client:
            return [part async for part in client.create_stream(messages, **request)]

    *parts, result = asyncio.run(once())
    return parts, result


def called(result):
    return [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in result.content]


def test_the_tiny_model_calls_a_tool_and_reads_its_result(tiny):
    parts, result = read(tiny, tools=[WEATHER])
    assert (parts, result.text, result.finish_reason) == ([], None, "tool_calls")
    assert called(result) == [("weather", {"city": "Paris"})]
    told = {"role": "tool", "content": "sunny", "tool_call_id": result.content[0]["id"]}
    assert read(tiny, tools=[WEATHER])[1].content == result.content, "ids too are the same when a run is repeated"
    _, after = read(tiny, [*ASK, result.message, told], tools=[WEATHER])
    assert isinstance(after.content, str)
    assert "sunny" in after.content


def test_several_calls_beside_text(reciting):
    parts, result = read(reciting(*TWO, template="hermes"), tools=[ADD])
    assert "".join(parts) == result.text == "Two:"
    assert called(result) == [("add", {"a": 1}), ("add", {"a": 2})]
    assert len({call["id"] for call in result.content}) == 2


def test_without_tools_the_same_text_is_text(reciting):
    parts, result = read(reciting(*TWO, template="hermes"))
    assert "".join(parts) == result.content == "".join(TWO)


def test_a_call_that_cannot_be_read_is_text(reciting):
    spoken = ("<tool_call>", "{broken", "</tool_call>")
    parts, result = read(reciting(*spoken, template="hermes"), tools=[ADD])
    assert "".join(parts) == result.content == "".join(spoken)


@pytest.mark.parametrize("choice", ["required", "weather", "get_weather"])
def test_a_required_call(tiny, choice):
    tools = [WEATHER, {**WEATHER, "function": {**WEATHER["function"], "name": "get_weather"}}]
    asked = [{"role": "user", "content": "Call weather with city Paris."}]
    _, result = read(tiny, asked, tools=tools, tool_choice=choice)
    ((name, arguments),) = called(result)
    assert arguments == {"city": "Paris"}
    assert choice in ("required", name)


def test_a_required_call_that_the_model_does_not_write(random_model):
    with pytest.raises(ModelError, match="a tool call was required") as caught:
        read(random_model("hermes"), tools=[ADD], tool_choice="required", max_tokens=10)
    assert caught.value.kind == "bad_response"


def test_no_calls_on_request(tiny):
    _, result = read(tiny, tools=[WEATHER], tool_choice="none")
    assert isinstance(result.content, str)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({"tools": [ADD]}, "has no place for tools"),
        ({"tools": [ADD], "tool_choice": "sub"}, "tool_choice='sub' needs a tool of that name (tools: add)"),
        ({"tool_choice": "required"}, "(tools: none were given)"),
        ({"response_format": {"type": "json_object"}}, "cannot hold a model to a response_format"),
    ],
)
def test_what_cannot_be_done_is_refused(random_model, request_, said):
    with pytest.raises(ModelError) as caught:
        read(random_model("plain"), **request_)
    assert caught.value.kind == "bad_request"
    assert said in str(caught.value)
