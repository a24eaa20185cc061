"""Nested chats: an agent answers with what chats of its own with others gave."""

from __future__ import annotations

import asyncio

import pytest

from quorate import Agent, AgentError, CreateResult, Usage

SUMMARY = "summary_from_nested_chats"


@pytest.fixture
def cast(agent, talker):
    """A user, an agent to be asked, and two helpers that answer with their name and what they were told."""

    def helper(name):
        made = agent(name)
        made.register_reply(
            lambda _: True, lambda recipient, messages, sender, config: (True, f"{name}({messages[-1]['content']})")
        )
        return made

    return talker("user"), agent("outer"), helper("a"), helper("b")


def test_the_last_message_goes_in_and_the_last_summary_comes_out(cast, run, texts):
    user, outer, a, b = cast
    outer.register_nested_chats(
        [{"recipient": a, "max_turns": 1}, {"recipient": b, "message": "check", "max_turns": 1}], trigger=user
    )
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert texts(chat.chat_history) == ["write", "b(check\nContext: \na(write))"]
    assert texts(outer.chat_messages[a]) == ["write", "a(write)"]


def test_messages_are_made_by_functions_of_the_conversation(cast, run, texts):
    user, outer, a, b = cast

    def opening(recipient, messages, sender, config):
        return f"{recipient.name} asks for {sender.name}: {len(messages)} messages, {config}"

    async def later(*given):
        await asyncio.sleep(0)
        return {"content": opening(*given)}

    queue = [{"recipient": a, "message": opening, "max_turns": 1}, {"recipient": b, "message": later, "max_turns": 1}]
    outer.register_nested_chats(queue, [Agent, None], config={"k": 1})
    run(user.initiate_chat, outer, message="write", max_turns=1)
    said = "outer asks for user: 1 messages, {'k': 1}"
    assert texts(outer.chat_messages[a])[0] == said
    assert texts(outer.chat_messages[b])[0] == f"{said}\nContext: \na({said})"


def test_chats_without_a_message_are_left_out_and_none_at_all_is_no_reply(cast, run, texts):
    user, outer, a, b = cast
    empty = {"message": lambda *_: "", "max_turns": 1}
    outer.register_nested_chats([{"recipient": a, **empty}, {"recipient": b, "max_turns": 1}], user)
    chat = run(user.initiate_chat, outer, message="write")
    assert (texts(chat.chat_history), chat.stop_reason.kind) == (["write"], "no_reply")
    assert (len(outer.chat_messages[a]), len(outer.chat_messages[b])) == (0, 0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"chat_id": "a"}, {"chat_id": "b", "prerequisites": ["a"]}),
        ({}, {"finished_chat_indexes_to_exclude_from_carryover": [0]}),
    ],
)
def test_a_chat_that_is_left_out_is_not_waited_for(cast, run, texts, first, second):
    user, outer, a, b = cast
    queue = [
        {"recipient": a, "message": lambda *_: None, "max_turns": 1, **first},
        {"recipient": b, "message": "check", "max_turns": 1, **second},
    ]
    outer.register_nested_chats(queue, trigger=user)
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert texts(chat.chat_history) == ["write", "b(check)"]


def test_places_of_chats_are_those_of_the_whole_queue(cast, run, texts):
    user, outer, a, b = cast
    third = {"recipient": b, "message": "and", "max_turns": 1, "clear_history": False}
    queue = [
        {"recipient": a, "message": lambda *_: None, "max_turns": 1},
        {"recipient": b, "message": "check", "max_turns": 1},
        {**third, "finished_chat_indexes_to_exclude_from_carryover": [1]},
    ]
    outer.register_nested_chats(queue, trigger=user)
    run(user.initiate_chat, outer, message="write", max_turns=1)
    assert texts(outer.chat_messages[b]) == ["check", "b(check)", "and", "b(and)"]


def test_another_agent_opens_a_nested_chat(cast, talker, run, texts):
    """As in the chess example: the player is asked by a board of its own, inside its turn."""
    user, outer, _, _ = cast
    board = talker("board", "moved")
    outer.register_reply(board, lambda *_, **__: (True, "e2e4"))
    outer.register_nested_chats([{"sender": board, "recipient": outer, "max_turns": 2}], trigger=user)
    chat = run(user.initiate_chat, outer, message="your turn", max_turns=1)
    assert texts(board.chat_messages[outer]) == ["your turn", "e2e4", "moved", "e2e4"]
    assert chat.summary == "e2e4"
    assert texts(outer.chat_messages[user]) == ["your turn", "e2e4"]


def test_parts_go_in_whole(cast, run, texts):
    user, outer, a, _ = cast
    parts = [{"type": "text", "text": "look"}]
    outer.register_nested_chats([{"recipient": a, "max_turns": 1}], user)
    run(user.initiate_chat, outer, message={"content": parts}, max_turns=1)
    assert texts(outer.chat_messages[a])[0] == parts


def test_ids_let_nested_chats_run_side_by_side(cast, run):
    user, outer, a, b = cast
    queue = [
        {"chat_id": 1, "recipient": a, "message": "one", "max_turns": 1},
        {"chat_id": 2, "recipient": b, "message": "two", "max_turns": 1},
        {"chat_id": 3, "recipient": a, "message": "both", "max_turns": 1, "prerequisites": [1, 2]},
    ]
    outer.register_nested_chats(queue, user, use_async=True)
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert chat.summary == "a(both\nContext: \na(one)\nb(two))"


async def later(chat_queue, recipient, messages, sender, config):
    await asyncio.sleep(0)
    return True, f"{len(chat_queue)} chats for {recipient.name}, {len(messages)}, {sender.name}, {config}"


@pytest.mark.parametrize("func", [later, lambda *given: (True, asyncio.run(later(*given))[1])])
def test_a_reply_function_of_ones_own(cast, run, func):
    user, outer, a, b = cast
    outer.register_nested_chats([{"recipient": a}, {"recipient": b}], user, func, config=7)
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert chat.summary == "2 chats for outer, 1, user, 7"


def test_the_end_of_the_chat_comes_before_them(cast, run):
    user, outer, a, _ = cast
    outer.register_nested_chats([{"recipient": a, "max_turns": 1}], user)
    user.register_reply(outer, lambda *_, **__: (True, "Thanks. TERMINATE"))
    chat = run(user.initiate_chat, outer, message="write")
    assert chat.stop_reason.kind == "termination_message"
    assert len(chat.chat_history) == 3


def test_calls_are_left_to_the_tools_wherever_they_stand(cast, agent, run, texts):
    user, _, a, _ = cast
    outer = agent("outer", function_map={"add": lambda a, b: a + b})
    outer.register_nested_chats([{"recipient": a, "message": "check", "max_turns": 1}], user, position=0)
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    chat = run(user.initiate_chat, outer, message={"content": None, "tool_calls": [call]}, max_turns=1)
    assert chat.summary == "3"
    assert run(user.initiate_chat, outer, message="write", max_turns=1).summary == "a(check)"


def test_their_cost_is_in_the_chat_around_them(talker, agent, thinker, run):
    model, _ = thinker("model", CreateResult("inside", usage=Usage(1, 1), cost=0.5, model="m"))
    user, outer = talker("user"), agent("outer")
    outer.register_nested_chats([{"recipient": model, "max_turns": 1}], user)
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.5


def test_so_is_that_of_chats_side_by_side(talker, agent, thinker, run):
    models = [thinker(name, CreateResult(name, usage=Usage(1, 1), cost=0.5, model="m"))[0] for name in "ab"]
    user, outer = talker("user"), agent("outer")
    outer.register_nested_chats(
        [{"chat_id": model.name, "recipient": model, "message": "hi", "max_turns": 1} for model in models], user
    )
    chat = run(user.initiate_chat, outer, message="write", max_turns=1)
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 1.0


def test_what_cannot_be_registered(cast, kernel):
    user, outer, a, _ = cast
    before = len(outer.replies)
    with pytest.raises(AgentError, match=r"chat_queue\[1\]: names no recipient"):
        outer.register_nested_chats([{"recipient": a}, {"message": "hi"}], user)
    with pytest.raises(AgentError, match=f"outer: reply_func_from_nested_chats is '{SUMMARY}', or a function"):
        outer.register_nested_chats([{"recipient": a}], user, "summary")
    with pytest.raises(AgentError, match="a trigger is"):
        outer.register_nested_chats([{"recipient": a}], None)
    assert len(outer.replies) == before


def test_a_nested_chat_with_the_one_who_asked_would_lose_their_conversation(cast, run, texts):
    user, outer, _, _ = cast
    outer.register_nested_chats([{"recipient": user}], user)
    with pytest.raises(
        AgentError, match=r"chat_queue\[0\]: is a chat of outer and its sender, who are in a chat already"
    ):
        run(user.initiate_chat, outer, message="write")
    assert texts(outer.chat_messages[user]) == ["write"]


def test_an_error_inside_comes_out_and_the_conversation_can_go_on(talker, agent, run, texts):
    user, outer, inner = talker("user"), agent("outer"), talker("inner", ValueError("broken"), "mended")
    outer.register_nested_chats([{"recipient": inner, "max_turns": 1}], user)
    with pytest.raises(ValueError, match="broken"):
        run(user.initiate_chat, outer, message="write", max_turns=1)
    assert texts(user.chat_messages[outer]) == texts(outer.chat_messages[inner]) == ["write"]
    chat = run(user.initiate_chat, outer, message="again", clear_history=False, max_turns=1)
    assert chat.summary == "mended"
