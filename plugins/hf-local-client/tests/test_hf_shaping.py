"""Messages as templates read them, and what templates take. Needs no torch: the templates here are plain functions."""

from __future__ import annotations

import copy

import pytest

from quorate.errors import MessageError, ModelError
from quorate.models.shaping import PROBES
from quorate_hf_local_client._shaping import Abilities, abilities_of, fitted

SYSTEM, ASK, ANSWER = (
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
)
CALLING = {
    "role": "assistant",
    "content": None,
    "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}],
}
RESULT = {"role": "tool", "content": "5", "tool_call_id": "c1"}
ALL = Abilities(frozenset(PROBES) - {"developer"}, tools=True)
NOTHING = Abilities(frozenset(), tools=False)


def without(*features):
    return Abilities(ALL.features - set(features), tools=True)


def pairs(messages, can):
    shaped, _ = fitted(messages, can)
    return [(each["role"], each["content"]) for each in shaped]


def test_what_a_template_takes_is_not_changed():
    messages = [SYSTEM, ASK, ASK, ANSWER, SYSTEM, {**ASK, "name": "ann"}, {**ASK, "name": "bob"}]
    assert fitted(messages, ALL) == (messages, ())


def test_a_strict_template():
    messages = [SYSTEM, ANSWER, ANSWER, ASK, ASK]
    assert pairs(messages, NOTHING) == [("user", "Be brief."), ("assistant", "Hello\n\nHello"), ("user", "Hi\n\nHi")]


def test_tool_messages_as_text():
    call = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
    assert pairs([ASK, CALLING, RESULT], without("tool")) == [
        ("user", "Hi"),
        ("assistant", call),
        ("user", "<tool_response>\n5\n</tool_response>"),
    ]


def test_tool_calls_reach_the_template_decoded():
    broken = copy.deepcopy(CALLING)
    broken["tool_calls"][0]["function"]["arguments"] = "{no json"
    shaped, _ = fitted([ASK, CALLING, RESULT, broken], ALL)
    assert shaped[1]["tool_calls"][0]["function"]["arguments"] == {"a": 1}
    assert shaped[3]["tool_calls"][0]["function"]["arguments"] == "{no json"


def test_parallel_results_and_old_roles():
    together = {"role": "tool", "content": "5\n6", "tool_responses": [RESULT, {**RESULT, "tool_call_id": "c2"}]}
    old = {"role": "assistant", "content": None, "function_call": {"name": "add", "arguments": "{}"}}
    shaped, _ = fitted([{"role": "developer", "content": "d"}, old, together], ALL)
    assert [each["role"] for each in shaped] == ["system", "assistant", "tool", "tool"]
    assert shaped[1]["tool_calls"][0]["function"] == {"name": "add", "arguments": {}}


def test_every_change_is_told_and_the_history_is_not_touched():
    messages = [SYSTEM, ANSWER, {**ASK, "name": "ann"}, {**ASK, "name": "bob"}, CALLING, RESULT, SYSTEM]
    before = copy.deepcopy(messages)
    _, notes = fitted(messages, NOTHING)
    assert messages == before
    assert len(notes) == len(set(notes)) >= 4


def test_images_are_refused():
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    with pytest.raises(ModelError, match="has an image"):
        fitted([{"role": "user", "content": [{"type": "text", "text": "See:"}, image]}], ALL)
    with pytest.raises(MessageError, match=r"messages\[0\]"):
        fitted(["Hi"], ALL)


def test_text_parts_are_joined():
    parts = [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert pairs([{"role": "user", "content": parts}], ALL) == [("user", "ab")]


def test_abilities_are_found_by_rendering():
    def all_of_it(messages, tools):
        return f"{tools} {messages} <tool_call>"

    def users_only(messages, _tools):
        if any(each["role"] != "user" for each in messages):
            raise ValueError("users only")
        return " ".join(each["content"] for each in messages)

    assert abilities_of(all_of_it) == ALL
    assert abilities_of(users_only) == NOTHING
    assert abilities_of(lambda *_: "") is None
