"""A prompt that is too long: shortened once for each configuration, then the next is asked with the whole."""

from __future__ import annotations

import pytest

from quorate import ModelError, ModelsExhausted, UserMessage
from quorate._drive import drive
from quorate.models.compaction import compacting, room_of, stated_length
from quorate.models.results import ModelInfo, Restarted
from quorate.testing import ScriptedClient

WHOLE = [UserMessage(text) for text in "abcd"]


def overflow(text="too long"):
    return ModelError(text, kind="context_overflow")


class Compactor:
    """Leaves the last message out of so many; keeps what it was asked to shorten."""

    def __init__(self, left=1):
        self.left = left
        self.asked = []

    async def __call__(self, messages, room):
        self.asked.append((list(messages), room.tokens))
        return messages[-self.left :]


@pytest.fixture
def read(world, monkeypatch):
    """What each try read, in order."""
    seen = []
    cls = world.kernel._client_classes["Scripted"][0]
    create_stream = cls.create_stream

    def noting(self, messages, **request):
        seen.append((self.config.model, "".join(message["content"] for message in messages)))
        return create_stream(self, messages, **request)

    monkeypatch.setattr(cls, "create_stream", noting)
    return seen


def test_the_same_configuration_reads_less(world, ask, read):
    compact = Compactor(left=2)
    client = world(a=[overflow(), "from a"], b=["from b"])
    with compacting(compact):
        result, _ = ask(client, WHOLE)
    assert result.content == "from a"
    assert read == [("a", "abcd"), ("a", "cd")]
    assert [messages for messages, _ in compact.asked] == [WHOLE]
    assert [(attempt.kind, bool(attempt.changed)) for attempt in result.attempts] == [
        ("context_overflow", False),
        (None, True),
    ]
    assert result.notes == (result.attempts[1].changed,)
    assert "2 of 4 messages" in result.notes[0]


def test_then_a_larger_one_reads_the_whole(world, ask, read):
    client = world(a=[overflow(), overflow()], b=["from b"])
    with compacting(Compactor()):
        result, _ = ask(client, WHOLE)
    assert result.content == "from b"
    assert read == [("a", "abcd"), ("a", "d"), ("b", "abcd")]
    assert [(attempt.kind, bool(attempt.changed)) for attempt in result.attempts] == [
        ("context_overflow", False),
        ("context_overflow", True),
        (None, False),
    ]
    assert result.notes == ()


def test_when_all_are_too_small_the_error_says_everything(world, ask, read):
    client = world(a=[overflow(), overflow()], b=[overflow(), overflow()])
    with compacting(Compactor()), pytest.raises(ModelsExhausted) as caught:
        ask(client, WHOLE)
    assert read == [("a", "abcd"), ("a", "d"), ("b", "abcd"), ("b", "d")]
    assert caught.value.kind == "context_overflow"
    assert str(caught.value).count("1 of 4 messages") == 2
    assert str(caught.value).startswith("no configuration answered (4 attempts)")


@pytest.mark.parametrize("compact", [None, Compactor(left=4)], ids=["nobody shortens", "nothing can be left out"])
def test_without_less_to_read_the_next_is_asked(world, ask, read, compact):
    client = world(a=[overflow()], b=["from b"])
    with compacting(compact):
        assert ask(client, WHOLE)[0].content == "from b"
    assert read == [("a", "abcd"), ("b", "abcd")]


def test_other_failures_of_what_is_left_are_treated_as_ever(world, ask, read):
    busy = ModelError("busy", kind="overload", retry_after=0.0)
    client = world(a=[overflow(), busy, "from a"])
    with compacting(Compactor()):
        assert ask(client, WHOLE)[0].content == "from a"
    assert read == [("a", "abcd"), ("a", "d"), ("a", "d")]


def test_a_stream_that_had_begun_begins_again(world, stream):
    client = world(a=[["half", overflow()], "whole"])
    with compacting(Compactor()):
        result, parts = stream(client, WHOLE)
    assert (result.content, parts[0], parts[2]) == ("whole", "half", "whole")
    assert isinstance(parts[1], Restarted)


def test_it_does_not_cool_down(world, ask):
    client = world(a=[overflow(), overflow(), "from a"], b=["from b"])
    with compacting(Compactor()):
        assert [ask(client, WHOLE)[0].content for _ in range(2)] == ["from b", "from a"]


def test_who_shortens_may_ask_a_model_which_is_not_shortened_for(world, ask):
    helper = world(c=[overflow()])

    async def compact(messages, room):
        with pytest.raises(ModelsExhausted):
            await helper.create(messages)
        return messages[-1:]

    client = world(a=[overflow(), "from a"])
    with compacting(compact):
        assert ask(client, WHOLE)[0].content == "from a"


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("This model's maximum context length is 4097 tokens. However, you requested 5000 tokens (4000 in ...", 4097),
        ("the request exceeds the available context size (4,096 tokens)", 4096),
        ("The input (5000 tokens) is longer than the model's context length (4096 tokens).", 4096),
        ("prompt is too long: 215000 tokens > 200000 maximum", 200_000),
        ("too long", None),
    ],
)
def test_a_length_that_a_refusal_states(said, length):
    assert stated_length(said) == length


@pytest.mark.parametrize(
    ("known", "said", "params", "tokens"),
    [
        (1000, "", {}, 750),
        (2000, "", {"max_tokens": 1500}, 500),
        (None, "maximum context length is 1000 tokens", {"max_completion_tokens": 100}, 900),
        (None, "too long", {}, 1000),
        (100, "", {"max_tokens": 100}, 1000),
        (8000, "", {}, 1500),
    ],
)
def test_the_room_that_there_is(known, said, params, tokens):
    class Counting(ScriptedClient):
        async def count_tokens(self, messages, *, tools=(), **params):
            return 2000

    client = Counting(script=[], model_info=ModelInfo(context_length=known))
    assert drive(room_of(client, None, WHOLE, params, said)).tokens == tokens
