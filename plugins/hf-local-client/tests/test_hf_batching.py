"""Requests that wait at the same time share a batch, and each gets the answer it would get alone."""

from __future__ import annotations

import asyncio

import pytest

from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

SUMS = [[{"role": "user", "content": f"What is {n} * {n * n * n + 3}?"}] for n in range(1, 13)]
DRAWN = {"temperature": 1.2, "max_tokens": 10}


def run(model: str, requests, *, together: bool, **entry):
    async def all_of_them():
        async with HFLocalClient(model=model, **entry) as client:
            await client.create(SUMS[0], max_tokens=1)
            calls = [client.create(messages, **request) for messages, request in requests]
            return await asyncio.gather(*calls) if together else [await call for call in calls]

    return asyncio.run(all_of_them())


def test_answers_of_a_batch_are_those_given_alone(tiny):
    requests = [(messages, {}) for messages in SUMS]
    batched, alone = run(tiny, requests, together=True), run(tiny, requests, together=False)
    assert [each.content for each in batched] == [each.content for each in alone]
    assert [each.usage for each in batched] == [each.usage for each in alone]
    assert {each.raw["batch"] for each in batched} == {12}
    assert {each.raw["batch"] for each in alone} == {1}


def test_the_padding_of_a_batch_changes_nothing(random_model):
    asked = [[{"role": "user", "content": "x" * length}] for length in (1, 40, 200)]
    requests = [(messages, {"max_tokens": 12}) for messages in asked]
    batched, alone = (run(random_model(), requests, together=together) for together in (True, False))
    assert [each.content for each in batched] == [each.content for each in alone]
    assert {each.raw["batch"] for each in batched} == {3}


def test_each_keeps_its_own_parameters(tiny):
    asked = [{}, {"max_tokens": 3}, {"stop": "print"}, {"n": 2}, {"seed": 5, **DRAWN}, {"seed": 6, **DRAWN}]
    requests = list(zip(SUMS, asked, strict=False))
    batched, alone = run(tiny, requests, together=True), run(tiny, requests, together=False)
    assert [each.content for each in batched] == [each.content for each in alone]
    assert [each.finish_reason for each in batched[:4]] == ["stop", "length", "stop", "stop"]
    assert {each.raw["batch"] for each in batched} == {6}


def test_a_batch_has_a_largest_size(tiny):
    results = run(tiny, [(messages, {}) for messages in SUMS], together=True, max_batch_size=5)
    assert sorted(each.raw["batch"] for each in results) == [2] * 2 + [5] * 10
    (large,) = run(tiny, [(SUMS[0], {"n": 7})], together=True, max_batch_size=5)
    assert len(large.choices) == 7


def test_parameters_that_see_the_padding_run_alone(tiny):
    held = {"params": {"repetition_penalty": 1.01}}
    results = run(tiny, [(SUMS[0], held), (SUMS[1], {}), (SUMS[2], held), (SUMS[3], {})], together=True)
    assert sorted(each.raw["batch"] for each in results) == [1, 1, 2, 2]


def test_one_that_fails_does_not_stop_the_others(tiny):
    async def both():
        async with HFLocalClient(model=tiny) as client:
            too_long = [{"role": "user", "content": "hi " * 3000}]
            return await asyncio.gather(
                client.create(SUMS[0]), client.create(too_long), client.create(SUMS[1]), return_exceptions=True
            )

    one, failed, other = asyncio.run(both())
    assert one.content.startswith("```")
    assert other.content.startswith("```")
    assert failed.kind == "context_overflow"
