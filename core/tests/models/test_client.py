"""The client base class: one of create and create_stream is enough, the rest is filled in."""

from __future__ import annotations

import asyncio

import pytest

from quorate import BaseChatCompletionClient, ChatCompletionClient, ConfigError, CreateResult, ModelConfig, ModelInfo

HELLO = [{"role": "user", "content": "hello"}]
CALLS = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]


class Whole(BaseChatCompletionClient):
    async def create(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params):
        self.asked = (messages, tools, tool_choice, response_format, params)
        return self.config.params["answer"]


class Streaming(BaseChatCompletionClient):
    closed = 0

    async def create_stream(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params):
        self.asked = (messages, tools, tool_choice, response_format, params)
        for part in self.config.params["parts"]:
            yield part

    async def close(self):
        self.closed += 1


async def collected(stream):
    return [part async for part in stream]


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (CreateResult("hello you"), ["hello you"]),
        (CreateResult(""), []),
        (CreateResult(CALLS, finish_reason="tool_calls"), []),
        (CreateResult(CALLS, finish_reason="tool_calls", text="look:"), ["look:"]),
    ],
)
def test_a_stream_from_create(answer, text):
    client = Whole(model="m", answer=answer)
    assert asyncio.run(collected(client.create_stream(HELLO, tools=["t"], seed=1))) == [*text, answer]
    assert client.asked == (HELLO, ["t"], "auto", None, {"seed": 1})


def test_create_from_a_stream():
    answer = CreateResult("ab")
    client = Streaming(model="m", parts=["a", "b", answer])
    assert asyncio.run(client.create(HELLO, tool_choice="none", response_format={"type": "text"})) is answer
    assert client.asked == (HELLO, (), "none", {"type": "text"}, {})


def test_a_stream_without_its_end():
    with pytest.raises(TypeError, match=r"Streaming.create_stream ended without a CreateResult"):
        asyncio.run(Streaming(model="m", parts=["a"]).create(HELLO))


def test_a_client_with_neither():
    class Neither(BaseChatCompletionClient):
        pass

    with pytest.raises(TypeError, match="Neither must define create or create_stream"):
        asyncio.run(Neither(model="m").create(HELLO))
    with pytest.raises(TypeError, match="Neither must define create or create_stream"):
        asyncio.run(collected(Neither(model="m").create_stream(HELLO)))


def test_it_is_a_client_and_closes_at_the_end_of_a_block():
    async def use():
        async with Streaming(model="m", parts=[]) as client:
            assert isinstance(client, ChatCompletionClient)
        await client.close()
        return client.closed

    assert asyncio.run(use()) == 2
    asyncio.run(Whole(model="m").close())


def test_configurations():
    config = ModelConfig.parse({"model": "m", "seed": 1}, place="here")
    assert Whole(config).config is config
    client = Whole(model="m", base_url="http://localhost:1/v1", temperature=0.5)
    assert (client.config.model, client.config.params) == ("m", {"temperature": 0.5})
    with pytest.raises(ConfigError, match=r"Whole\.base_url"):
        Whole(model="m", base_url=42)


def test_what_a_model_can_do():
    assert Whole(model="m").model_info == ModelInfo()
    assert Whole(model="m", model_info=ModelInfo(vision=True)).model_info.vision is True
    declared = {
        "vision": True,
        "function_calling": False,
        "json_output": True,
        "family": "x",
        "structured_output": True,
    }
    info = Whole(model="m", model_info=declared).model_info
    assert (info.vision, info.tools, info.structured_output, info.context_length) == (True, False, True, None)


class Talented(Whole):
    model_info = ModelInfo(context_length=10, structured_output=True)


def test_what_is_declared_holds_wherever_it_is_declared():
    said = {"function_calling": True, "system_role": False, "context_length": 20}
    wanted = ModelInfo(20, tools=True, structured_output=True, system_role=False)
    assert Talented(model="m", model_info=said).model_info == wanted
    assert Talented(ModelConfig.parse({"model": "m", "model_info": said}, place="here")).model_info == wanted
    assert Talented(model="m").model_info == Talented.model_info == ModelInfo(10, structured_output=True)
    with pytest.raises(ConfigError, match=r"here\.model_info: must be a dict or a ModelInfo, not str"):
        Talented(ModelConfig.parse({"model": "m", "model_info": "good"}, place="here"))


def test_create_result_as_a_message():
    assert CreateResult("text").message == {"role": "assistant", "content": "text"}
    assert CreateResult(CALLS, text="look:").message == {"role": "assistant", "content": "look:", "tool_calls": CALLS}
    assert CreateResult(CALLS).message["content"] is None
