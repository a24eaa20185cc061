"""Budgets: a call that does not fit is not made, and nothing of the chat is lost."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

from quorate import Cache, ChatStopped, ModelError, gather
from quorate.stopping import cost, text, tokens, turns

if TYPE_CHECKING:
    from quorate.testing import ModelRequest

LIMITED = {"max_tokens": 50}


def test_a_call_that_does_not_fit_is_not_made(chat, thinker, talker, texts, answer):
    thinking, model = thinker("model", *[answer(f"answer {n}", 20, 30) for n in range(9)], config=LIMITED)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(200))
    # Reserved are 10 for each message of the prompt and 50 for the answer; an answer uses 50.
    assert len(model.requests) == 3
    assert texts(result) == ["hello", "answer 0", "user 1", "answer 1", "user 2", "answer 2", "user 3"]
    reason = result.stop_reason
    assert (reason.kind, reason.agent) == ("tokens", "model")
    assert str(reason) == "tokens(200): 150 of 200 tokens are used, and the next call may take 120"
    assert result.cost["usage_including_cached_inference"]["m"]["total_tokens"] == 150


def test_the_chat_can_go_on_with_another_budget(chat, thinker, talker, texts, answer):
    thinking, model = thinker("model", *[answer("word", 20, 30)] * 4, config=LIMITED)
    user = talker("user")
    chat(user, thinking, message="hello", stop=tokens(100))
    assert len(model.requests) == 1
    result = chat(user, thinking, message="go on", stop=tokens(1000) | turns(1), clear_history=False)
    assert texts(result) == ["go on", "word"]
    assert [m["content"] for m in user.chat_messages[thinking]] == ["hello", "word", "user 1", "go on", "word"]


def test_a_used_up_budget_ends_the_chat_with_the_message_that_used_it_up(chat, thinker, talker, answer):
    thinking, model = thinker("model", answer("a lot", 10, 500))
    result = chat(talker("user"), thinking, message="hello", stop=tokens(510))
    assert (len(model.requests), len(result.chat_history)) == (1, 2)
    assert str(result.stop_reason) == "tokens(510): 510 of 510 tokens are used"


def test_without_max_tokens_an_answer_is_guessed_by_the_longest_so_far(chat, thinker, talker, answer):
    thinking, model = thinker("model", *[answer("a lot", 0, 900)] * 9)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(2_000))
    assert len(model.requests) == 2
    assert result.stop_reason.detail == "1800 of 2000 tokens are used, and the next call may take 950"


def test_the_context_bounds_the_answer(chat, thinker, talker, answer):
    from quorate import ModelInfo

    thinking, model = thinker("model", *[answer("word", 10, 1)] * 9)
    model.model_info = ModelInfo(context_length=60)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(70))
    assert len(model.requests) == 1
    assert result.stop_reason.detail == "11 of 70 tokens are used, and the next call may take 60"


def test_usage_that_the_endpoint_does_not_tell_is_estimated(chat, thinker, talker):
    from quorate import CreateResult

    thinking, model = thinker("model", *[CreateResult("word " * 60)] * 9)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(800))
    assert 1 < len(model.requests) < 9
    assert result.stop_reason.kind == "tokens"


def test_a_failed_call_gives_its_reservation_back(chat, thinker, talker, answer):
    busy = ModelError("busy", kind="overload", retry_after=0.001)
    script = [busy, busy, answer("word", 20, 30), answer("TERMINATE", 20, 30)]
    thinking, model = thinker("model", *script, config=LIMITED)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(150) | text("TERMINATE"))
    assert (len(model.requests), result.stop_reason.kind) == (4, "text")


def test_a_budget_in_a_conjunction_ends_nothing_alone(chat, thinker, talker, answer):
    thinking, model = thinker("model", *[answer(f"answer {n}", 20, 30) for n in range(9)], config=LIMITED)
    result = chat(talker("user"), thinking, message="hello", stop=tokens(100) & text("answer 4"))
    assert len(model.requests) == 5
    assert result.stop_reason.condition == "tokens(100) & text('answer 4')"


def test_cached_answers_cost_nothing(chat, thinker, talker, answer, tmp_path):
    thinking, model = thinker("model", *[answer("word", 20, 80)] * 4)
    user = talker("user", *["again"] * 40)
    with Cache.disk(1, tmp_path) as cache:
        for length in (2, 2):
            result = chat(user, thinking, message="hello", cache=cache, stop=tokens(750) | turns(length))
            assert result.stop_reason.kind == "turns"
        assert len(model.requests) == 2
        result = chat(user, thinking, message="hello", cache=cache, stop=tokens(600))
        assert len(model.requests) == 3, "two from the cache, and one that fits"
    assert len(result.chat_history) == 8 - 1


def test_a_price_of_the_configuration_is_reserved(chat, thinker, talker, answer):
    config = {"price": [0.01, 0.1], "max_tokens": 50}
    thinking, model = thinker("model", *[answer("word", 20, 30) for _ in range(9)], config=config)
    result = chat(talker("user"), thinking, message="hello", stop=cost(usd=0.012))
    # 10 prompt tokens and 50 more are 0.0051 dollars; what is used is 0.0032 for each call
    assert len(model.requests) == 3
    assert result.stop_reason.kind == "cost"
    assert result.stop_reason.detail == "$0.0096 of $0.012 are spent, and the next call may cost $0.0057"


def test_a_price_that_the_client_tells_with_its_answers_is_learned(chat, thinker, talker, answer):
    thinking, model = thinker("model", *[answer("word", 20, 30, cost=0.5) for _ in range(9)], config=LIMITED)
    result = chat(talker("user"), thinking, message="hello", stop=cost(usd=1.2))
    assert len(model.requests) == 1, "the first says 0.01 for a token: the next may cost 0.8"
    assert result.stop_reason.detail.startswith("$0.5 of $1.2 are spent, and the next call may cost $0.8")


def test_an_unpriced_answer_cannot_be_held_to_a_budget_in_dollars(chat, thinker, talker, texts, answer):
    thinking, _model = thinker("model", *[answer("word", 20, 30) for _ in range(9)])
    result = chat(talker("user"), thinking, message="hello", stop=cost(usd=100))
    assert texts(result) == ["hello", "word"]
    assert result.stop_reason.kind == "cost"
    assert "nobody knows what the answer of 'm' cost" in str(result.stop_reason)


def test_free_models_spend_nothing(chat, thinker, talker):
    thinking, _ = thinker("model", *["for free"] * 9)
    result = chat(talker("user"), thinking, message="hello", stop=cost(usd=0.001) | turns(3))
    assert result.stop_reason.kind == "turns"


def test_a_client_that_the_kernel_does_not_ask_is_counted_after_its_answers(chat, agent, talker, answer):
    """As one that is given to a reply function instead of the agent's own: nobody knows before what it may take."""
    from quorate.agents.model_reply import a_generate_oai_reply
    from quorate.testing import ScriptedClient

    model = ScriptedClient(script=[answer("word", 20, 30)] * 9)
    asking = agent("asking")
    asking.replies.clear()
    asking.register_reply(lambda _: True, a_generate_oai_reply, config=model)
    result = chat(talker("user"), asking, message="hello", stop=tokens(100))
    assert (len(model.requests), result.stop_reason.kind) == (2, "tokens")


def test_choices_are_held_to_it(chat, thinker, talker, answer):
    """As when a group chat's manager chooses who speaks next."""
    thinking, _model = thinker("model", *[answer("tea", 10, 400)] * 3)
    chosen = []

    async def deciding(recipient, messages, sender, config):
        chosen.append(await thinking.client.decide("What?", ["tea", "coffee"]))
        return True, chosen[-1]

    other = talker("other")
    other.register_reply(lambda _: True, deciding, position=1)
    result = chat(talker("user"), other, message="hello", stop=tokens(900))
    assert chosen == ["tea"]
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("tokens", "other")


def test_a_program_that_asks_a_client_itself_meets_the_error(chat, thinker, talker, answer):
    thinking, model = thinker("model", answer("word", 10, 400))
    met = []

    async def asking(recipient, messages, sender, config):
        try:
            await thinking.client.create([{"role": "user", "content": "hello"}])
        except ChatStopped as error:
            met.append(error.reason.kind)
        return True, "none"

    other = talker("other")
    other.register_reply(lambda _: True, asking, position=1)
    result = chat(talker("user"), other, message="hello", stop=tokens(100) | turns(2))
    assert (met, model.requests) == (["tokens"], [])
    assert (len(result.chat_history), result.stop_reason.kind) == (2, "tokens"), "the reply is kept, and is the last"


@pytest.mark.parametrize("native", [False, True])
def test_reservations_are_atomic_under_parallel_calls(thinker, talker, answer, native):
    """Twelve calls at once, each of 60 tokens: five fit into 340, whatever their order, and no sixth slips through."""
    under_way, gate = [], threading.Event()

    async def slowly(request: ModelRequest):
        under_way.append(1)
        if len(under_way) == 5:
            gate.set()
        await asyncio.to_thread(gate.wait, 20)
        return answer("word", 10, 50)

    thinking, model = thinker("model", *[slowly] * 12, config=LIMITED)
    outcomes = []

    async def ask():
        try:
            await thinking.client.create([{"role": "user", "content": "hello"}])
            outcomes.append("made")
        except ChatStopped:
            outcomes.append("refused")

    async def fan_out(recipient, messages, sender, config):
        await gather(*(ask() for _ in range(12)))
        return True, "done"

    fan_out.__quorate_kernel__ = True
    other = talker("other")
    other.register_reply(lambda _: True, fan_out, position=1)
    user = talker("user")
    if native:
        result = asyncio.run(user.a_initiate_chat(other, message="hello", stop=tokens(340) | turns(1)))
    else:
        result = user.initiate_chat(other, message="hello", stop=tokens(340) | turns(1))
    assert sorted(outcomes) == ["made"] * 5 + ["refused"] * 7
    assert len(model.requests) == 5
    assert result.cost["usage_including_cached_inference"]["m"]["total_tokens"] == 300


def test_a_broken_chat_leaves_no_condition_behind(chat, thinker, talker, answer):
    thinking, _model = thinker("model", ValueError("broken"), *[answer("word", 10, 10)] * 3)
    user = talker("user")
    for error in (ModelError, KeyboardInterrupt):
        with pytest.raises(error):
            chat(user, thinking, message="hello", stop=tokens(1000))
        thinking.register_reply(lambda _: True, interrupting)
    thinking.replies.clear()
    from quorate.stopping.scope import current_scope

    assert current_scope() is None


def interrupting(recipient, messages, sender, config):
    raise KeyboardInterrupt
