"""Requests and results as data: what goes in comes out, what is no result is refused, equal requests are equal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from quorate import Attempt, CreateResult, Usage
from quorate.models.codec import as_data, fingerprint, from_data

CALL = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
FULL = CreateResult(
    [CALL],
    finish_reason="tool_calls",
    usage=Usage(10, 2, 4, 1),
    cost=0.25,
    model="m",
    logprobs={"content": [{"token": "a", "logprob": -0.5}]},
    thought="hm",
    text="Let me see.",
    choices=({"role": "assistant", "content": "a"}, {"role": "assistant", "content": None, "tool_calls": [CALL]}),
    price_source="genai-prices 1 (2026-01-01)",
    notes=("the template has no system role",),
)
BARE = CreateResult("")


@pytest.mark.parametrize("result", [FULL, BARE, CreateResult("🜚 ünï\n", cost=0.0)], ids=["full", "bare", "text"])
def test_a_result_comes_back_as_it_was(result):
    assert from_data(json.loads(json.dumps(as_data(result)))) == result


def test_what_belongs_to_the_call_is_left_out():
    result = replace(FULL, raw={"secret": 1}, attempts=(Attempt("x", 1.0),), cached=True)
    assert from_data(as_data(result)) == FULL


def test_tables_that_the_code_knows_cover_every_field():
    """A field that is added to the result is stored, and checked when it is read."""
    for name in set(as_data(FULL)) - {"logprobs"}:
        with pytest.raises(ValueError, match=name):
            from_data({**as_data(FULL), name: object()})


@pytest.mark.parametrize(
    "data", [None, 3, "text", [], [1], {}, {"content": "x"}, {**as_data(BARE), "more": 1}], ids=repr
)
def test_data_of_another_shape_is_refused(data):
    with pytest.raises(ValueError, match="a stored result"):
        from_data(data)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("content", None),
        ("content", []),
        ("content", ["text"]),
        ("content", {"a": 1}),
        ("finish_reason", "because"),
        ("finish_reason", None),
        ("usage", 3),
        ("usage", {}),
        ("usage", {"prompt_tokens": 1}),
        ("usage", {"prompt_tokens": "1", "completion_tokens": 0, "cached_tokens": 0, "reasoning_tokens": 0}),
        ("usage", {"prompt_tokens": -1, "completion_tokens": 0, "cached_tokens": 0, "reasoning_tokens": 0}),
        ("cost", "free"),
        ("cost", True),
        ("cost", float("nan")),
        ("model", None),
        ("thought", 1),
        ("text", []),
        ("choices", None),
        ("choices", ["text"]),
        ("price_source", 1),
        ("notes", None),
        ("notes", "text"),
        ("notes", [1]),
    ],
)
def test_a_value_that_no_conversation_could_go_on_with_is_refused(name, value):
    with pytest.raises(ValueError, match=f"other values of {name}$"):
        from_data({**as_data(FULL), name: value})


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def turned(data):
    """The same data with the keys of every object in the opposite order."""
    if isinstance(data, dict):
        return {key: turned(value) for key, value in reversed(data.items())}
    return [turned(each) for each in data] if isinstance(data, list) else data


@given(st.dictionaries(st.text(), DATA, max_size=6))
def test_the_order_of_keys_does_not_matter(request):
    assert fingerprint(turned(request)) == fingerprint(request) is not None


@pytest.mark.parametrize(
    "other", [{"a": 1.0}, {"a": "1"}, {"a": [1]}, {"a": True}, {"a": None}, {}, {"b": 1}, {"a": 1, "b": None}], ids=str
)
def test_what_differs_is_told_apart(other):
    assert fingerprint(other) != fingerprint({"a": 1})


def looped():
    data = {}
    data["self"] = data
    return data


def deep():
    data = []
    for _ in range(100_000):
        data = [data]
    return {"data": data}


@pytest.mark.parametrize(
    "request_", [{"a": object()}, {"a": {1, 2}}, {"a": b"x"}, {1: 1, "a": 1}, looped(), deep()], ids=lambda _: ""
)
def test_what_is_no_data_has_no_fingerprint(request_):
    assert fingerprint(request_) is None


def test_lone_surrogates_are_data():
    assert fingerprint({"a": "\ud800"}) not in (None, fingerprint({"a": "?"}))


def test_a_pydantic_class_is_what_its_schema_says():
    class City(BaseModel):
        name: str

    first = City

    class City(BaseModel):
        name: str

    same = City

    class City(BaseModel):
        name: str
        people: int

    assert fingerprint({"f": first}) == fingerprint({"f": same}) is not None
    assert fingerprint({"f": first}) != fingerprint({"f": City})
    assert fingerprint({"f": City(name="x", people=1)}) is None
