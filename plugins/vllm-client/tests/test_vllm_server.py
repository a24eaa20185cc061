"""What is asked of the server about itself: once, when it is needed, with clear failures."""

from __future__ import annotations

import asyncio

import pytest

from quorate.errors import ModelError
from quorate_vllm_client import VLLMChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
PAIR = [*HELLO, *HELLO]


@pytest.fixture
def client(stand_in):
    return VLLMChatCompletionClient(base_url=stand_in.base_url)


def alternating(messages):
    if [each["role"] for each in messages] != [("user", "assistant")[i % 2] for i in range(len(messages))]:
        msg = "Conversation roles must alternate user/assistant/user/assistant/..."
        raise ValueError(msg)
    return str([each["content"] for each in messages])


def test_many_first_calls_ask_once(stand_in, client):
    stand_in.template = alternating

    async def main():
        await asyncio.gather(*(client.create(PAIR, guided_choice=["yes"]) for _ in range(10)))

    asyncio.run(main())
    paths = stand_in.paths()
    assert (paths.count("/v1/models"), paths.count("/version"), paths.count("/v1/chat/completions")) == (1, 1, 10)
    assert paths.count("/tokenize") == 2, "one question: a lone message, then the pair, which is refused"
    asyncio.run(client.create(PAIR))
    assert len(stand_in.asked) == len(paths) + 1, "another loop knows it too"


def test_an_ordinary_conversation_asks_for_the_models_only(stand_in, client):
    asyncio.run(client.create([*HELLO, {"role": "assistant", "content": "hi"}, *HELLO]))
    assert stand_in.paths() == ["/v1/models", "/v1/chat/completions"]
    assert (client.model_info.context_length, stand_in.chats()[0]["model"]) == (512, "stand-in")


def test_an_adapter_has_its_base_models_context(stand_in):
    stand_in.models.append({"id": "adapter", "parent": "stand-in", "max_model_len": None})
    for model, served in ((None, "stand-in"), ("adapter", "adapter")):
        client = VLLMChatCompletionClient(model=model, base_url=stand_in.base_url)
        assert asyncio.run(client.create(HELLO)).model == served
        assert client.model_info.context_length == 512


@pytest.mark.parametrize(
    ("models", "said"), [([{"id": "a"}, {"id": "b"}], "it serves a, b,"), ([], "it serves no model")]
)
def test_a_model_must_be_named_where_it_is_not_clear(stand_in, client, ask, models, said):
    stand_in.models = models
    with pytest.raises(ModelError, match=f"{said}.*name one as model") as caught:
        asyncio.run(ask(client, HELLO))
    assert caught.value.kind == "bad_request"


def test_a_gateway_without_a_list_is_fine_when_the_model_is_named(stand_in, client):
    stand_in.models = None
    named = VLLMChatCompletionClient(model="m", base_url=stand_in.base_url)
    assert asyncio.run(named.create(HELLO)).model == "m"
    assert named.model_info.context_length is None
    with pytest.raises(ModelError, match="HTTP 404"):
        asyncio.run(client.create(HELLO))


def test_a_list_that_is_none_is_a_clear_failure(scripted_server):
    client = VLLMChatCompletionClient(base_url=scripted_server.url)  # its /models is under /v1
    with pytest.raises(ModelError, match=r"no route GET /models"):
        asyncio.run(client.create(HELLO))


def test_a_404_makes_it_ask_again(scripted_server):
    client = VLLMChatCompletionClient(base_url=scripted_server.base_url)
    asyncio.run(client.create(HELLO))
    scripted_server.models = ("new",)
    scripted_server.status(404, message="The model `scripted-model` does not exist.")
    with pytest.raises(ModelError, match="name one that the server serves"):
        asyncio.run(client.create(HELLO))
    assert asyncio.run(client.create(HELLO)).model == "new"


def test_without_tokenize_the_template_is_learned_from_its_refusals(stand_in, client, ask):
    stand_in.tokenizes = False
    stand_in.template = alternating
    _, result = asyncio.run(ask(client, PAIR))
    assert result.content == "yes"
    assert result.notes == ("messages of one role in a row were joined: the template wants user and assistant in turn",)
    assert [len(body["messages"]) for body in stand_in.chats()] == [2, 1]
    asyncio.run(ask(client, PAIR))
    assert len(stand_in.chats()) == 3, "what was learned is kept"


def test_a_refusal_that_teaches_nothing_is_raised_at_once(stand_in, client, ask):
    def never(messages):
        msg = "Conversation roles must alternate"
        raise ValueError(msg)

    stand_in.template = never
    with pytest.raises(ModelError, match="must alternate"):
        asyncio.run(ask(client, HELLO))
    assert len(stand_in.chats()) <= 2


def test_tokens_cannot_be_counted_without_tokenize(stand_in, client):
    stand_in.tokenizes = False
    with pytest.raises(ModelError, match="HTTP 404"):
        asyncio.run(client.count_tokens(HELLO))


def test_a_version_that_is_none_counts_as_recent(stand_in, client):
    stand_in.version = "main"
    asyncio.run(client.create(HELLO, guided_choice=["yes"]))
    assert stand_in.chats()[0]["structured_outputs"] == {"choice": ["yes"]}
