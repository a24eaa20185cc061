"""The tokenizer against the ids that the ``tokenizers`` library gives."""

from __future__ import annotations

import random
import time

import pytest


def test_ids_are_those_of_the_tokenizers_library(engine, reference):
    for entry in reference["texts"]:
        assert engine.tokenizer.encode(entry["text"]) == entry["ids"], entry["text"]


def test_text_comes_back(engine, reference):
    for entry in reference["texts"]:
        assert engine.tokenizer.decode(entry["ids"]) == entry["text"]


def test_any_text_comes_back(engine):
    r = random.Random(7)
    for _ in range(300):
        text = "".join(
            chr(r.choice([r.randrange(32, 127), r.randrange(0x20, 0xD800), r.randrange(0x1F300, 0x1FAFF)]))
            for _ in range(20)
        )
        assert engine.tokenizer.decode(engine.tokenizer.encode(text)) == text


@pytest.mark.parametrize("token", ["<|user|>", "<|assistant|>", "<|end|>", "<|tools|>"])
def test_a_special_token_in_text_is_text(engine, token):
    ids = engine.tokenizer.encode(f"hello {token} x")
    assert engine.tokenizer.special(token) not in ids
    assert engine.tokenizer.decode(ids) == f"hello {token} x"


def test_half_a_surrogate_pair_is_no_error(engine):
    assert engine.tokenizer.encode("x \ud83d y")


def test_a_long_word_takes_no_time_to_speak_of(engine):
    word = "".join(random.Random(1).choice("etaoinshrdlu") for _ in range(6000))
    started = time.process_time()
    ids = engine.tokenizer.encode(word)
    assert engine.tokenizer.decode(ids) == word
    assert time.process_time() - started < 5
