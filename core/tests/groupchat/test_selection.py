"""Who speaks next: in turn, by chance, by a person and by a function."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest

from quorate import AgentError, GroupChat, NoEligibleSpeaker
from quorate.events import SpeakerSelected


def order(messages):
    return [message["name"] for message in messages]


# -- chance, turn, person


def test_chance_chooses_among_those_who_may(member, group, run):
    random.seed(7)
    members = [member(f"m{number}") for number in range(4)]
    manager = group(*members, speaker_selection_method="random", allow_repeat_speaker=False, max_round=60)
    run(members[0].initiate_chat, manager, message="go")
    names = order(manager.groupchat.messages)
    assert set(names) == {"m0", "m1", "m2", "m3"}
    assert all(one != other for one, other in pairwise(names))
    assert run(manager.groupchat.random_select_speaker, [members[2]]) is members[2]
    assert run(manager.groupchat.random_select_speaker) in members


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [(["2"], "two"), (["9", " 3 "], "three"), (["x", "0"], None), ([""], None), (["q"], None)],
)
def test_a_person_chooses_by_number(member, group, run, monkeypatch, typed, chosen):
    asked, answers = [], iter(typed)
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or next(answers))
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="manual", max_round=2)
    picked = run(manager.groupchat.manual_select_speaker)
    assert (picked and picked.name) == chosen
    assert "1: one\n2: two\n3: three\n" in asked[0]
    answers = iter(typed)
    run(two.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["two", chosen or "three"], "the automatic selection, without a model"


def test_who_overrides_the_manager_s_prompt_is_asked_there(member, group, run):
    from quorate import GroupChatManager

    class Asks(GroupChatManager):
        def get_human_input(self, prompt):
            return "1"

    one, two = member("one"), member("two")
    manager = Asks(GroupChat([one, two], speaker_selection_method="manual", max_round=3))
    run(two.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["two", "one", "one"]


# -- functions


def plain(last, chat):
    return chat.agent_by_name("three")


async def later(last, chat):
    await asyncio.sleep(0)
    return chat.agent_by_name("three")


def gives_an_awaitable(last, chat):
    return later(last, chat)


class Callable:
    def __call__(self, last, chat):
        return chat.agents[2] if last.name != "three" else "round_robin"


@pytest.mark.parametrize("function", [plain, later, Callable(), gives_an_awaitable])
def test_a_function_chooses(member, group, run, function):
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method=function, max_round=3)
    run(one.initiate_chat, manager, message="go")
    expected = "one" if isinstance(function, Callable) else "three"
    assert order(manager.groupchat.messages) == ["one", "three", expected]


def test_a_function_is_handed_the_last_speaker_and_the_group(member, group, run):
    handed = []
    one, two = member("one"), member("two")
    manager = group(
        one, two, speaker_selection_method=lambda *given: handed.append(given) or "ROUND_ROBIN", max_round=3
    )
    run(one.initiate_chat, manager, message="go")
    assert handed == [(one, manager.groupchat), (two, manager.groupchat)]


def test_a_function_that_chooses_nobody_ends_the_chat(member, group, run, events):
    one, two = member("one"), member("two")
    chosen = iter([two, None])
    manager = group(one, two, speaker_selection_method=lambda last, chat: next(chosen))
    result = run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "two"]
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("no_next_speaker", "chat_manager")
    manager.groupchat.speaker_selection_method = lambda last, chat: None
    with pytest.raises(NoEligibleSpeaker, match="chose nobody to speak after one"):
        run(manager.groupchat.select_speaker, one, manager)


@pytest.mark.parametrize(("wrong", "shown"), [("nobody", "'nobody'"), (7, "7"), ("outside", "'outside'")])
def test_a_function_that_chooses_something_else_is_an_error_that_says_so(member, group, run, wrong, shown):
    one, two = member("one"), member("two")
    answer = member("outside") if wrong == "outside" else wrong

    def wrongly(last, chat):
        return answer

    manager = group(one, two, speaker_selection_method=wrongly)
    with pytest.raises(AgentError, match=rf"wrongly chose {shown}; it must give a member of the group \(one, two\)"):
        run(one.initiate_chat, manager, message="go")


def test_an_overridden_selection_is_honoured_in_both_modes(member, run):
    from quorate import GroupChatManager

    class Own(GroupChat):
        def select_speaker(self, last_speaker, selector):
            return self.agents[-1]

    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = GroupChatManager(Own([one, two, three], max_round=3))
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "three", "three"]


def test_each_turn_is_told(member, group, events):
    one, two = member("one"), member("two")
    one.initiate_chat(group(one, two), message="go")
    assert [event.speaker for event in events if isinstance(event, SpeakerSelected)] == ["two", "one", "two"]
