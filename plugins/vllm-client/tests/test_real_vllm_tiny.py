"""A real vLLM server that serves the demonstration model: what it says of itself, answers, tools, constraints."""

from __future__ import annotations

import asyncio
import json
from enum import StrEnum
from urllib.request import urlopen

import pytest
from pydantic import BaseModel

import quorate_vllm_client
from quorate.errors import ModelError
from quorate.testing import isolated_kernel
from quorate_vllm_client import VLLMChatCompletionClient

SUM = [{"role": "user", "content": "What is 37 * 54?"}]
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    },
}
CALL = [{"role": "user", "content": "Call add with a=31, b=4"}]
# Refuses a system role and two messages of one role, as Mistral 7B Instruct v0.2 does.
STRICT = """{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}\
{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}\
<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"""


@pytest.fixture
def client(tiny_url):
    return VLLMChatCompletionClient(base_url=tiny_url, temperature=0)


def run(work):
    return asyncio.run(work)


def test_the_served_model_is_found_with_its_context_length(client):
    assert client.model_info.context_length is None
    result = run(client.create(SUM))
    assert (result.model, result.content) == ("tiny", "```python\nprint(37 * 54)\n```")
    assert client.model_info.context_length == 1024
    assert (result.usage.prompt_tokens, result.usage.completion_tokens) == (12, 10)
    assert result.cost is None, "a price is for the configuration to say"


def test_a_stream_gives_partial_strings_and_then_the_complete_result(client):
    async def main():
        return [part async for part in client.create_stream(SUM)]

    *parts, result = run(main())
    assert len(parts) > 1, "a busy server sends tokens together, but not all of them"
    assert "".join(parts) == result.content == run(client.create(SUM)).content
    assert result.usage.completion_tokens == 10


@pytest.mark.parametrize("choice", ["auto", "required", "add"])
def test_tools_are_called(client, ask, choice):
    text, result = run(ask(client, CALL, tools=[ADD], tool_choice=choice))
    assert result.finish_reason == "tool_calls"
    (call,) = result.content
    assert call["function"]["name"] == "add"
    assert json.loads(call["function"]["arguments"]) == {"a": 31, "b": 4}
    assert not text
    answered = {"role": "tool", "tool_call_id": call["id"], "content": "35"}
    assert "35" in run(client.create([*CALL, result.message, answered], tools=[ADD])).content


def test_no_tool_is_called_when_none_may_be(client, ask):
    _, result = run(ask(client, CALL, tools=[ADD], tool_choice="none"))
    assert isinstance(result.content, str)


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Car(BaseModel):
    colour: Colour
    doors: Colour


def test_a_pydantic_class_is_the_form_of_the_answer(client, ask):
    _, result = run(ask(client, SUM, response_format=Car))
    assert Car.model_validate_json(result.content)


@pytest.mark.parametrize(
    ("params", "wanted"),
    [
        ({"structured_outputs": {"choice": ["left", "right"]}}, {"left", "right"}),
        ({"guided_choice": ["left", "right"]}, {"left", "right"}),  # this server ignores it, in silence
        ({"extra_body": {"guided_regex": "(ab){3}"}}, {"ababab"}),
        ({"structured_outputs": {"grammar": 'root ::= "so" "!"'}}, {"so!"}),
    ],
)
def test_constraints_reach_the_server_in_the_parameter_of_its_version(client, ask, params, wanted):
    _, result = run(ask(client, SUM, **params))
    assert result.content in wanted


@pytest.mark.parametrize("choices", [["alice", "bob"], ["the second, with a comma", 'quoted "so"'], ["only"]])
def test_decide_gives_one_of_the_choices(client, choices):
    assert run(client.decide("Who speaks next?", choices)) in choices


def test_a_config_list_decides_and_counts(tiny_url):
    names = ["alice", "bob", "the one who plans"]
    with isolated_kernel(quorate_vllm_client) as kernel:
        chat = kernel.chat_client({"client": "vllm", "model": "tiny", "base_url": tiny_url})
        assert run(chat.decide([{"role": "system", "content": "You choose."}, *SUM], names)) in names
        assert chat.total_usage_summary["tiny"]["prompt_tokens"] > 12
        assert run(chat.count_tokens(SUM)) == 12
        assert run(chat.remaining_tokens(SUM)) == 1024 - 12


def test_any_client_of_the_wire_format_decides_by_a_schema(tiny_url):
    """The base class's own way, at a server that holds the model to a schema."""
    openai = pytest.importorskip("quorate_openai_client", reason="`nox -s vllm` brings quorate-openai-client")
    names = ["alice", "bob", "the one who plans"]
    client = openai.OpenAIChatCompletionClient(model="tiny", base_url=tiny_url, max_tokens=60)
    result = run(client.choose("Who speaks next?", names))
    assert result.content in names
    assert result.raw["choices"][0]["message"]["content"].lstrip().startswith("{"), "by the schema, not by luck"
    assert run(client.count_tokens(SUM)) > 12, "an estimate is on the high side"


def test_tokens_are_counted_by_the_server(client):
    assert run(client.count_tokens(SUM)) == run(client.create(SUM)).usage.prompt_tokens
    assert run(client.count_tokens(CALL, tools=[ADD])) > run(client.count_tokens(CALL))
    assert run(client.remaining_tokens(SUM)) == 1024 - 12


@pytest.mark.parametrize(
    ("messages", "params"),
    [([{"role": "user", "content": "one two " * 900}], {}), (SUM, {"max_tokens": 3000})],
)
def test_what_does_not_fit_is_a_context_overflow(client, ask, messages, params):
    with pytest.raises(ModelError, match="--max-model-len") as caught:
        run(ask(client, messages, **params))
    assert caught.value.kind == "context_overflow"


@pytest.mark.parametrize(
    ("params", "flag"),
    [
        ({"logprobs": True, "top_logprobs": 50}, "--max-logprobs N"),
        ({"thinking_token_budget": 4}, "--reasoning-parser NAME"),
        ({"mm_processor_kwargs": {"a": 1}}, "--trust-request-mm-kwargs"),
    ],
)
def test_an_error_names_the_servers_missing_flag(client, ask, params, flag):
    with pytest.raises(ModelError, match=flag) as caught:
        run(ask(client, SUM, **params))
    assert caught.value.kind == "bad_request"


def test_images_are_refused_by_a_model_that_reads_text(client):
    part = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
    with pytest.raises(ModelError, match="reads text only"):
        run(client.create([{"role": "user", "content": [part]}]))


def test_another_model_is_not_there(tiny_url):
    with pytest.raises(ModelError, match=r"`nope` does not exist.*; name one that the server serves") as caught:
        run(VLLMChatCompletionClient(model="nope", base_url=tiny_url).create(SUM))
    assert caught.value.status == 404


def test_an_address_without_v1_is_told_apart(tiny_url):
    with pytest.raises(ModelError, match="check that base_url ends in /v1"):
        run(VLLMChatCompletionClient(model="tiny", base_url=tiny_url.removesuffix("/v1")).create(SUM))


def test_several_answers_stops_and_logprobs(client, ask):
    _, result = run(ask(client, SUM, temperature=0.01, n=2, logprobs=True, stop=["54"], seed=3))
    assert [each["content"] for each in result.choices] == ["```python\nprint(37 * "] * 2
    assert "".join(token["token"] for token in result.logprobs["content"]).startswith("```python")


def test_a_system_message_reaches_a_template_that_drops_it(client):
    shaped = run(client.shape([{"role": "system", "content": "Be brief."}, *SUM]))
    assert shaped.messages == ({"role": "user", "content": "Be brief.\n\nWhat is 37 * 54?"},)
    assert "no system role" in shaped.notes[0]


def test_a_declared_system_role_leaves_the_message_to_the_template(tiny_url):
    client = VLLMChatCompletionClient(base_url=tiny_url, temperature=0, model_info={"system_role": True})
    messages = [{"role": "system", "content": "Be brief."}, *SUM]
    assert run(client.shape(messages)).messages == tuple(messages)
    assert run(client.create(messages)).content == "```python\nprint(37 * 54)\n```"


def test_messages_are_shaped_to_a_template_of_the_configuration(tiny_url, ask):
    client = VLLMChatCompletionClient(base_url=tiny_url, temperature=0, chat_template=STRICT)
    before = [
        {"role": "assistant", "content": "Hello.", "name": "helper"},
        {"role": "user", "content": "Hello.", "name": "ann"},
        {"role": "user", "content": "What is 37 * 54?", "name": "bob"},
    ]
    kept = json.dumps(before)
    shaped = run(client.shape(before))
    assert [each["role"] for each in shaped.messages] == ["user", "assistant", "user"]
    assert shaped.messages[-1]["content"] == "ann: Hello.\n\nbob: What is 37 * 54?"
    assert shaped.origins == ((), (0,), (1, 2))
    _, result = run(ask(client, before))
    assert isinstance(result.content, str)
    assert json.dumps(before) == kept


def test_without_shaping_the_template_refuses(tiny_url):
    client = VLLMChatCompletionClient(base_url=tiny_url, chat_template=STRICT, shape_messages=False)
    with pytest.raises(ModelError, match="must alternate"):
        run(client.create([*SUM, *SUM]))


def test_leaving_a_stream_stops_the_server(client, tiny_url):
    def running():
        with urlopen(tiny_url.removesuffix("/v1") + "/metrics") as answer:
            lines = answer.read().decode().splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith("vllm:num_requests_running"))

    async def main():
        stream = client.create_stream(SUM, ignore_eos=True, max_tokens=1000)
        async for _ in stream:
            break
        busy = await asyncio.to_thread(running)
        await stream.aclose()
        for _ in range(50):
            if not await asyncio.to_thread(running):
                return busy
            await asyncio.sleep(0.1)
        return None

    assert run(main()) == 1.0


def test_many_at_once_and_two_loops_in_turn(client):
    async def main():
        return {result.content for result in await asyncio.gather(*(client.create(SUM) for _ in range(16)))}

    assert run(main()) == run(main()) == {"```python\nprint(37 * 54)\n```"}
