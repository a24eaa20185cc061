"""Shaping, for every template there could be: what is sent fits, nothing said is lost, nothing of the caller's changes."""

from __future__ import annotations

import copy
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.models.shaping import OPENING, PROBES, shaping
from quorate.models.shaping import shape as shaped
from quorate.models.wire import wire_messages

CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}
KINDS = {
    "system": {"role": "system"},
    "developer": {"role": "developer"},
    "user": {"role": "user"},
    "ann": {"role": "user", "name": "ann"},
    "bob": {"role": "user", "name": "bob"},
    "assistant": {"role": "assistant"},
    "call": {"role": "assistant", "tool_calls": [CALL]},
    "tool": {"role": "tool", "tool_call_id": "c"},
}
TEMPLATES = [dict(zip(PROBES, each, strict=True)) for each in itertools.product([True, False], repeat=len(PROBES))]


def shape(messages, **can):
    return shaped(messages, lambda feature: can.get(feature, True))


def conversation(*kinds):
    return [{**KINDS[kind], "content": f"{kind}-{index}"} for index, kind in enumerate(kinds)]


def said(shaped):
    return [(message["role"], message["content"]) for message in shaped.messages]


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=8), st.sampled_from(TEMPLATES))
def test_what_is_sent_fits_and_says_everything(kinds, can):
    messages = wire_messages(conversation(*kinds))
    kept = copy.deepcopy(messages)
    shaped = shape(messages, **can)
    sent, roles = shaped.messages, [message["role"] for message in shaped.messages]
    assert messages == kept
    assert sorted(index for origin in shaped.origins for index in origin) == list(range(len(messages)))
    everything = "\n".join(str(message["content"]) for message in sent)
    assert all(message["content"] in everything for message in messages)
    assert bool(shaped.notes) == (list(sent) != messages)
    if not can["developer"]:
        assert "developer" not in roles
    if not can["late_system"]:
        assert "system" not in roles[1:]
    if not can["system"]:
        assert roles[:1] != ["system"]
    if not (can["tool"] and can["call"]):
        assert "tool" not in roles
        assert not any("tool_calls" in message for message in sent)
    if not can["answer_first"]:
        assert next((role for role in roles if role != "system"), "user") != "assistant"
    if not can["repeated"]:
        plain = [None if "tool_calls" in each or each["role"] == "tool" else each["role"] for each in sent]
        assert not any(one == two and one in ("user", "assistant") for one, two in itertools.pairwise(plain))


@given(st.lists(st.sampled_from(sorted(KINDS)), max_size=8))
def test_a_template_that_can_do_everything_gets_the_very_messages(kinds):
    messages = wire_messages(conversation(*kinds))
    shaped = shape(messages)
    assert all(one is other for one, other in zip(shaped.messages, messages, strict=True))
    assert shaped.notes == ()


def test_an_ordinary_conversation_asks_nothing():
    shaper = shaping(conversation("user", "assistant", "user"))
    with pytest.raises(StopIteration):
        next(shaper)


def test_a_system_message_becomes_the_beginning_of_the_first_user_message():
    shaped = shape(conversation("system", "ann", "assistant"), system=False)
    assert said(shaped) == [("user", "system-0\n\nann-1"), ("assistant", "assistant-2")]
    assert shaped.messages[0]["name"] == "ann"
    assert shaped.origins == ((0, 1), (2,))


def test_a_system_message_before_an_answer_stands_alone():
    shaped = shape(conversation("system", "assistant"), system=False)
    assert said(shaped) == [("user", "system-0"), ("assistant", "assistant-1")]


def test_a_system_message_at_the_end_becomes_a_users():
    shaped = shape(conversation("system", "user", "system"), late_system=False)
    assert said(shaped) == [("system", "system-0"), ("user", "user-1"), ("user", "system-2")]


def test_several_system_messages_at_the_beginning_are_joined():
    shaped = shape(conversation("system", "system", "user"), late_system=False)
    assert said(shaped) == [("system", "system-0\n\nsystem-1"), ("user", "user-2")]


def test_speakers_are_named_in_the_text_where_there_are_several():
    assert said(shape(conversation("ann", "ann"), name=False)) == [("user", "ann-0"), ("user", "ann-1")]
    shaped = shape(conversation("ann", "user", "bob"), name=False)
    assert said(shaped) == [("user", "ann: ann-0"), ("user", "user-1"), ("user", "bob: bob-2")]
    assert not any("name" in message for message in shaped.messages)
    assert said(shape(conversation("ann", "bob"), repeated=False)) == [("user", "ann: ann-0\n\nbob: bob-1")]


def test_a_conversation_that_begins_with_an_answer_gets_an_opening():
    shaped = shape(conversation("assistant", "user"), answer_first=False)
    assert said(shaped) == [("user", OPENING), ("assistant", "assistant-0"), ("user", "user-1")]
    assert shaped.origins == ((), (0,), (1,))


def test_tool_calls_and_results_become_text():
    shaped = shape(conversation("user", "call", "tool"), tool=False)
    assert said(shaped)[1:] == [
        ("assistant", 'call-1\n<tool_call>\n{"name": "look", "arguments": {"at": 1}}\n</tool_call>'),
        ("user", "<tool_response>\ntool-2\n</tool_response>"),
    ]


def test_images_stay_images_when_messages_are_joined():
    image = {"type": "image_url", "image_url": {"url": "data:,"}}
    messages = [{"role": "user", "name": "ann", "content": [image]}, {"role": "user", "name": "bob", "content": "see"}]
    (only,) = shape(messages, name=False, repeated=False).messages
    assert only["content"] == [{"type": "text", "text": "ann: "}, image, {"type": "text", "text": "bob: see"}]
