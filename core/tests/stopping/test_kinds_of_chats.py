"""Stop conditions of queues of chats, nested chats and group chats."""

from __future__ import annotations

import asyncio

import pytest

from quorate import GroupChat, GroupChatManager
from quorate.stopping import text, tokens, turns


@pytest.mark.parametrize("native", [False, True])
def test_each_chat_of_a_queue_has_its_own(talker, native):
    one, two, three = talker("one"), talker("two"), talker("three")
    queue = [
        {"recipient": two, "message": "hello", "stop": turns(2), "chat_id": 1},
        {"recipient": three, "message": "hello", "stop": text("three 3"), "chat_id": 2},
    ]
    results = asyncio.run(one.a_initiate_chats(queue)) if native else one.initiate_chats(queue)
    assert [(len(r.chat_history), r.stop_reason.kind) for r in results.values()] == [(4, "turns"), (6, "text")]


def test_registered_nested_chats_have_theirs_and_spend_what_is_around_them(chat, thinker, talker, answer):
    thinking, model = thinker("model", *[answer("word", 20, 30)] * 20, config={"max_tokens": 30})
    nest = talker("nest")
    user = talker("user")
    nest.register_nested_chats([{"recipient": thinking, "stop": turns(2)}], trigger=user, position=0)
    result = chat(user, nest, message="outer", stop=tokens(260))
    assert len(model.requests) <= 5
    assert result.stop_reason.kind == "tokens"


@pytest.fixture
def group(talker, agent, kernel):
    """Make a manager of a group of three who speak in turn."""

    def make(*members):
        members = members or (talker("a"), talker("b"), talker("c"))
        chat = GroupChat(agents=list(members), max_round=50, speaker_selection_method="round_robin")
        return GroupChatManager(chat, kernel=kernel)

    return make


@pytest.mark.parametrize(
    ("condition", "last", "kind"),
    [(turns(4), "a 2", "turns"), (text("c 1"), "c 1", "text"), (turns(2) & text("b 2"), "b 2", "text")],
)
def test_a_group_chat_ends_by_what_its_members_say(chat, talker, group, condition, last, kind):
    manager = group()
    result = chat(talker("user"), manager, message="hello", stop=condition)
    assert manager.groupchat.messages[-1]["content"] == last
    assert result.stop_reason.condition == str(condition)
    assert kind in result.stop_reason.condition


def test_a_group_chat_spends_one_budget(chat, talker, thinker, group, answer):
    members = [thinker(name, *[answer(f"{name} says", 20, 30)] * 9, config={"max_tokens": 30}) for name in "abc"]
    manager = group(*(member for member, _ in members))
    result = chat(talker("user"), manager, message="hello", stop=tokens(230))
    made = sum(len(model.requests) for _, model in members)
    used = result.cost["usage_including_cached_inference"]["m"]["total_tokens"]
    assert (used, result.stop_reason.kind) == (50 * made, "tokens")
    assert 100 <= used <= 230
