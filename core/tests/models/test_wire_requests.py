"""Chat-completions requests: what is sent, and what is refused before it is sent."""

from __future__ import annotations

import json

import pytest

from quorate.errors import MessageError, ModelError
from quorate.models.wire import build_request, encode_request, wire_messages

USER = {"role": "user", "content": "hi"}
ADD = {"type": "function", "function": {"name": "add", "description": "Adds", "parameters": {"type": "object"}}}
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": "{}"}}


def test_plain_messages_are_passed_on_uncopied():
    messages = [USER, {"role": "assistant", "content": "yes", "name": "bob"}]
    assert all(sent is given for sent, given in zip(wire_messages(messages), messages, strict=True))


def test_only_wire_keys_stay_and_the_message_is_not_changed():
    message = {"role": "user", "content": "hi", "context": {"a": 1}, "refusal": None, "name": None}
    before = dict(message)
    assert wire_messages([message]) == [USER]
    assert message == before


@pytest.mark.parametrize(
    ("message", "content"),
    [
        ({"role": "user", "content": None}, ""),
        ({"role": "user"}, ""),
        ({"role": "assistant", "content": None, "tool_calls": []}, ""),
        ({"role": "assistant", "content": None, "tool_calls": [CALL]}, None),
        ({"role": "assistant", "tool_calls": [CALL]}, None),
        ({"role": "assistant", "content": "", "tool_calls": [CALL]}, ""),
        ({"role": "tool", "content": None, "tool_call_id": "c1"}, ""),
    ],
)
def test_content_is_null_only_beside_calls(message, content):
    (sent,) = wire_messages([message])
    assert sent["content"] == content
    assert sent.get("tool_calls") != []


def test_parallel_results_are_unrolled_in_order():
    results = [{"tool_call_id": "a", "content": "1"}, {"tool_call_id": "b", "role": "tool", "content": "2"}]
    sent = wire_messages([USER, {"role": "tool", "tool_responses": results, "content": "1\n\n2"}, USER])
    assert [message.get("tool_call_id") for message in sent] == [None, "a", "b", None]
    assert [message["role"] for message in sent] == ["user", "tool", "tool", "user"]


def test_what_a_person_says_beside_results_follows_them():
    results = [{"tool_call_id": "a", "content": "interrupted"}]
    sent = wire_messages([{"role": "user", "tool_responses": results, "content": "stop that"}])
    assert [(message["role"], message["content"]) for message in sent] == [
        ("tool", "interrupted"),
        ("user", "stop that"),
    ]


def test_tool_messages_carry_no_name():
    assert wire_messages([{"role": "tool", "content": "4", "tool_call_id": "c1", "name": "add"}]) == [
        {"role": "tool", "content": "4", "tool_call_id": "c1"}
    ]


@pytest.mark.parametrize(("bad", "said"), [("hi", "str"), ({"content": "hi"}, "no role"), (None, "NoneType")])
def test_what_is_no_message_is_refused_by_its_index(bad, said):
    with pytest.raises(MessageError, match=rf"messages\[1\].*{said}"):
        wire_messages([USER, bad])


def test_a_result_without_the_shape_of_one_is_refused_by_its_place():
    with pytest.raises(MessageError, match=r"messages\[0\]\.tool_responses\[1\]"):
        wire_messages([{"role": "tool", "tool_responses": [{"content": "1"}, {"role": "", "content": "2"}]}])


def test_parameters_that_are_none_are_left_out_and_extra_body_wins():
    params = {"temperature": 0.5, "seed": None, "stream": True, "extra_body": {"top_k": 5, "seed": None}}
    body = build_request([USER], model="m", params=params)
    assert body == {"model": "m", "messages": [USER], "temperature": 0.5, "top_k": 5, "seed": None}


def test_a_stream_asks_for_usage_unless_told_otherwise():
    assert build_request([USER], model="m", stream=True)["stream_options"] == {"include_usage": True}
    body = build_request([USER], model="m", stream=True, params={"stream_options": None})
    assert body["stream"] is True
    assert "stream_options" not in body


@pytest.mark.parametrize(
    ("choice", "sent"),
    [
        ("auto", None),
        ("required", "required"),
        ("none", "none"),
        ("add", {"type": "function", "function": {"name": "add"}}),
        ({"type": "function", "function": {"name": "add"}}, {"type": "function", "function": {"name": "add"}}),
    ],
)
def test_tool_choice(choice, sent):
    body = build_request([USER], model="m", tools=[ADD], tool_choice=choice)
    assert body["tools"] == [ADD]
    assert body.get("tool_choice") == sent


def test_tool_choice_without_that_tool_is_refused_before_it_is_sent():
    with pytest.raises(ModelError, match=r"'sub'.*add") as caught:
        build_request([USER], model="m", tools=[ADD], tool_choice="sub")
    assert caught.value.kind == "bad_request"
    with pytest.raises(ModelError, match="none were given"):
        build_request([USER], model="m", tool_choice="required")


def test_no_tools_and_none_of_them_wanted_is_an_ordinary_request():
    assert build_request([USER], model="m", tool_choice="none") == {"model": "m", "messages": [USER]}


def test_tools_of_the_configuration_count_and_those_of_the_call_win():
    sub = {"type": "function", "function": {"name": "sub"}}
    body = build_request([USER], model="m", params={"tools": [ADD]}, tool_choice="add")
    assert body["tools"] == [ADD]
    assert build_request([USER], model="m", params={"tools": [ADD]}, tools=[sub])["tools"] == [sub]


def test_unicode_is_sent_as_it_is_and_lone_surrogates_do_not_break_the_request():
    data = encode_request({"messages": [{"content": "né 🎉 \ud800"}]})
    assert json.loads(data) == {"messages": [{"content": "né 🎉 ?"}]}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"messages": [{"role": "user", "content": {1, 2}}]}, r"messages\[0\]\.content"),
        ({"temperature": float("nan")}, "temperature"),
        ({"stop": ["a", object()]}, r"stop\[1\]"),
    ],
)
def test_what_json_cannot_carry_is_refused_by_its_place(body, place):
    with pytest.raises(ModelError, match=place) as caught:
        encode_request(body)
    assert caught.value.kind == "bad_request"


@pytest.mark.parametrize(
    ("name", "sent"),
    [("bob", "bob"), ("Product Manager", "Product_Manager"), ("a<b>|c/d\\e", "a_b__c_d_e"), ("José", "José"), ("x" * 70, "x" * 64)],
)  # fmt: skip
def test_speakers_have_names_that_endpoints_accept(name, sent):
    """https://platform.openai.com/docs/api-reference/chat/create: a name with white space is refused with status 400."""
    message = {"role": "user", "content": "hi", "name": name}
    assert build_request([message], model="m")["messages"] == [{**message, "name": sent}]
    assert message["name"] == name
