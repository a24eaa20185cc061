"""Answers of real models: text, streams, lengths, stop texts, drawn tokens, usage."""

from __future__ import annotations

import asyncio

import pytest

from quorate.models import CreateResult, Usage
from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

HELLO = ("Hello", " wor", "ld, ", "ü🌍")
ASK = [{"role": "user", "content": "Hi"}]
SUM = [{"role": "user", "content": "What is 37 * 54?"}]


def ask(model: str, messages=ASK, *, entry=None, **request) -> CreateResult:
    async def once():
        async with HFLocalClient(model=model, **(entry or {})) as client:
            return await client.create(messages, **request)

    return asyncio.run(once())


def read(model: str, messages=ASK, *, entry=None, **request):
    async def once():
        async with HFLocalClient(model=model, **(entry or {})) as client:
            return [part async for part in client.create_stream(messages, **request)]

    *parts, result = asyncio.run(once())
    return parts, result


def test_the_tiny_model_answers(tiny):
    result = ask(tiny, SUM)
    assert result.content == "```python\nprint(37 * 54)\n```"
    assert (result.finish_reason, result.model, result.cost, result.cached) == ("stop", tiny, 0.0, False)
    assert result.usage == Usage(prompt_tokens=12, completion_tokens=10)


def test_a_stream_is_the_answer_in_parts(tiny):
    parts, result = read(tiny, SUM)
    assert len(parts) > 3
    assert all(parts)
    assert "".join(parts) == result.content == ask(tiny, SUM).content


def test_characters_of_several_tokens_come_whole(reciting):
    parts, result = read(reciting(*HELLO))
    assert parts == ["Hello", " wor", "ld,", " ü", "🌍"]
    assert result.content == "Hello world, ü🌍"


def test_broken_characters_are_marked_and_a_stream_stays_equal(random_model):
    parts, result = read(random_model(), max_tokens=60)
    assert "\N{REPLACEMENT CHARACTER}" in result.content
    assert "".join(parts) == result.content
    assert (result.finish_reason, result.usage.completion_tokens) == ("length", 60)


@pytest.mark.parametrize(
    ("stop", "text"), [("lo w", "Hel"), (["d, ", "Hello world"], ""), ("never", "Hello world, ü🌍")]
)
def test_a_stop_text_over_several_tokens(reciting, stop, text):
    model = reciting(*HELLO)
    parts, result = read(model, stop=stop)
    assert ("".join(parts), result.content, result.finish_reason) == (text, text, "stop")
    assert ask(model, stop=stop).content == text


@pytest.mark.parametrize(
    ("entry", "request_", "tokens"),
    [
        ({}, {"max_tokens": 2}, 2),
        ({"max_tokens": 2}, {}, 2),
        ({"max_tokens": 2}, {"max_tokens": 3}, 3),
        ({"params": {"max_new_tokens": 2}}, {}, 2),
        ({"params": {"max_length": 8}}, {}, 3),
        ({"params": {"max_length": 8}}, {"max_tokens": 2}, 2),
        ({}, {"max_tokens": 2000}, 59),
        ({}, {}, 59),
    ],
)
def test_lengths(random_model, entry, request_, tokens):
    result = ask(random_model(context=64), entry=entry, **request_)
    assert result.usage == Usage(prompt_tokens=5, completion_tokens=tokens)
    assert result.finish_reason == "length"


def test_the_end_of_an_answer_within_the_limit_is_a_stop(reciting):
    assert ask(reciting("Hello"), max_tokens=2).finish_reason == "stop"
    assert ask(reciting("Hello"), max_tokens=1).finish_reason == "length"


def test_a_seed_repeats_what_is_drawn(random_model):
    drawn = {"temperature": 1.5, "top_p": 0.95, "top_k": 100, "min_p": 0.001, "max_tokens": 12}
    texts = [ask(random_model(), seed=seed, **drawn).content for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    assert ask(random_model(), **drawn).content != ask(random_model(), **drawn).content


def test_several_answers(random_model):
    parts, result = read(random_model(), n=3, seed=1, temperature=1.5, max_tokens=8)
    contents = [choice["content"] for choice in result.choices]
    assert len(set(contents)) == 3
    assert "".join(parts) == contents[0] == result.content
    assert result.usage == Usage(prompt_tokens=5, completion_tokens=24)


def test_a_temperature_of_0_takes_the_most_probable(random_model):
    texts = {ask(random_model(), temperature=0, max_tokens=12).content for _ in range(2)}
    assert texts == {ask(random_model(), max_tokens=12).content}
    assert texts == {ask(random_model(), top_k=1, temperature=1.0, max_tokens=12).content}


def test_further_parameters_of_generate(random_model):
    free = ask(random_model(), max_tokens=40)
    held = ask(random_model(), max_tokens=40, entry={"params": {"no_repeat_ngram_size": 1}})
    assert free.content != held.content
    longer = ask(random_model(), max_tokens=40, params={"min_new_tokens": 40, "repetition_penalty": 1.2})
    assert longer.usage.completion_tokens == 40


def test_reasoning_is_kept_apart(reciting):
    parts, result = read(reciting("Hm, ", "hm.", "</think>", "\n\n", "Yes.", mark="<think>", template="thinking"))
    assert ("".join(parts), result.content, result.thought) == ("Yes.", "Yes.", "Hm, hm.")


def test_half_precision_on_request(tiny):
    assert ask(tiny, SUM, entry={"dtype": "bfloat16", "device": "cpu"}).content.startswith("```python")


def test_a_price_in_the_configuration_is_the_kernel_s_to_count(reciting):
    assert ask(reciting("Hello"), entry={"price": [1.0, 2.0]}).cost is None
