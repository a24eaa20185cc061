"""Over real HTTP: histories that are made to fit after an endpoint's own refusal, and images for those that can see."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

import pytest

import quorate_openai_client
import quorate_tiny_model
from quorate import AssistantAgent, ConversableAgent, ImagePart, Kernel, ModelsExhausted, UserMessage
from quorate.transforms import LimitTokens, SummarizeOld

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_quorate.server import ScriptedServer

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
TOO_LONG = "This model's maximum context length is 1000 tokens. However, your messages resulted in 1400 tokens."
TINY = {"client": "tiny", "model": "tiny"}


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_openai_client, "openai-client")
        kernel.register(quorate_tiny_model, "tiny-model")
        yield kernel


@pytest.fixture
def small(scripted_server: ScriptedServer) -> dict[str, Any]:
    return {"client": "openai", "model": "small", "base_url": scripted_server.base_url}


def too_long(server: ScriptedServer) -> ScriptedServer:
    return server.status(400, message=TOO_LONG, code="context_length_exceeded")


def long_chat(count: int = 8) -> list[Any]:
    return [UserMessage(f"{number}: {'word ' * 80}") for number in range(count)]


def contents(server: ScriptedServer) -> list[list[Any]]:
    return [[message["content"] for message in request.messages[1:]] for request in server.chats]


@pytest.mark.parametrize("stream", [False, True])
def test_a_refused_prompt_is_shortened_once_and_answered(
    kernel: Kernel, scripted_server: ScriptedServer, small: dict[str, Any], stream: bool
) -> None:
    too_long(scripted_server).reply("answer")
    agent = AssistantAgent("agent", "Be brief.", llm_config={**small, "stream": stream}, kernel=kernel)
    assert agent.generate_reply(long_chat()) == "answer"
    whole, left = contents(scripted_server)
    assert len(whole) == 8
    assert 1 < len(left) < 8
    assert [left[0], left[-1]] == [whole[0], whole[-1]], "the task, and the latest"


def test_then_a_larger_model_of_the_list_reads_the_whole(
    kernel: Kernel, scripted_server: ScriptedServer, small: dict[str, Any]
) -> None:
    too_long(too_long(scripted_server)).reply("answer")
    agent = AssistantAgent("agent", llm_config={"config_list": [small, {**small, "model": "large"}]}, kernel=kernel)
    assert asyncio.run(agent.a_generate_reply(long_chat())) == "answer"
    assert [request.body["model"] for request in scripted_server.chats] == ["small", "small", "large"]
    whole, left, again = contents(scripted_server)
    assert len(left) < len(whole)
    assert again == whole


def test_old_turns_are_summed_up_by_the_endpoint(
    kernel: Kernel, scripted_server: ScriptedServer, small: dict[str, Any]
) -> None:
    scripted_server.reply("They counted.").reply("answer").reply("and another")
    agent = AssistantAgent("agent", llm_config=small, transforms=[SummarizeOld(5, keep=2)], kernel=kernel)
    assert agent.generate_reply(long_chat(8)) == "answer"
    assert agent.generate_reply(long_chat(9)) == "and another"
    asked, first, second = scripted_server.chats
    assert "7: word" not in str(asked.body)
    assert [len(request.messages) for request in (first, second)] == [4, 5]
    usage = agent.get_total_usage()
    assert usage is not None
    assert len(scripted_server.chats) == 3
    assert usage["small"]["completion_tokens"] >= 3


def test_the_tiny_model_counts_for_its_history(kernel: Kernel) -> None:
    agent = AssistantAgent("agent", llm_config=TINY, transforms=[LimitTokens(300)], kernel=kernel)
    user = ConversableAgent("user", human_input_mode="NEVER", kernel=kernel)
    chat = user.initiate_chat(agent, message="What is 12 * 12?", max_turns=1)
    assert "12 * 12" in str(chat.chat_history[1]["content"])


@pytest.mark.parametrize("stream", [False, True])
def test_an_image_reaches_an_endpoint_of_which_nothing_is_known(
    kernel: Kernel, scripted_server: ScriptedServer, small: dict[str, Any], stream: bool
) -> None:
    scripted_server.reply("a red dot")
    agent = AssistantAgent("agent", llm_config={**small, "stream": stream}, kernel=kernel)
    user = ConversableAgent("user", human_input_mode="NEVER", kernel=kernel)
    chat = user.initiate_chat(agent, message=UserMessage(["What is it?", ImagePart(PIXEL)]), max_turns=1)
    assert chat.summary == "a red dot"
    (request,) = scripted_server.chats
    kinds = [part["type"] for part in request.messages[1]["content"]]
    assert kinds == ["text", "image_url"]
    assert request.messages[1]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")


def test_a_model_that_cannot_see_is_not_asked(kernel: Kernel) -> None:
    agent = AssistantAgent("agent", llm_config=TINY, kernel=kernel)
    with pytest.raises(ModelsExhausted) as caught:
        agent.generate_reply([UserMessage(["What is it?", ImagePart(PIXEL)])])
    assert "this model cannot see" in str(caught.value)
    assert "llm_config (tiny, tiny)" in str(caught.value)
    assert caught.value.kind == "bad_request"


def test_the_next_one_that_sees_answers(kernel: Kernel, scripted_server: ScriptedServer, small: dict[str, Any]) -> None:
    scripted_server.reply("a red dot")
    agent = AssistantAgent("agent", llm_config={"config_list": [TINY, small]}, kernel=kernel)
    assert agent.generate_reply([UserMessage(["What is it?", ImagePart(PIXEL)])]) == "a red dot"
