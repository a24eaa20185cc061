"""Limiting a conversation to a number of messages: what stays, what stays together, and what is not changed."""

from __future__ import annotations

import asyncio
import copy

import pytest

from quorate import AgentError, AssistantMessage, ImagePart, SystemMessage, ToolMessage, UserMessage
from quorate.transforms import LimitMessages

IMAGE = ImagePart("data:image/png;base64,AAAA")
CALLS = [{"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}} for number in (1, 2)]
CALLING = AssistantMessage(tool_calls=CALLS)
RESULTS = [ToolMessage("one", "c1"), ToolMessage("two", "c2")]


def said(*texts):
    return [UserMessage(text) for text in texts]


def contents(messages):
    return [message.get("content") for message in messages]


@pytest.mark.parametrize(
    ("limit", "first", "left"),
    [(9, False, "abcde"), (5, True, "abcde"), (2, False, "de"), (1, False, "e"), (3, True, "ade"), (1, True, "ae")],
)
def test_the_last_messages_stay_and_the_first_if_asked(limit, first, left):
    given = said(*"abcde")
    for messages in (given, [SystemMessage("instructions"), *given]):
        transform = LimitMessages(limit, keep_first_message=first)
        kept = transform.apply_transform(messages)
        assert contents(kept) == [*contents(messages)[: len(messages) - 5], *left]
        assert kept == asyncio.run(transform.a_apply_transform(messages))


def test_messages_are_neither_changed_nor_copied():
    given = said(*"abcde")
    before = copy.deepcopy(given)
    kept = LimitMessages(2).apply_transform(given)
    assert given == before
    assert [id(message) for message in kept] == [id(message) for message in given[-2:]]


@pytest.mark.parametrize(("limit", "left"), [(4, 4), (3, 1), (2, 1), (1, 1)])
def test_calls_stay_with_their_results(limit, left):
    messages = [UserMessage("a"), CALLING, *RESULTS, UserMessage("b")]
    assert LimitMessages(limit).apply_transform(messages) == messages[-left:]


def test_results_that_came_last_stay_with_their_calls_whatever_the_limit():
    messages = [UserMessage("a"), CALLING, *RESULTS]
    assert LimitMessages(1).apply_transform(messages) == messages[1:]


def test_results_in_one_message_as_histories_hold_them():
    results = {"role": "tool", "tool_responses": RESULTS, "content": "one\n\ntwo"}
    messages = [UserMessage("a"), CALLING, results, UserMessage("b")]
    assert LimitMessages(2).apply_transform(messages) == messages[-1:]
    assert LimitMessages(3).apply_transform(messages) == messages[1:]


def test_images_that_tools_gave_stay_with_the_results():
    shown = UserMessage(["<image 1> of f:", IMAGE])
    messages = [UserMessage("a"), CALLING, *RESULTS, shown, UserMessage("b", source="ada")]
    assert LimitMessages(2).apply_transform(messages) == messages[-1:]
    assert LimitMessages(5).apply_transform(messages) == messages[1:]
    named = UserMessage(["Look:", IMAGE], source="ada")
    assert LimitMessages(1).apply_transform([CALLING, *RESULTS, named]) == [named]


def test_the_older_form_of_calls_stays_together():
    call = {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}}
    result = {"role": "function", "name": "f", "content": "one"}
    assert LimitMessages(1).apply_transform([UserMessage("a"), call, result]) == [call, result]


@pytest.mark.parametrize("messages", [[], [SystemMessage("instructions")]])
def test_nothing_to_leave_out(messages):
    assert LimitMessages(1).apply_transform(messages) == messages


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3", True, None])
def test_a_limit_that_is_none(limit):
    with pytest.raises(AgentError, match=r"LimitMessages\.max_messages"):
        LimitMessages(limit)
