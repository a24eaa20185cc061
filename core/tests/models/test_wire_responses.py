"""Response bodies: every shape that endpoints send, and every one that is no answer."""

from __future__ import annotations

import json

import pytest

from quorate.errors import ModelError
from quorate.models import Usage
from quorate.models.wire import Endpoint, decode_response

ENDPOINT = Endpoint("http://host:1/v1", "m", secrets=("sk-secret-key",))
CALL = {"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}


def answer(message, finish_reason="stop", **more):
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {"model": "m-2", "choices": [choice], **more}


def decode(body):
    return decode_response(body if isinstance(body, bytes) else json.dumps(body).encode(), ENDPOINT)


def test_text():
    body = answer({"role": "assistant", "content": "né 🎉"})
    result = decode(body)
    assert (result.content, result.text, result.finish_reason, result.model) == ("né 🎉", "né 🎉", "stop", "m-2")
    assert (result.usage, result.cost, result.choices, result.raw) == (None, None, (), body)


@pytest.mark.parametrize("content", [None, ""])
def test_null_and_empty_content_are_empty_text(content):
    assert decode(answer({"content": content}, "length")).content == ""


def test_content_in_parts_is_joined():
    assert decode(answer({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})).content == "ab"


def test_tool_calls_with_and_without_text():
    result = decode(answer({"content": None, "tool_calls": [CALL]}, "tool_calls"))
    assert (result.content, result.text, result.finish_reason) == ([CALL], None, "tool_calls")
    assert result.message == {"role": "assistant", "content": None, "tool_calls": [CALL]}
    assert decode(answer({"content": "I add", "tool_calls": [CALL]}, "tool_calls")).text == "I add"


def test_a_call_to_a_named_tool_that_ends_with_stop_is_a_tool_call():
    assert decode(answer({"content": "", "tool_calls": [CALL]}, "stop")).finish_reason == "tool_calls"


@pytest.mark.parametrize(("arguments", "text"), [(None, "{}"), ("", "{}"), ({"a": 1}, '{"a": 1}')])
def test_arguments_become_json_text_and_missing_ids_are_numbered(arguments, text):
    calls = [{"function": {"name": "add", "arguments": arguments}}, {"id": "", "function": {"name": "sub"}}]
    first, second = decode(answer({"tool_calls": calls}, "tool_calls")).content
    assert first == {"id": "call_0", "type": "function", "function": {"name": "add", "arguments": text}}
    assert second["id"] == "call_1"


def test_the_older_function_call_is_a_tool_call():
    (call,) = decode(answer({"content": None, "function_call": CALL["function"]}, "function_call")).content
    assert call["function"] == CALL["function"]


def test_usage_with_details_and_nulls():
    usage = {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_tokens_details": {"cached_tokens": 8},
        "completion_tokens_details": {"reasoning_tokens": 3},
    }
    assert decode(answer({"content": "x"}, usage=usage)).usage == Usage(10, 5, 8, 3)
    usage = {"prompt_tokens": 10, "completion_tokens": None, "prompt_tokens_details": None}
    assert decode(answer({"content": "x"}, usage=usage)).usage == Usage(10, 0)
    assert decode(answer({"content": "x"}, usage=None)).usage is None


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart(key):
    result = decode(answer({"content": "4", key: "two and two"}))
    assert (result.content, result.thought) == ("4", "two and two")


def test_a_refusal_is_text_that_ends_with_content_filter():
    result = decode(answer({"content": None, "refusal": "I cannot"}))
    assert (result.content, result.finish_reason) == ("I cannot", "content_filter")


def test_several_choices_in_order_of_their_index():
    choices = [{"index": i, "message": {"content": str(i)}, "finish_reason": "stop"} for i in (2, 0, 1)]
    result = decode({"choices": choices})
    assert result.content == "0"
    assert [message["content"] for message in result.choices] == ["0", "1", "2"]
    assert result.model == "m"


def test_logprobs_as_sent():
    logprobs = {"content": [{"token": "x", "logprob": -0.1}]}
    body = answer({"content": "x"})
    body["choices"][0]["logprobs"] = logprobs
    assert decode(body).logprobs == logprobs


@pytest.mark.parametrize(
    ("sent", "reason"), [(None, "unknown"), ("eos", "unknown"), ("content_filter", "content_filter")]
)
def test_finish_reasons(sent, reason):
    assert decode(answer({"content": "x"}, sent)).finish_reason == reason


NO_ANSWERS = [
    b"",
    b"   ",
    b"<html><body>Bad gateway</body></html>",
    b'{"choices": [{"message": {"content": "cut',
    b"\xff\xfe\x00",
    b"[" * 100_000,
    b"null",
    b"5",
    b'"text"',
    b"[]",
    b"{}",
    b'{"choices": null}',
    b'{"choices": []}',
    b'{"choices": [null]}',
    b'{"choices": {"0": {}}}',
    b'{"choices": [{"message": null}]}',
    b'{"choices": [{"index": 0}]}',
    b'{"choices": [{"message": {"content": 5}}]}',
    b'{"choices": [{"message": {"content": [5]}}]}',
    b'{"choices": [{"message": {"tool_calls": [{"id": "x"}]}}]}',
    b'{"choices": [{"message": {"tool_calls": "add"}}]}',
    b'{"choices": [{"message": {"content": "x"}, "finish_reason": []}]}',
    b'{"choices": [{"message": {"content": "x", "refusal": 5}}]}',
]


@pytest.mark.parametrize("body", NO_ANSWERS, ids=lambda body: repr(body[:40]))
def test_what_is_no_answer_is_one_clear_error(body):
    with pytest.raises(ModelError, match=r"http://host:1/v1 \(model m\)") as caught:
        decode(body)
    assert caught.value.kind == "bad_response"
    assert caught.value.__context__ is None  # the decoder's error would hold the whole body


def test_the_error_shows_the_beginning_of_what_came():
    with pytest.raises(ModelError, match="Bad gateway") as caught:
        decode(b"<html>\n\n  Bad gateway for sk-secret-key" + b"x" * 5000)
    assert "sk-secret-key" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ({"message": "boom"}, "bad_response"),
        ("boom", "bad_response"),
        ({"message": "boom", "code": 429}, "rate_limit"),
        ({"message": "boom", "code": "insufficient_quota"}, "quota"),
        ({"message": "boom", "code": 400, "type": "BadRequestError"}, "bad_request"),
    ],
)
def test_success_with_an_error_inside(error, kind):
    with pytest.raises(ModelError, match="boom") as caught:
        decode({"error": error})
    assert caught.value.kind == kind
