"""Limiting tokens: of the whole, of each message, and of what alone is too long; the client counts."""

from __future__ import annotations

import asyncio
import copy

import pytest

from quorate import (
    AgentError,
    AssistantMessage,
    BaseChatCompletionClient,
    ImagePart,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from quorate.models.counting import estimate_tokens
from quorate.transforms import LimitTokens, Reader
from quorate.transforms.cutting import MARK

IMAGE = ImagePart("data:image/png;base64,AAAA")


class Words(BaseChatCompletionClient):
    """Counts words, ten for an image and one for a tool; keeps what it was asked to count."""

    def __init__(self):
        super().__init__(model="words")
        self.counted = []

    async def count_tokens(self, messages, *, tools=(), **params):
        self.counted.append(list(messages))
        return len(tools) + sum(self.size(message) for message in messages)

    def size(self, message):
        content = message.get("content") or ""
        parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
        return sum(len(part["text"].split()) if part["type"] == "text" else 10 for part in parts)


@pytest.fixture
def words():
    return Words()


def said(*texts):
    return [UserMessage(text) for text in texts]


def contents(messages):
    return [message["content"] for message in messages]


FOUR = said("a a a", "b b b", "c c c", "d d d")


@pytest.mark.parametrize(
    ("limit", "first", "left"),
    [(12, False, "abcd"), (11, False, "bcd"), (6, False, "cd"), (6, True, "ad"), (3, True, "d")],
)
def test_the_oldest_are_left_out(words, limit, first, left):
    transform = LimitTokens(limit, keep_first_message=first)
    kept = transform.apply_transform(FOUR, Reader(words))
    assert [text[0] for text in contents(kept)] == list(left)
    assert asyncio.run(transform.a_apply_transform(FOUR, Reader(words))) == kept


def test_instructions_and_tools_count_and_stay(words):
    head = SystemMessage("be brief")
    kept = LimitTokens(9).apply_transform([head, *FOUR], Reader(words, tools=[{}]))
    assert contents(kept) == ["be brief", "c c c", "d d d"]
    kept = LimitTokens(9).apply_transform(FOUR, Reader(words, beside=[head], tools=[{}]))
    assert contents(kept) == ["c c c", "d d d"]


def test_images_count(words):
    messages = [UserMessage(["what is this", IMAGE]), *FOUR]
    assert LimitTokens(24).apply_transform(messages, Reader(words)) == FOUR


def test_calls_stay_with_their_results(words):
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    messages = [*FOUR[:1], AssistantMessage(tool_calls=calls), ToolMessage("r r r", "c1"), *FOUR[:1]]
    assert LimitTokens(6).apply_transform(messages, Reader(words)) == messages[1:]
    assert LimitTokens(5).apply_transform(messages, Reader(words)) == messages[3:]


def test_what_alone_is_too_long_loses_its_end(words):
    calls = [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    asking = AssistantMessage(tool_calls=calls)
    messages = [*FOUR, asking, ToolMessage("r " * 1000, "c1")]
    before = copy.deepcopy(messages)
    kept = LimitTokens(100).apply_transform(messages, Reader(words))
    assert kept[0] is asking
    assert kept[1]["tool_call_id"] == "c1"
    assert kept[1]["content"].endswith(MARK)
    assert 90 < words.size(kept[1]) <= 100
    assert messages == before


def test_results_in_one_message_lose_their_ends(words):
    results = {"role": "tool", "content": "r " * 500, "tool_responses": [ToolMessage("r " * 500, "c1")]}
    (kept,) = LimitTokens(100).apply_transform([results], Reader(words))
    assert kept["tool_responses"][0]["content"].endswith(MARK)
    assert kept["tool_responses"][0]["tool_call_id"] == "c1"


def test_what_cannot_be_cut_is_left(words):
    picture = UserMessage(["look", IMAGE])
    kept = LimitTokens(5).apply_transform([*FOUR, picture], Reader(words))
    assert [part["type"] for part in kept[0]["content"]] == ["text", "image_url"]


def test_the_whole_is_counted_few_times(words):
    messages = said(*["a a a"] * 1000)
    assert LimitTokens(3000).apply_transform(messages, Reader(words)) == messages
    assert len(words.counted) == 1
    assert len(LimitTokens(30).apply_transform(messages, Reader(words))) == 10
    assert len(words.counted) < 20


def test_each_message_keeps_its_beginning(words):
    long = UserMessage("word " * 500, source="ada")
    parts = UserMessage(["word " * 500, IMAGE, "behind"])
    messages = [SystemMessage("word " * 500), long, parts, *said("short")]
    transform = LimitTokens(max_tokens_per_message=100)
    kept = transform.apply_transform(messages, Reader(words))
    assert kept[0] is messages[0], "instructions stay whole"
    assert kept[3] is messages[3]
    assert kept[1]["name"] == "ada"
    assert 80 < words.size(kept[1]) <= 100
    assert [part["type"] for part in kept[2]["content"]] == ["text", "image_url", "text"]
    assert words.size(kept[2]) <= 100 + 10 + 10
    asked = len(words.counted)
    assert transform.apply_transform(messages, Reader(words)) == kept
    assert len(words.counted) == asked, "what was counted is remembered"


def test_few_tokens_are_left_alone(words):
    transform = LimitTokens(6, min_tokens=13)
    assert transform.apply_transform(FOUR, Reader(words)) == FOUR
    assert len(transform.apply_transform([*FOUR, *said("e")], Reader(words))) == 2


def test_without_a_client_tokens_are_estimated():
    messages = said(*["some words " * 20] * 10)
    kept = LimitTokens(500).apply_transform(messages)
    assert 0 < len(kept) < 10
    assert estimate_tokens(kept) <= 500 < estimate_tokens([*kept, messages[0]])


def test_several_in_order(words):
    kept = LimitTokens(20, max_tokens_per_message=5).apply_transform(said(*["w " * 40] * 8), Reader(words))
    assert len(kept) >= 2
    assert sum(map(words.size, kept)) <= 20


@pytest.mark.parametrize(
    "options", [{}, {"max_tokens": 0}, {"max_tokens_per_message": "5"}, {"max_tokens": 5, "min_tokens": -1}]
)
def test_limits_that_are_none(options):
    with pytest.raises(AgentError, match="LimitTokens"):
        LimitTokens(**options)
