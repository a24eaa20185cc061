"""Inference in NumPy against values recorded with Hugging Face transformers."""

from __future__ import annotations

import numpy as np
import pytest

from quorate_tiny_model._answer import CONTEXT, PromptTooLongError
from quorate_tiny_model._weights import read_safetensors


def test_prompts_are_those_of_the_chat_template(engine, reference):
    assert len(reference["conversations"]) >= 10
    for entry in reference["conversations"]:
        assert engine.prompt(entry["messages"], entry["tools"]) == entry["prompt"]


def test_logits_are_those_of_transformers(engine, reference):
    for entry in reference["conversations"]:
        logits = engine.model.forward(entry["prompt"], engine.model.cache(CONTEXT))
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits[:: entry["every"]], entry["logits"], atol=2e-3)


def test_answers_are_those_of_transformers(engine, reference):
    for entry in reference["conversations"]:
        answer = engine.answer(entry["messages"], entry["tools"], guard=0.0)
        assert [*engine.tokenizer.encode(answer.text), engine.model.end] == entry["answer"]


def test_token_by_token_is_the_same_as_all_at_once(engine, reference):
    ids = reference["conversations"][2]["prompt"]
    whole = engine.model.forward(ids, engine.model.cache(CONTEXT))
    cache = engine.model.cache(CONTEXT)
    for token in ids:
        logits = engine.model.forward([token], cache)
    np.testing.assert_allclose(logits, whole, atol=1e-3)
    assert cache.length == len(ids)


def test_no_arithmetic_warning_at_any_length(engine):
    with np.errstate(all="raise", under="ignore"):
        engine.answer([{"role": "user", "content": "9" * 700}], guard=0.0)


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes((200).to_bytes(8, "little") + b"{}")
    with pytest.raises(ValueError, match="cut short"):
        read_safetensors(path)
    header = b'{"w": {"dtype": "F16", "shape": [4], "data_offsets": [0, 8]}}'
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0\0")
    with pytest.raises(ValueError, match="cannot read w"):
        read_safetensors(path)


def test_the_answer_is_the_most_probable_choice(engine, reference):
    """Of all texts the model's own answer is the most probable one, as greedy as it is."""
    for entry in reference["conversations"][:3]:
        if not entry["tools"]:
            own = engine.tokenizer.decode(entry["answer"])
            answer = engine.choose(entry["messages"], ["apple", own, own[:-1], f"{own}!"])
            assert answer.text == own
            assert answer.completion_tokens == len(entry["answer"])


def test_a_choice_that_does_not_fit_is_refused(engine):
    with pytest.raises(PromptTooLongError, match="a choice has"):
        engine.choose([{"role": "user", "content": "Which?"}], ["a", "xyzzy " * 100])
