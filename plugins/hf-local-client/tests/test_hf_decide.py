"""Deciding by likelihood."""

from __future__ import annotations

import asyncio

import pytest

from quorate.errors import ModelError
from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")


def decide(model: str, question, choices):
    async def once():
        async with HFLocalClient(model=model) as client:
            return await client.decide(question, choices)

    return asyncio.run(once())


def test_the_choice_that_the_model_would_say(reciting):
    model = reciting("bob")
    for choices in (["ann", "bob", "carl"], ["bob", "ann"], ("bobby", "bob")):
        assert decide(model, "Who speaks next?", choices) == "bob"


def test_the_end_of_a_choice_counts(reciting):
    assert decide(reciting("bob", "by"), "Who?", ["bob", "bobby", "bo"]) == "bobby"


def test_a_conversation_can_be_the_question(reciting):
    asked = [
        {"role": "system", "content": "Choose."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "?"},
    ]
    assert decide(reciting("ann", template="strict"), asked, ["bob", "ann"]) == "ann"


def test_the_tiny_model_decides(tiny):
    right = "```python\nprint(1 + 1)\n```"
    assert decide(tiny, "What is 1 + 1?", ["apple", right, "print(1 - 1)"]) in ("apple", right, "print(1 - 1)")


def test_the_result_tells_how_likely_each_choice_was(reciting):
    async def main():
        async with HFLocalClient(model=reciting("bob")) as client:
            result = await client.choose("Who?", ["ann", "bob"])
            assert (result.content, result.cost) == ("bob", 0.0)
            assert result.usage.prompt_tokens == await client.count_tokens(
                [
                    {
                        "role": "user",
                        "content": "Who?\n\nAnswer with exactly one of these lines and nothing else:\nann\nbob",
                    }
                ]
            )
            likelihoods = result.raw["likelihoods"]
            assert likelihoods["ann"] < likelihoods["bob"] <= 0

    asyncio.run(main())


def test_one_choice_needs_no_model(tmp_path):
    assert decide(str(tmp_path / "nothing"), "Who?", ["ann"]) == "ann"


@pytest.mark.parametrize("choices", [[], ["ann", ""], ["ann", "ann"]])
def test_no_choices(tmp_path, choices):
    with pytest.raises(ModelError, match="nothing can be decided"):
        decide(str(tmp_path / "nothing"), "Who?", choices)


def test_choices_longer_than_the_context(random_model):
    with pytest.raises(ModelError) as caught:
        decide(random_model(context=64), "Who?", ["ann" * 40, "bob"])
    assert caught.value.kind == "context_overflow"


def test_deciding_shares_a_batch_with_answers(reciting):
    async def main():
        async with HFLocalClient(model=reciting("bob")) as client:
            await client.create([{"role": "user", "content": "Hi"}])
            chosen, result = await asyncio.gather(
                client.decide("Who?", ["ann", "bob"]), client.create([{"role": "user", "content": "Hi"}])
            )
            assert (chosen, result.content, result.raw["batch"]) == ("bob", "bob", 2)

    asyncio.run(main())
