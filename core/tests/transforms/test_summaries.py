"""Summing up old turns: once, by a model, with what it costs counted."""

from __future__ import annotations

import asyncio
import copy

import pytest

from quorate import AgentError, AssistantMessage, SystemMessage, ToolMessage, UserMessage
from quorate.models.usage import open_tally
from quorate.testing import ScriptedClient
from quorate.transforms import Reader, SummarizeOld
from quorate.transforms.summaries import BEGINNING


def said(*texts):
    return [UserMessage(text, source="ada") for text in texts]


def contents(messages):
    return [message["content"] for message in messages]


def numbers(count):
    return said(*map(str, range(count)))


def model(*script):
    return ScriptedClient(script=script)


def test_the_older_messages_become_one():
    client = model("It was about numbers.")
    messages = [SystemMessage("Be brief."), *numbers(6)]
    before = copy.deepcopy(messages)
    read = SummarizeOld(5, keep=2).apply_transform(messages, Reader(client))
    assert contents(read) == ["Be brief.", f"{BEGINNING}It was about numbers.", "4", "5"]
    assert messages == before
    (request,) = client.requests
    assert request.messages[1]["content"] == "ada: 0\n\nada: 1\n\nada: 2\n\nada: 3"


def test_a_short_conversation_is_left_alone():
    client = model()
    messages = numbers(5)
    assert SummarizeOld(5, keep=2).apply_transform(messages, Reader(client)) == messages
    assert not client.requests


def test_a_summary_is_remembered_and_carried_on():
    client, transform = model("first", "second"), SummarizeOld(5, keep=2)
    reads = [contents(transform.apply_transform(numbers(count), Reader(client))) for count in range(5, 12)]
    first, second = f"{BEGINNING}first", f"{BEGINNING}second"
    assert reads == [
        list("01234"),
        [first, "4", "5"],
        [first, "4", "5", "6"],
        [first, "4", "5", "6", "7"],
        [second, "7", "8"],
        [second, "7", "8", "9"],
        [second, "7", "8", "9", "10"],
    ]
    assert client.requests[1].messages[1]["content"] == f"user: {first}\n\nada: 4\n\nada: 5\n\nada: 6"


def test_another_conversation_has_another_summary():
    client, transform = model("of numbers", "of letters"), SummarizeOld(3, keep=1)
    for _ in range(2):
        assert contents(transform.apply_transform(numbers(4), Reader(client)))[0].endswith("of numbers")
        assert contents(transform.apply_transform(said(*"abcd"), Reader(client)))[0].endswith("of letters")
    assert len(client.requests) == 2


def test_a_conversation_that_was_changed_is_summed_up_anew():
    client, transform = model("of numbers", "of others"), SummarizeOld(3, keep=1)
    transform.apply_transform(numbers(4), Reader(client))
    changed = said("0", "changed", "2", "3")
    assert contents(transform.apply_transform(changed, Reader(client))) == [f"{BEGINNING}of others", "3"]


def test_so_many_summaries_are_remembered(monkeypatch):
    monkeypatch.setattr("quorate.transforms.summaries._REMEMBERED", 2)
    client, transform = model(*"12345"), SummarizeOld(3, keep=1)
    talks = [said(letter, *"bcd") for letter in "wxy"]
    for talk in (*talks, talks[2], talks[0]):
        transform.apply_transform(talk, Reader(client))
    assert len(client.requests) == 4, "the last is remembered, the first is not"


def test_calls_stay_with_their_results_and_are_told():
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    messages = [*numbers(3), AssistantMessage(tool_calls=calls), ToolMessage("r", "c1"), *said("a", "b")]
    client = model("some", "all")
    read = SummarizeOld(6, keep=3).apply_transform(messages, Reader(client))
    assert read[1:] == messages[3:]
    read = SummarizeOld(6, keep=2).apply_transform(messages, Reader(client))
    assert read[1:] == messages[5:]
    assert client.requests[1].messages[1]["content"].endswith("ada: 2\n\nassistant: (calls f with {})\n\ntool: r")


def test_after_an_overflow_the_number_of_messages_does_not_matter():
    client, transform = model("shorter"), SummarizeOld(None, keep=2)
    assert transform.apply_transform(numbers(100), Reader(client)) == numbers(100)
    for compact in (transform.compact, lambda *args: asyncio.run(transform.a_compact(*args))):
        assert contents(compact(numbers(4), Reader(client))) == [f"{BEGINNING}shorter", "2", "3"]
    assert contents(transform.apply_transform(numbers(5), Reader(client))) == [f"{BEGINNING}shorter", "2", "3", "4"]
    assert len(client.requests) == 1


def test_what_it_used_is_counted():
    reader = Reader(model("of the reader"))
    own = model("of its own")
    with open_tally() as used:
        SummarizeOld(3, keep=1).apply_transform(numbers(4), reader)
        read = SummarizeOld(3, keep=1, client=own, prompt="Sum up.").apply_transform(numbers(4), reader)
    assert contents(read)[0].endswith("of its own")
    assert own.requests[0].messages[0] == SystemMessage("Sum up.")
    assert used.total.as_dict()["scripted"]["completion_tokens"] == 6


def test_nobody_to_ask():
    with pytest.raises(AgentError, match="client"):
        SummarizeOld(3, keep=1).apply_transform(numbers(4))


@pytest.mark.parametrize("options", [{"max_messages": 0}, {"keep": 0}, {"max_messages": 5, "keep": 4}, {"keep": None}])
def test_numbers_that_are_none(options):
    with pytest.raises(AgentError, match="SummarizeOld"):
        SummarizeOld(**options)
