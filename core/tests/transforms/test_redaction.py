"""What a model must not read: texts that patterns find, and images."""

from __future__ import annotations

import copy
import re

import pytest

from quorate import AgentError, AssistantMessage, ImagePart, ToolMessage, UserMessage
from quorate.transforms import Redact, WithoutImages

IMAGE = ImagePart("data:image/png;base64,AAAA")
KEY = "sk-12345"


def test_every_text_of_a_conversation():
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": f'{{"key": "{KEY}"}}'}}]
    messages = [
        UserMessage(f"my key is {KEY}", source="ada"),
        UserMessage([f"here: {KEY}", IMAGE]),
        AssistantMessage(tool_calls=calls),
        ToolMessage(f"{KEY} is good", "c1"),
        {"role": "tool", "content": KEY, "tool_responses": [ToolMessage(KEY, "c1")]},
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": KEY}},
        UserMessage("nothing here"),
    ]
    before = copy.deepcopy(messages)
    read = Redact(r"sk-\w+").apply_transform(messages)
    assert KEY not in repr(read)
    assert repr(read).count("[redacted]") == 7
    assert messages == before
    assert read[-1] is messages[-1]
    assert read[0] == {"role": "user", "content": "my key is [redacted]", "name": "ada"}


def test_patterns_and_functions_in_order():
    redact = Redact(re.compile("ADA", re.IGNORECASE), str.upper, replacement="x")
    assert redact.apply_transform([UserMessage("Ada, b")])[0]["content"] == "X, B"
    assert Redact("b", replacement=r"\1").apply_transform([UserMessage("abc")])[0]["content"] == r"a\1c"
    assert Redact(str.upper, "B", replacement="-").apply_transform([UserMessage("abc")])[0]["content"] == "A-C"


@pytest.mark.parametrize("patterns", [(), ("(",), (5,), (None,)])
def test_what_is_no_pattern(patterns):
    with pytest.raises(AgentError, match="Redact"):
        Redact(*patterns)


def test_a_function_that_gives_no_text():
    with pytest.raises(AgentError, match="must give a text"):
        Redact(lambda text: None).apply_transform([UserMessage("a")])


def test_images_become_words():
    messages = [
        UserMessage("a"),
        UserMessage(["look: ", IMAGE]),
        {"role": "tool", "content": "1", "tool_responses": [ToolMessage("1", "c1"), UserMessage([IMAGE])]},
        UserMessage([IMAGE, "and ", IMAGE]),
    ]
    before = copy.deepcopy(messages)
    read = WithoutImages().apply_transform(messages)
    assert [message["content"] for message in read] == ["a", "look: <image>", "1", "<image>and <image>"]
    assert read[2]["tool_responses"][1]["content"] == "<image>"
    assert messages == before
    read = WithoutImages(but_last=2).apply_transform(messages)
    assert read[3]["content"] == messages[3]["content"]
    assert [message["content"] for message in read[:3]] == ["a", "look: <image>", "1"]
    read = WithoutImages(but_last=1).apply_transform(messages)
    assert [part["type"] for part in read[3]["content"]] == ["text", "text", "image_url"]
