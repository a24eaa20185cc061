"""Queues of chats: in sequence with carryover, or side by side where ids and prerequisites let them."""

from __future__ import annotations

import asyncio
import copy
import threading

import pytest

import quorate
from quorate import AgentError
from quorate._drive import current_step

EXCLUDED = "finished_chat_indexes_to_exclude_from_carryover"


@pytest.fixture
def teller(agent):
    """Make an agent that answers with its name and what it was told."""

    def make(name, **options):
        made = agent(name, **options)

        def tell(recipient, messages, sender, config):
            return True, f"{name}({messages[-1]['content']})"

        made.register_reply(lambda _: True, tell, position=1)
        return made

    return make


@pytest.fixture
def queue(teller):
    """Make a queue of chats, one for each of these dicts; each has a recipient of its own."""

    def make(*chats):
        return [
            {"recipient": teller("abcdef"[index]), "message": "tell", "max_turns": 1, **chat}
            for index, chat in enumerate(chats)
        ]

    return make


def first_messages(results):
    results = results.values() if isinstance(results, dict) else results
    return [result.chat_history[0]["content"] for result in results]


def test_each_chat_is_told_what_the_earlier_ones_gave(agent, queue, run):
    one, chats = agent("one"), queue({}, {"carryover": "own"}, {"carryover": ["x", "y"], EXCLUDED: [0]})
    results = run(one.initiate_chats, chats)
    assert first_messages(results) == [
        "tell",
        "tell\nContext: \nown\na(tell)",
        "tell\nContext: \nx\ny\nb(tell\nContext: \nown\na(tell))",
    ]
    assert [result.chat_id for result in results] == [None] * 3
    assert one.get_chat_results() == results
    assert (one.get_chat_results(0), one.get_chat_results(-1)) == (results[0], results[2])


def test_a_message_function_gets_the_carryover_and_what_else_the_chat_has(agent, queue, run):
    seen = []

    def opening(sender, recipient, context):
        seen.append((sender.name, recipient.name, context))
        return "made"

    run(agent("one").initiate_chats, queue({}, {"message": opening, "topic": "tea", "opener": 1}))
    assert seen == [("one", "b", {"carryover": ["a(tell)"], "topic": "tea", "opener": 1})]


def test_the_callers_queue_is_not_written_to(agent, queue, run):
    chats = queue({}, {"carryover": ["own"], "summary_args": {"k": 1}}, {"message": {"content": "hi"}})
    before = [copy.copy(chat) | {"carryover": copy.copy(chat.get("carryover"))} for chat in chats]
    for _ in range(2):
        run(agent("one").initiate_chats, chats)
    assert [chat | {"carryover": chat.get("carryover")} for chat in chats] == before
    assert chats[0].keys() == {"recipient", "message", "max_turns"}


def test_a_recipient_may_come_again_and_results_stay(agent, teller, run):
    one, two = agent("one"), teller("two")
    chat = {"recipient": two, "max_turns": 1}
    results = run(
        one.initiate_chats, [chat | {"message": "first"}, chat | {"message": "second", "clear_history": False}]
    )
    assert [len(result.chat_history) for result in results] == [2, 2]
    assert len(one.chat_messages[two]) == 4


def test_the_module_level_form_has_a_sender_for_each_chat(agent, queue):
    chats = queue({"sender": agent("one")}, {"sender": agent("two")})
    results = quorate.initiate_chats(chats)
    assert [result.chat_history[0]["name"] for result in results] == ["one", "two"]
    assert first_messages(asyncio.run(quorate.a_initiate_chats(chats))) == first_messages(results)
    with pytest.raises(AgentError, match=r"chat_queue\[0\]: its sender opens the chat .* not None"):
        quorate.initiate_chats(queue({}))


def test_an_empty_queue(agent, run):
    one = agent("one")
    assert run(one.initiate_chats, []) == one.get_chat_results() == []


# -- ids and prerequisites


def test_with_ids_a_chat_is_told_of_its_prerequisites_alone_and_results_are_by_id(agent, queue, run):
    one = agent("one")
    chats = queue(
        {"chat_id": 3, "prerequisites": [1, "two"], EXCLUDED: ["two"]},
        {"chat_id": 1},
        {"chat_id": "two"},
        {"chat_id": 4, "prerequisites": ["two", 1]},
    )
    results = run(one.initiate_chats, chats)
    assert list(results) == [3, 1, "two", 4]
    assert {result.chat_id for result in results.values()} == {3, 1, "two", 4}
    assert first_messages(results) == [
        "tell\nContext: \nb(tell)",
        "tell",
        "tell",
        "tell\nContext: \nc(tell)\nb(tell)",
    ]
    assert one.get_chat_results() == results
    assert one.get_chat_results("two") is results["two"]


def test_chats_that_wait_for_the_same_run_side_by_side(agent, run):
    """Each waits in the middle for the other: one after the other, they would never end."""
    both = threading.Barrier(2, timeout=30)

    def meet(recipient, messages, sender, config):
        both.wait()
        return True, "met"

    chats = []
    for number in range(2):
        recipient = agent(f"r{number}")
        recipient.register_reply(lambda _: True, meet)
        chats.append({"chat_id": number, "recipient": recipient, "message": "hi", "max_turns": 1})
    results = run(agent("one").initiate_chats, chats)
    assert [result.summary for result in results.values()] == ["met", "met"]


def test_steps_have_the_same_addresses_in_both_modes(agent, run):
    def where(recipient, messages, sender, config):
        return True, current_step().address

    chats = []
    for number, waits in enumerate([(), (), (0, 1), (2,)]):
        recipient = agent(f"r{number}")
        recipient.register_reply(lambda _: True, where)
        chats.append({"chat_id": number, "prerequisites": waits, "recipient": recipient, "message": "", "max_turns": 1})
    results = run(agent("one").initiate_chats, chats)
    assert [result.summary for result in results.values()] == ["0.0.0", "0.1.0", "1", "2"]


@pytest.mark.parametrize(
    ("chats", "said"),
    [
        ("chats", "chat_queue: is a list of dicts, one for each chat, not str"),
        (["chat"], r"chat_queue\[0\]: is a dict with a recipient and a message, not str"),
        ([{}, {"recipient": None}], r"chat_queue\[1\]: the recipient of a chat is an agent .*, not None"),
        ([{}, {"max_turns": 0}], r"chat_queue\[1\]: max_turns is a whole number above 0"),
        ([{}, {"summary_method": "best"}], r"chat_queue\[1\]: summary_method is 'last_msg'"),
        ([{"summary_method": "reflection_with_llm"}], r"chat_queue\[0\]: .* needs a model, and neither one nor a has"),
        ([{}, {"carryover": 42}], r"chat_queue\[1\]: carryover is text, or a list"),
        ([{}, {EXCLUDED: 0}], rf"chat_queue\[1\].{EXCLUDED}: is a list of chats, not 0"),
        ([{}, {EXCLUDED: [2]}], rf"chat_queue\[1\].{EXCLUDED}: there is no chat 2; there are 0, 1"),
        ([{"chat_id": 1}, {}], r"chat_queue\[1\]: its chat_id is a whole number or a name, not None"),
        ([{}, {"prerequisites": [0]}], r"where one chat has a chat_id or prerequisites, each needs a chat_id"),
        ([{"chat_id": True}], r"chat_queue\[0\]: its chat_id is a whole number or a name, not True"),
        ([{"chat_id": 1}, {"chat_id": 1}], "chat_queue: two chats have the chat_id 1"),
        ([{"chat_id": 1, "prerequisites": [2]}], r"chat_queue\[0\].prerequisites: there is no chat 2; there are 1"),
        ([{"chat_id": 1, "prerequisites": [1]}], "chats wait for one another: 1 for 1; take one"),
        (
            [
                {"chat_id": "a"},
                {"chat_id": "b", "prerequisites": ["a", "d"]},
                {"chat_id": "c", "prerequisites": ["b"]},
                {"chat_id": "d", "prerequisites": ["a", "c"]},
            ],
            "chats wait for one another: 'b' for 'd' for 'c' for 'b'; take one prerequisite out",
        ),
    ],
)
def test_a_queue_that_cannot_be_held_is_refused_before_anything_happens(agent, queue, run, chats, said):
    one = agent("one")
    made = queue(*chats) if isinstance(chats, list) and isinstance(chats[0], dict) else chats
    with pytest.raises(AgentError, match=said):
        run(one.initiate_chats, made)
    assert (len(one.chat_messages), one.get_chat_results()) == (0, [])


def test_a_chat_without_a_recipient(agent, run):
    with pytest.raises(AgentError, match=r"chat_queue\[0\]: names no recipient"):
        run(agent("one").initiate_chats, [{"message": "hi"}])


def test_two_chats_of_the_same_agents_cannot_run_side_by_side(agent, teller, run):
    one, two = agent("one"), teller("two")
    chats = [{"chat_id": number, "recipient": two, "message": "hi", "max_turns": 1} for number in range(2)]
    with pytest.raises(AgentError, match=r"chat_queue\[0\] and chat_queue\[1\] would run side by side"):
        run(one.initiate_chats, chats)
    chats[1]["prerequisites"] = [0]
    assert len(run(one.initiate_chats, chats)) == 2


@pytest.mark.parametrize("ids", [False, True])
def test_what_was_over_is_kept_when_another_chat_fails(agent, talker, queue, run, ids):
    one = agent("one")
    failing = talker("failing", ValueError("broken"), "mended")
    chats = queue({}, {"recipient": failing}, {})
    if ids:
        chats = [chat | {"chat_id": f"chat {index}"} for index, chat in enumerate(chats)]
        chats[2]["prerequisites"] = ["chat 1"]
    with pytest.raises(ValueError, match="broken"):
        run(one.initiate_chats, chats)
    done = one.get_chat_results()
    assert [result.summary for result in (done.values() if ids else done)] == ["a(tell)"]
    with pytest.raises(AgentError, match=r"one: no chat 1 of the latest queue is over; those that are: \["):
        one.get_chat_results(1)
    assert one.chat_messages[failing][-1]["content"].startswith("tell"), "and what was said is in the histories"
    assert len(run(one.initiate_chats, chats[1:2] if not ids else chats)) == (3 if ids else 1)
