"""Messages: constructors, the text of content, and what is refused."""

from __future__ import annotations

import pytest

from quorate import AssistantMessage, MessageError, SystemMessage, ToolMessage, UserMessage
from quorate.messages import as_message, text_of

CALLS = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
IMAGE = {"type": "image_url", "image_url": {"url": "data:,"}}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (SystemMessage("s"), {"role": "system", "content": "s"}),
        (UserMessage("u"), {"role": "user", "content": "u"}),
        (UserMessage([IMAGE], source="me"), {"role": "user", "content": [IMAGE], "name": "me"}),
        (UserMessage("u", source=""), {"role": "user", "content": "u"}),
        (AssistantMessage("a"), {"role": "assistant", "content": "a"}),
        (AssistantMessage("a", "bot"), {"role": "assistant", "content": "a", "name": "bot"}),
        (AssistantMessage(tool_calls=CALLS), {"role": "assistant", "content": None, "tool_calls": CALLS}),
        (ToolMessage("t", "c"), {"role": "tool", "content": "t", "tool_call_id": "c"}),
    ],
)
def test_constructors_give_plain_dicts(made, message):
    assert made == message
    assert type(made) is dict


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, ""),
        ("", ""),
        ("text", "text"),
        ([], ""),
        ([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab"),
        ([{"type": "text", "text": "see "}, IMAGE], "see <image>"),
        ([{"type": "text"}], ""),
        ([{"type": "input_audio", "input_audio": {}}], "<input_audio>"),
    ],
)
def test_text_of(content, text):
    assert text_of(content) == text


@pytest.mark.parametrize("content", [42, {"type": "text"}, ("text",), ["text"], [None], [{"text": "no type"}]])
def test_content_that_is_none(content):
    with pytest.raises(MessageError, match=r"^(message content is text|a content part is a dict)"):
        text_of(content)
    with pytest.raises(MessageError):
        as_message({"content": content})


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", {"content": "text"}),
        ("", {"content": ""}),
        ({"content": "c", "role": None, "mood": "good"}, {"content": "c"}),
        ({"tool_calls": CALLS}, {"tool_calls": CALLS, "content": None}),
        (
            {"content": None, "function_call": {"name": "f", "arguments": "{}"}},
            {"content": None, "function_call": {"name": "f", "arguments": "{}"}},
        ),
        ({"tool_responses": [], "content": "x"}, {"tool_responses": [], "content": "x"}),
    ],
)
def test_as_message(value, message):
    before = dict(value) if isinstance(value, dict) else value
    assert as_message(value) == message
    assert value == before


def test_an_error_says_what_was_given():
    with pytest.raises(
        MessageError, match=r"needs content, tool_calls or function_call; this one has \['role', 'text'\]"
    ):
        as_message({"text": "hello", "role": "user"})
