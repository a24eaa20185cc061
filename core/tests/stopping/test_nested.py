"""A chat inside a chat: its own condition, and the budgets of what is around it."""

from __future__ import annotations

import asyncio

import pytest

from quorate import kernel_code
from quorate.stopping import text, tokens, turns, wall
from quorate.stopping.scope import current_scope, join_scope, open_scope


@pytest.fixture
def nesting(talker):
    """Make an agent whose reply is a chat of its own; it keeps the results."""

    def make(name, opener, recipient, **options):
        made = talker(name)
        made.results = []

        @kernel_code
        async def inner(_recipient, messages, sender, config):
            made.results.append(await opener.a_initiate_chat(recipient, message="inner", **options))
            return True, made.results[-1].summary

        made.register_reply(lambda _: True, inner, position=1)
        return made

    return make


def test_a_nested_chat_spends_the_budget_around_it(chat, thinker, talker, nesting, answer):
    thinking, model = thinker("model", *[answer(f"answer {n}", 20, 30) for n in range(9)], config={"max_tokens": 30})
    nest = nesting("nest", talker("asking"), thinking, stop=turns(2))
    result = chat(talker("user"), nest, message="outer", stop=tokens(260))
    # Each inner chat makes two calls of 50 tokens; after the fifth call, none fits.
    assert len(model.requests) == 5
    assert [inner.stop_reason.kind for inner in nest.results] == ["turns", "turns", "tokens"]
    last = nest.results[-1].stop_reason
    assert (last.agent, last.condition) == ("model", "tokens(260)")
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("tokens", "nest")
    assert len(result.chat_history) == 6, "what the last inner chat came to is said in the outer one"


def test_its_messages_are_not_those_of_the_chat_around_it(chat, talker, nesting):
    nest = nesting("nest", talker("asking"), talker("answering", "DONE"), stop=turns(3))
    result = chat(talker("user"), nest, message="outer", stop=text("DONE") | turns(2))
    assert [len(inner.chat_history) for inner in nest.results] == [6, 6]
    assert (len(result.chat_history), result.stop_reason.kind) == (4, "turns")


def test_its_own_budget_ends_it_alone(chat, thinker, talker, nesting, answer):
    thinking, model = thinker("model", *[answer("word", 20, 30)] * 9, config={"max_tokens": 30})
    nest = nesting("nest", talker("asking"), thinking, stop=tokens(120))
    result = chat(talker("user"), nest, message="outer", stop=turns(2))
    assert [inner.stop_reason.kind for inner in nest.results] == ["tokens", "tokens"]
    assert (len(model.requests), result.stop_reason.kind) == (4, "turns")


def test_time_of_the_chat_around_it_ends_it_without_a_model(chat, talker, nesting):
    nest = nesting(
        "nest",
        talker("asking", max_consecutive_auto_reply=10**6),
        talker("answering", max_consecutive_auto_reply=10**6),
    )
    result = chat(talker("user"), nest, message="outer", stop=wall("20ms"))
    assert nest.results[0].stop_reason.kind == result.stop_reason.kind == "wall"


def test_a_tool_that_holds_a_chat_is_in_it(chat, thinker, talker, agent, answer):
    thinking, model = thinker("model", *[answer("word", 20, 30)] * 9, config={"max_tokens": 30})
    asking = talker("asking")

    def consult() -> str:
        return str(asking.initiate_chat(thinking, message="inner", max_turns=9).stop_reason.kind)

    call = {"id": "c", "type": "function", "function": {"name": "consult", "arguments": "{}"}}
    calling = talker("calling", {"content": None, "tool_calls": [call, {**call, "id": "d"}]})
    user = agent("user", function_map={"consult": consult})
    result = chat(user, calling, message="go", stop=tokens(220) | turns(2))
    assert result.chat_history[2]["content"].split() == ["tokens", "tokens"]
    used = result.cost["usage_including_cached_inference"]["m"]["total_tokens"]
    assert used <= 220
    assert used == 50 * len(model.requests)


def test_parallel_chats_share_what_is_around_them(thinker, talker, answer):
    _thinking, model = thinker("model", *[answer("word", 10, 20)] * 40, config={"max_tokens": 20})

    async def hold():
        async def one(number):
            partner, _ = thinker(f"model{number}", *[answer("word", 10, 20)] * 40, config={"max_tokens": 20})
            return await talker(f"user{number}").a_initiate_chat(partner, message="hello", stop=turns(10))

        with open_scope(tokens(300)):
            return await asyncio.gather(*(one(number) for number in range(6)))

    results = asyncio.run(hold())
    used = sum(result.cost["usage_including_cached_inference"]["m"]["total_tokens"] for result in results)
    assert 200 < used <= 300
    assert {result.stop_reason.kind for result in results} == {"tokens"}
    assert model.requests == []


def test_scopes_close_and_join():
    manager = object()
    assert current_scope() is None
    with open_scope(turns(3), owner=manager) as chat_scope:
        with join_scope(text("DONE"), owner=manager) as group:
            assert group.said({"content": "one"}, "a") is None
            assert group.said({"content": "two"}, "b") is None
            with open_scope(None, owner=object()) as nested:
                assert nested.said({"content": "DONE"}, "c", "model") is None
            reason = group.said({"content": "three DONE"}, "a", "model")
            assert (reason.kind, reason.agent) == ("text", "a"), "its own condition is asked first"
            assert chat_scope.met().kind == "turns", "what is said in the group is said in the chat it is held in"
        with join_scope(None, owner=object()) as other:
            assert other.said({"content": "one"}, "a").kind == "turns", "the chat around it is over"
    assert current_scope() is None


def test_a_conversation_that_is_no_part_of_the_chat_counts_apart():
    with open_scope(turns(2), owner="manager") as chat_scope, join_scope(None, owner="another") as other:
        for _ in range(5):
            assert other.said({"content": "x"}, "a") is None
        assert chat_scope.met() is None
