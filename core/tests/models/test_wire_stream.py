"""Streams: any cut of the bytes gives the same text and the same result."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quorate.errors import ModelError
from quorate.models import Usage
from quorate.models.wire import Endpoint, EventDecoder, StreamDecoder

ENDPOINT = Endpoint("http://host:1/v1", "m")


def chunk(delta=None, finish=None, index=0, **more):
    choice = {"index": index, "delta": {} if delta is None else delta, "finish_reason": finish, **more}
    return {"id": "x", "model": "m-2", "object": "chat.completion.chunk", "choices": [choice]}


def wire(*chunks, done=True, end="\n"):
    lines = [f"data: {json.dumps(each, ensure_ascii=False)}{end * 2}" for each in chunks]
    return ("".join(lines) + (f"data: [DONE]{end * 2}" if done else "")).encode()


def read(data, cuts=()):
    decoder = StreamDecoder(ENDPOINT)
    edges = [0, *sorted(set(cuts)), len(data)]
    parts = [decoder.feed(data[a:b]) for a, b in pairwise(edges)]
    last, result = decoder.finish()
    return [part for part in [*parts, last] if part], result


FULL = (
    chunk({"role": "assistant", "content": ""}),
    chunk({"reasoning_content": "hm"}),
    chunk({"content": "Grüße, "}, logprobs={"content": [{"token": "Grüße, ", "logprob": -0.5}]}),
    chunk({"content": "🎉\n\nWelt"}, logprobs={"content": [{"token": "x", "logprob": -0.1}], "refusal": None}),
    chunk(finish="stop"),
    {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}},
)


@settings(max_examples=150)
@given(st.data(), st.sampled_from(["\n", "\r\n"]))
def test_any_cut_gives_the_same(data, end):
    body = b": keep-alive" + end.encode() * 2 + wire(*FULL, end=end)
    cuts = data.draw(st.lists(st.integers(0, len(body)), max_size=40))
    parts, result = read(body, cuts)
    assert "".join(parts) == result.content == "Grüße, 🎉\n\nWelt"
    assert (result.usage, result.thought, result.model) == (Usage(3, 2), "hm", "m-2")
    assert [token["token"] for token in result.logprobs["content"]] == ["Grüße, ", "x"]
    assert result.finish_reason == "stop"


def test_byte_by_byte_and_at_once():
    body = wire(*FULL)
    assert "".join(read(body, range(len(body)))[0]) == "".join(read(body)[0])


def test_interleaved_tool_calls():
    def part(index, **call):
        return chunk({"tool_calls": [{"index": index, **call}]})

    parts, result = read(
        wire(
            chunk({"role": "assistant", "content": None}),
            part(0, id="a", type="function", function={"name": "add", "arguments": ""}),
            part(1, id="b", type="function", function={"name": "mul", "arguments": ""}),
            part(1, function={"arguments": '{"x":'}),
            part(0, function={"arguments": '{"a": 1'}),
            part(1, function={"arguments": "2}"}),
            part(0, function={"arguments": "}"}),
            chunk(finish="tool_calls"),
        )
    )
    assert parts == []
    assert result.content == [
        {"id": "a", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}},
        {"id": "b", "type": "function", "function": {"name": "mul", "arguments": '{"x":2}'}},
    ]
    assert (result.finish_reason, result.text) == ("tool_calls", None)


def test_calls_without_an_index_are_told_apart_by_their_ids():
    calls = [{"id": i, "function": {"name": i, "arguments": "{}"}} for i in ("a", "b")]
    _, result = read(wire(*(chunk({"tool_calls": [call]}) for call in calls), chunk(finish="tool_calls")))
    assert [call["id"] for call in result.content] == ["a", "b"]


def test_a_name_that_is_repeated_is_not_doubled():
    call = {"index": 0, "id": "a", "function": {"name": "add", "arguments": "{"}}
    again = {"index": 0, "id": "a", "function": {"name": "add", "arguments": "}"}}
    _, result = read(wire(chunk({"tool_calls": [call]}), chunk({"tool_calls": [again]}), chunk(finish="tool_calls")))
    assert result.content[0]["function"] == {"name": "add", "arguments": "{}"}


def test_text_beside_tool_calls_is_streamed_and_kept():
    call = {"index": 0, "id": "a", "function": {"name": "add", "arguments": "{}"}}
    parts, result = read(wire(chunk({"content": "I add"}), chunk({"tool_calls": [call]}), chunk(finish="tool_calls")))
    assert parts == ["I add"] == [result.text]


def test_of_several_choices_the_first_is_streamed_and_all_are_kept():
    chunks = [chunk({"content": f"{i}{j}"}, index=i) for j in "ab" for i in (1, 0)]
    parts, result = read(wire(*chunks, chunk(finish="stop"), chunk(finish="stop", index=1)))
    assert "".join(parts) == result.content == "0a0b"
    assert [message["content"] for message in result.choices] == ["0a0b", "1a1b"]


def test_a_refusal_is_streamed_as_text():
    parts, result = read(wire(chunk({"refusal": "I can"}), chunk({"refusal": "not"}), chunk(finish="stop")))
    assert "".join(parts) == result.content == "I cannot"
    assert result.finish_reason == "content_filter"


def test_a_missing_done_is_no_fault_when_the_answer_is_complete():
    parts, result = read(wire(chunk({"content": "x"}), chunk(finish="stop"), done=False))
    assert (parts, result.content, result.usage) == (["x"], "x", None)


def test_a_last_event_without_its_blank_line_counts():
    body = wire(chunk({"content": "a"}), done=False) + b"data: " + json.dumps(chunk({"content": "b"}, "stop")).encode()
    parts, result = read(body)
    assert parts == ["a", "b"]
    assert result.content == "ab"


def test_empty_and_null_everything():
    parts, result = read(wire(chunk({"content": None, "tool_calls": None}), chunk(None, "stop", logprobs=None)))
    assert (parts, result.content) == ([], "")


def test_a_cut_stream_says_so_and_whether_text_had_come():
    decoder = StreamDecoder(ENDPOINT)
    assert decoder.feed(wire(chunk({"content": "half"}), done=False)) == "half"
    with pytest.raises(ModelError, match=r"before the stream's end after part") as caught:
        decoder.finish()
    assert (caught.value.kind, caught.value.output_started) == ("network", True)
    decoder = StreamDecoder(ENDPOINT)
    decoder.feed(wire(chunk({"role": "assistant"}), done=False))
    with pytest.raises(ModelError) as caught:
        decoder.finish()
    assert caught.value.output_started is False


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"error": {"message": "boom", "code": 500}}, "overload"),
        ({"error": {"message": "boom", "type": "rate_limit_error"}}, "rate_limit"),
        ({"error": {"message": "boom"}, "choices": [{"index": 0, "delta": {}}]}, "bad_response"),
        ({"object": "error", "message": "boom", "code": 400}, "bad_request"),
    ],
)
def test_an_error_in_the_stream(event, kind):
    decoder = StreamDecoder(ENDPOINT)
    decoder.feed(wire(chunk({"content": "half"}), done=False))
    with pytest.raises(ModelError, match="boom") as caught:
        decoder.feed(wire(event))
    assert (caught.value.kind, caught.value.output_started) == (kind, True)


@pytest.mark.parametrize(
    "data",
    [
        b"data: {broken\n\n",
        b"data: 5\n\n",
        b"data: \xff\n\n",
        b'data: {"choices": [5]}\n\n',
        b"data: {} {}\n\n",
        b'data: {"choices": [{"delta": {"tool_calls": [5]}}]}\n\n',
        b"data: " + b"[" * 100_000 + b"\n\n",
    ],
    ids=lambda data: repr(data[:40]),
)
def test_an_event_that_is_no_chunk_is_one_clear_error(data):
    with pytest.raises(ModelError, match="no chat-completion chunk") as caught:
        StreamDecoder(ENDPOINT).feed(data)
    assert caught.value.kind == "bad_response"


def test_a_body_that_is_no_stream():
    whole = json.dumps({"choices": [{"message": {"content": "all at once"}, "finish_reason": "stop"}]}).encode()
    parts, result = read(whole, [10, 20])
    assert parts == ["all at once"]
    assert result.content == "all at once"
    for body, said in ((b"", "empty body"), (b"<html>oops</html>", "oops"), (wire(), "without an answer")):
        decoder = StreamDecoder(ENDPOINT)
        decoder.feed(body)
        with pytest.raises(ModelError, match=said) as caught:
            decoder.finish()
        assert caught.value.kind == "bad_response"


def test_events_with_names_ids_comments_and_several_data_lines():
    decoder = EventDecoder()
    data = b': ping\n\nevent: x\nid: 1\nretry: 5\ndata: {"a":\ndata: 1}\n\n\n\ndata:{"b":2}\n\n'
    assert decoder.feed(data) == [b'{"a":\n1}', b'{"b":2}']
    assert decoder.flush() == []


def test_a_long_line_in_small_cuts_costs_no_square():
    decoder = EventDecoder()
    for _ in range(200_000):
        assert decoder.feed(b"x" * 5) == []
    assert decoder.feed(b"\n\n") == []
