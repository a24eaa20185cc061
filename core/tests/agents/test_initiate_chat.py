"""initiate_chat: its options, and what it gives."""

from __future__ import annotations

import json

import pytest

from quorate import AgentError, ConversableAgent, CreateResult, MessageError, Usage
from quorate.events import ChatEnded, ChatStarted


async def later(sender, recipient, context):
    return {"content": f"{sender.name} to {recipient.name} about {context['topic']}"}


@pytest.mark.parametrize(
    ("message", "opening"),
    [
        ("hello", "hello"),
        ({"content": "hello", "role": "user"}, "hello"),
        (
            lambda sender, recipient, context: f"{sender.name}, {recipient.name}, {context}",
            "one, two, {'topic': 'tea'}",
        ),
        (later, "one to two about tea"),
    ],
)
def test_forms_of_the_message(talker, run, texts, message, opening):
    chat = run(talker("one").initiate_chat, talker("two", "reply"), message=message, topic="tea")
    assert texts(chat.chat_history) == [opening, "reply"]


def test_no_message_asks_the_person(kernel, talker, run, texts):
    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            return f"typed at {prompt}"

    person = Person("person", human_input_mode="NEVER", kernel=kernel)
    assert texts(run(person.initiate_chat, talker("two")).chat_history) == ["typed at >"]


def unready(*_):
    raise RuntimeError("not now")


@pytest.mark.parametrize(
    ("message", "error"),
    [(42, MessageError), (lambda *_: None, MessageError), ({}, MessageError), (unready, RuntimeError)],
)
def test_a_message_that_is_none_loses_nothing(echo, run, texts, message, error):
    one, two = echo("one"), echo("two")
    run(one.initiate_chat, two, message="kept", max_turns=1)
    with pytest.raises(error):
        run(one.initiate_chat, two, message=message)
    assert texts(one.chat_messages[two]) == texts(two.chat_messages[one]) == ["kept", "two 1"]


@pytest.mark.parametrize("recipient", ["two", None, object()])
def test_a_recipient_that_is_no_agent(agent, run, recipient):
    with pytest.raises(AgentError, match="the recipient of a chat is an agent"):
        run(agent().initiate_chat, recipient, message="hello")


@pytest.mark.parametrize("turns", [1, 2, 5])
def test_max_turns_counts_the_recipients_answers(echo, run, turns):
    one, two = echo("one"), echo("two")
    chat = run(one.initiate_chat, two, message="hello", max_turns=turns)
    assert (len(chat.chat_history), one.spoken, two.spoken) == (2 * turns, turns - 1, turns)
    assert (chat.stop_reason.kind, str(chat.stop_reason)) == ("max_turns", "the number of turns asked for is done")


@pytest.mark.parametrize("turns", [0, -1, "2", 1.5, True])
def test_no_such_number_of_turns(echo, run, turns, texts):
    one, two = echo("one"), echo("two")
    run(one.initiate_chat, two, message="kept", max_turns=1)
    with pytest.raises(AgentError, match="max_turns is a whole number above 0, or None for no limit"):
        run(one.initiate_chat, two, message="hello", max_turns=turns)
    assert texts(one.chat_messages[two]) == ["kept", "two 1"], "refused before anything is forgotten"


def test_clear_history(echo, run, texts):
    one, two, three = echo("one"), echo("two"), echo("three")
    run(one.initiate_chat, three, message="apart", max_turns=1)
    run(one.initiate_chat, two, message="first", max_turns=1)
    run(one.initiate_chat, two, message="second", max_turns=1, clear_history=False)
    assert texts(two.chat_messages[one]) == ["first", "two 1", "second", "two 2"]
    run(one.initiate_chat, two, message="third", max_turns=1)
    assert texts(two.chat_messages[one]) == texts(one.chat_messages[two]) == ["third", "two 3"]
    assert texts(one.chat_messages[three]) == ["apart", "three 1"]


def test_a_result_holds_its_own_chat_and_does_not_change_any_more(echo, run, texts):
    """In AutoGen 0.2 it is the live list, which the next chat empties and fills again."""
    one, two = echo("one"), echo("two")
    first = run(one.initiate_chat, two, message="first", max_turns=1)
    second = run(one.initiate_chat, two, message="second", max_turns=1, clear_history=False)
    run(one.initiate_chat, two, message="third", max_turns=1)
    assert (texts(first.chat_history), texts(second.chat_history)) == (["first", "two 1"], ["second", "two 2"])


def test_the_history_of_a_result_is_plain_data_as_the_opener_sees_it(echo, run):
    chat = run(echo("one").initiate_chat, echo("two"), message="hello", max_turns=1)
    assert json.loads(json.dumps(chat.chat_history)) == [
        {"content": "hello", "role": "assistant", "name": "one"},
        {"content": "two 1", "role": "user", "name": "two"},
    ]


async def summed_up_later(sender, recipient, args):
    return {"content": f"{sender.name}, {recipient.name}, {args}"}


@pytest.mark.parametrize(
    ("method", "summary"),
    [
        ("last_msg", "It is 42."),
        (None, ""),
        (
            lambda sender, recipient, args: f"{len(sender.chat_messages[recipient])} messages, {args}",
            "2 messages, {'k': 1}",
        ),
        (summed_up_later, {"content": "one, two, {'k': 1}"}),
    ],
)
def test_summaries(talker, run, method, summary):
    one, two = talker("one"), talker("two", "It is 42. TERMINATE")
    chat = run(one.initiate_chat, two, message="6 * 7?", summary_method=method, summary_args={"k": 1})
    assert chat.summary == summary


def test_the_summary_is_the_last_message_by_default_whoever_said_it(talker, run):
    chat = run(talker("one", "my last").initiate_chat, talker("two", "reply"), message="hello")
    assert chat.summary == "my last"
    parts = [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]
    assert run(talker("one").initiate_chat, talker("two", {"content": parts}), message="hello").summary == "a b"


def test_summary_args_and_context_are_the_callers_own(talker, run):
    args, context = {"k": 1}, {"topic": "tea"}

    def careless(sender, recipient, given):
        given["more"] = 2
        return ""

    def opening(sender, recipient, given):
        given.clear()
        return "hello"

    for _ in range(2):
        one, two = talker("one"), talker("two", "reply")
        run(one.initiate_chat, two, message=opening, summary_method=careless, summary_args=args, **context)
    assert (args, context) == ({"k": 1}, {"topic": "tea"})
    seen = []
    run(
        talker("one").initiate_chat, talker("two"), message="hello", summary_method=lambda *given: seen.append(given[2])
    )
    assert seen == [{}], "what one chat was given does not stick to the next"


def test_silent_reaches_every_event(kernel, thinker, talker, run):
    told = []
    kernel.observers.add(lambda event: told.append((type(event), event.silent)))
    user, (model, _) = talker("user", "again"), thinker("model", "a", "b", "c")
    run(user.initiate_chat, model, message="hello", silent=True, max_turns=2)
    assert {ChatStarted, ChatEnded} < {kind for kind, _ in told}
    assert {silent for _, silent in told} == {True}
    told.clear()
    run(user.initiate_chat, model, message="hello", max_turns=1, silent=False)
    assert {silent for _, silent in told} == {False}


@pytest.mark.parametrize("silent", [True, False])
def test_an_agents_own_silent_overrides(kernel, talker, run, silent):
    told = []
    kernel.observers.add(lambda event: told.append(event.silent) if event.agent == "two" else None)
    run(talker("one").initiate_chat, talker("two", "reply", silent=silent), message="hello", silent=not silent)
    assert told == [silent]


def priced(text, cost, *, cached=False, model="m"):
    return CreateResult(text, usage=Usage(10, 2), cost=cost, model=model, cached=cached)


def test_cost_is_that_of_the_chat(thinker, talker, run):
    user = talker("user", "more", "more")
    model, _ = thinker("model", priced("a", 0.5), priced("b", 0.25, cached=True), priced("c", 1.0, model="big"))
    chat = run(user.initiate_chat, model, message="hello", max_turns=3)
    both, actual = chat.cost["usage_including_cached_inference"], chat.cost["usage_excluding_cached_inference"]
    assert both == {
        "total_cost": 1.75,
        "m": {"cost": 0.75, "prompt_tokens": 20, "completion_tokens": 4, "total_tokens": 24},
        "big": {"cost": 1.0, "prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    }
    assert (actual["total_cost"], actual["m"]["total_tokens"]) == (1.5, 12)


@pytest.mark.parametrize(
    ("costs", "total"), [((0.0, 0.0), 0.0), ((0.5, None), None), ((None, 0.5), None), ((0.5, 0.0), 0.5)]
)
def test_free_priced_and_unpriced(thinker, talker, run, costs, total):
    model, _ = thinker("model", *(priced("text", cost) for cost in costs))
    chat = run(talker("user", "more").initiate_chat, model, message="hello", max_turns=2)
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == total


def test_the_next_chat_costs_its_own_and_the_agent_keeps_the_sum(thinker, talker, run):
    model, _ = thinker("model", priced("a", 1.0), priced("b", 2.0))
    costs = [run(talker("user").initiate_chat, model, message="hello", max_turns=1).cost for _ in range(2)]
    assert [cost["usage_including_cached_inference"]["total_cost"] for cost in costs] == [1.0, 2.0]
    assert model.get_total_usage()["total_cost"] == 3.0


def test_a_nested_chat_is_counted_in_the_one_around_it(thinker, talker, agent, run):
    inner, _ = thinker("inner", priced("inside", 1.0))
    outer, helper = agent("outer"), agent("helper")

    def consult(recipient, messages, sender, config):
        return True, helper.initiate_chat(inner, message="what do you think?", max_turns=1).summary

    outer.register_reply(lambda _: True, consult)
    chat = run(talker("user").initiate_chat, outer, message="hello", max_turns=1)
    assert chat.chat_history[-1]["content"] == "inside"
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 1.0


def test_chats_of_one_agent_with_several_partners(echo, run, texts):
    one, two, three = echo("one"), echo("two"), echo("three")
    for other in (two, three):
        run(one.initiate_chat, other, message=f"hello {other.name}", max_turns=1)
    assert {other.name: texts(history) for other, history in one.chat_messages.items()} == {
        "two": ["hello two", "two 1"],
        "three": ["hello three", "three 1"],
    }


def test_reset_forgets_what_was_said_but_no_limit(echo, run):
    one, two = echo("one"), echo("two")
    one.update_max_consecutive_auto_reply(3, two)
    run(one.initiate_chat, two, message="hello", max_turns=1)
    one.reset()
    assert list(one.chat_messages[two]) == []
    assert one.max_consecutive_auto_reply(two) == 3
    assert not one.conversations.of(two).reply_at_receive
    assert len(two.chat_messages[one]) == 2
