"""Wall clocks: looked at after each message and before each call, and a model call under way is broken off."""

from __future__ import annotations

import asyncio
import time

import pytest

from quorate import ModelError
from quorate.stopping import cost, text, tokens, turns, wall


async def for_ever(request):
    await asyncio.sleep(60)


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("condition", [wall("100ms"), wall("100ms") | tokens(10_000), turns(9) | cost(1) | wall(0.1)])
def test_a_model_call_under_way_is_broken_off(chat, thinker, talker, texts, streaming, condition):
    thinking, model = thinker("model", "quick", for_ever, config={"stream": streaming})
    began = time.monotonic()
    result = chat(talker("user"), thinking, message="hello", stop=condition)
    assert time.monotonic() - began < 30
    assert texts(result) == ["hello", "quick", "user 1"]
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("wall", "model")
    assert str(result.stop_reason).endswith("the chat has lasted 100ms")
    assert len(model.requests) == 2


def test_a_wait_before_a_retry_is_cut_short(chat, thinker, talker):
    busy = ModelError("busy", kind="overload", retry_after=50)
    thinking, model = thinker("model", busy, "never")
    began = time.monotonic()
    result = chat(talker("user"), thinking, message="hello", stop=wall("100ms"))
    assert time.monotonic() - began < 30
    assert (result.stop_reason.kind, len(model.requests)) == ("wall", 1)


def test_the_time_limit_of_a_configuration_is_still_a_failure_of_its_own(chat, thinker, talker):
    config = {"timeout": 0.05, "max_retries": 0}
    thinking, _ = thinker("model", for_ever, config=config)
    with pytest.raises(ModelError, match=r"within 0\.05 s"):
        chat(talker("user"), thinking, message="hello", stop=wall("10m"))


def test_time_that_counts_only_with_something_else_breaks_nothing_off(chat, thinker, talker):
    async def shortly(request):
        await asyncio.sleep(0.05)
        return "DONE"

    thinking, model = thinker("model", shortly, shortly)
    result = chat(talker("user"), thinking, message="hello", stop=wall("1ms") & text("DONE"))
    assert (len(model.requests), len(result.chat_history)) == (1, 2)


def test_a_call_is_not_begun_when_the_time_is_over(chat, thinker, talker):
    thinking, model = thinker("model", "one", "two")
    user = talker("user")

    def dawdle(recipient, messages, sender, config):
        time.sleep(0.06)
        return False, None

    thinking.register_reply(lambda _: True, dawdle, position=0)
    result = chat(user, thinking, message="hello", stop=wall("50ms"))
    assert (model.requests, result.stop_reason.kind) == ([], "wall")
