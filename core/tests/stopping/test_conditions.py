"""Conditions are values: refused when wrong, composed, shown, and kept as JSON."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from quorate import AgentError
from quorate.stopping import (
    callback,
    cost,
    courtesy_loop,
    from_json,
    no_progress,
    text,
    tokens,
    turns,
    wall,
)


def says_bye(message):
    return message["content"] == "bye"


@pytest.mark.parametrize(
    ("condition", "shown", "kept"),
    [
        (turns(20), "turns(20)", {"turns": 20}),
        (tokens(200_000), "tokens(200000)", {"tokens": 200_000}),
        (cost(usd=1.5), "cost(usd=1.5)", {"cost": 1.5}),
        (cost(2), "cost(usd=2.0)", {"cost": 2.0}),
        (wall("1h30m"), "wall('1h30m')", {"wall": 5400.0}),
        (wall(timedelta(seconds=90)), "wall('1m30s')", {"wall": 90.0}),
        (wall(0.25), "wall('250ms')", {"wall": 0.25}),
        (text("all  done"), "text('all done')", {"text": "all done"}),
        (no_progress(3), "no_progress(3)", {"no_progress": 3}),
        (courtesy_loop(), "courtesy_loop()", {"courtesy_loop": True}),
        (callback(says_bye), "callback(says_bye)", {"callback": "says_bye"}),
        (turns(1) | turns(2) & ~text("x"), "turns(1) | turns(2) & ~text('x')", None),
        ((turns(1) | turns(2)) & text("x"), "(turns(1) | turns(2)) & text('x')", None),
        (~(turns(1) | turns(2)), "~(turns(1) | turns(2))", {"not": {"any": [{"turns": 1}, {"turns": 2}]}}),
        (turns(1) | turns(2) | turns(1), "turns(1) | turns(2)", {"any": [{"turns": 1}, {"turns": 2}]}),
    ],
)
def test_shown_as_it_is_written_and_kept_as_json(condition, shown, kept):
    assert str(condition) == repr(condition) == shown
    if kept is not None:
        assert condition.to_json() == kept
    through_json = json.loads(json.dumps(condition.to_json()))
    assert from_json(through_json, {"says_bye": says_bye}) == condition


def test_values_are_frozen_equal_and_hashable():
    assert turns(2) | text("x") == turns(2) | text("x")
    assert len({turns(2), turns(2), turns(3)}) == 2
    with pytest.raises(AttributeError):
        turns(2).name = "tokens"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: turns(0), r"turns\(\.\.\.\) takes a whole number above 0, not 0"),
        (lambda: turns(True), "not True"),
        (lambda: tokens(1.5), r"tokens\(\.\.\.\) takes a whole number above 0, not 1.5"),
        (lambda: no_progress(-1), "no_progress"),
        (lambda: cost(usd=0), "US dollars above 0, not 0"),
        (lambda: cost(usd=float("nan")), "US dollars above 0, not nan"),
        (lambda: wall("10 parsecs"), "'10m' or '1h30m'"),
        (lambda: wall(""), "'10m' or '1h30m'"),
        (lambda: wall(-1), "above 0"),
        (lambda: text("  "), "the phrase that ends the chat"),
        (lambda: callback("no function"), "a plain function of a message"),
        (lambda: from_json({"turns": 0}), "whole number"),
        (lambda: from_json({"tunrs": 3}), "there are: all, any, callback, cost"),
        (lambda: from_json({"turns": 3, "text": "x"}), "an object with one key"),
        (lambda: from_json([]), "an object with one key"),
        (lambda: from_json({"any": []}), "there are: all"),
        (lambda: from_json({"callback": "says_bye"}), "names the callback 'says_bye'; give it"),
        (lambda: callback(lambda message: True).to_json(), "a lambda has none"),
    ],
)
def test_what_is_none_is_refused_where_it_is_made(make, said):
    with pytest.raises(AgentError, match=said):
        make()


def test_a_coroutine_function_is_no_callback():
    async def later(message):
        return True

    with pytest.raises(AgentError, match="plain function"):
        callback(later)


def test_only_conditions_are_composed():
    with pytest.raises(TypeError):
        turns(2) | 3


def test_a_chat_takes_only_conditions(talker):
    with pytest.raises(AgentError, match=r"stop is a stop condition such as turns\(20\)"):
        talker("one").initiate_chat(talker("two"), message="hello", stop=20)
