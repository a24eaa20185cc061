"""Who may speak after whom: repetition, the graph of transitions, and what is refused when a group is made."""

from __future__ import annotations

from itertools import pairwise

import pytest

from quorate import AgentError, AgentNameConflict, ConfigWarning, GroupChat, UndefinedNextAgent


@pytest.fixture
def three(member):
    return [member(name) for name in ("one", "two", "three")]


def order(messages):
    return [message["name"] for message in messages]


def test_an_allowed_graph_is_followed_and_ends_where_it_ends(three, group, run):
    one, two, last = three
    graph = {one: [last], last: [two]}
    manager = group(
        *three, allowed_or_disallowed_speaker_transitions=graph, speaker_transitions_type="allowed", max_round=9
    )
    result = run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "three", "two"]
    assert result.stop_reason.kind == "no_next_speaker"
    assert manager.groupchat.allowed_speaker_transitions_dict == {one: [last], two: [], last: [two]}


def test_a_disallowed_graph_is_kept_to(three, group, run):
    one, two, last = three
    graph = {one: [two, one], two: [last]}
    manager = group(
        *three, allowed_or_disallowed_speaker_transitions=graph, speaker_transitions_type="disallowed", max_round=9
    )
    run(one.initiate_chat, manager, message="go")
    names = order(manager.groupchat.messages)
    assert len(names) == 9
    assert not {("one", "two"), ("one", "one"), ("two", "three")} & set(pairwise(names))
    assert manager.groupchat.allowed_speaker_transitions_dict == {one: [last], two: [one, two], last: three}


@pytest.mark.parametrize(
    ("repeat", "after_one", "after_two"),
    [
        (None, ["one", "two", "three"], ["one", "two", "three"]),
        (True, ["one", "two", "three"], ["one", "two", "three"]),
        (False, ["two", "three"], ["one", "three"]),
        ([0], ["one", "two", "three"], ["one", "three"]),
    ],
)
def test_who_may_repeat(three, repeat, after_one, after_two):
    who = [three[index] for index in repeat] if isinstance(repeat, list) else repeat
    chat = GroupChat(three, allow_repeat_speaker=who)
    allowed = {agent.name: [one.name for one in then] for agent, then in chat.allowed_speaker_transitions_dict.items()}
    assert (allowed["one"], allowed["two"]) == (after_one, after_two)


def test_a_pending_call_comes_before_the_graph(three, member, group, run):
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    one, two, _ = three
    runners = [member(f"runner{number}", function_map={"add": dict}) for number in (1, 2)]
    one.say({"content": None, "tool_calls": [call]})
    everyone = [*three, *runners]
    graph = {two: [one], one: [two]}
    for runner in runners:
        graph[runner] = [two]
    with pytest.warns(ConfigWarning, match="three will never speak: no transition leads there or on from there"):
        manager = group(
            *everyone, allowed_or_disallowed_speaker_transitions=graph, speaker_transitions_type="allowed", max_round=3
        )
    run(two.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["two", "one", "runner1"], "the graph would leave nobody for the call"
    graph[one] = [two, runners[1]]
    one.say({"content": None, "tool_calls": [call]})
    run(two.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["two", "one", "runner2"], "of those that have it, one that may follow"


def test_who_is_next_in_a_list(three, member):
    one, two, last = three
    chat = GroupChat(three)
    assert [chat.next_agent(agent) for agent in three] == [two, last, one]
    assert chat.next_agent(member("outside")) is one
    assert chat.next_agent(one, [last]) is last
    assert chat.next_agent(last, [two, last]) is two
    with pytest.raises(UndefinedNextAgent, match="nobody follows one"):
        chat.next_agent(one, [member("outside")])


def test_members_may_come_in_any_order_of_things(three):
    assert GroupChat(tuple(three)).agents == GroupChat(iter(three)).agents == three


def test_members_are_found_by_name(three, member, group):
    chat = GroupChat(three)
    assert chat.agent_names == ["one", "two", "three"]
    assert chat.agent_by_name("two") is three[1]
    assert chat.agent_by_name("nobody") is None
    inner = group(member("two"), member("four"), manager={"name": "inner"})
    outer = GroupChat([*three, inner])
    with pytest.raises(AgentNameConflict, match="2 agents of the group and the groups in it are named 'two'"):
        outer.agent_by_name("two", recursive=True, raise_on_name_conflict=True)
    assert outer.agent_by_name("four", recursive=True, raise_on_name_conflict=True).name == "four"


GRAPH = "allowed_or_disallowed_speaker_transitions"
REFUSED = {
    "two members are named 'one'": lambda one, two, out: {"agents": [one, two, one]},
    "is no agent": lambda one, two, out: {"agents": [one, "two"]},
    "max_round: must be a whole number, 1 or more, not 0": lambda *_: {"max_round": 0},
    "max_retries_for_selecting_speaker: must be .* 0 or more, not '2'": lambda *_: {
        "max_retries_for_selecting_speaker": "2"
    },
    "speaker_selection_method: must be one of auto, manual, random, round_robin, or a function": lambda *_: {
        "speaker_selection_method": "clever"
    },
    "allow_repeat_speaker: must be True, False, a list of members or None": lambda *_: {"allow_repeat_speaker": "no"},
    "allow_repeat_speaker: 'out' is not in the group; its members are one, two": lambda one, two, out: {
        "allow_repeat_speaker": [out]
    },
    "speaker_transitions_type: is 'allowed', and there are no transitions": lambda *_: {
        "speaker_transitions_type": "allowed"
    },
    'must be "allowed" or "disallowed" beside transitions, not None': lambda one, two, out: {GRAPH: {one: [two]}},
    "exclude each other": lambda one, two, out: {
        GRAPH: {one: [two]},
        "speaker_transitions_type": "allowed",
        "allow_repeat_speaker": True,
    },
    "must be a dict": lambda one, two, out: {GRAPH: {}, "speaker_transitions_type": "allowed"},
    rf"{GRAPH}: 'out' is not in the group": lambda one, two, out: {
        GRAPH: {out: [two]},
        "speaker_transitions_type": "allowed",
    },
    rf"{GRAPH}\[one\]: 'out' is not in the group": lambda one, two, out: {
        GRAPH: {one: [out]},
        "speaker_transitions_type": "disallowed",
    },
    rf"{GRAPH}\[one\]: must be a list of members": lambda one, two, out: {
        GRAPH: {one: two},
        "speaker_transitions_type": "allowed",
    },
    rf"{GRAPH}\[one\]: names a member twice": lambda one, two, out: {
        GRAPH: {one: [two, two]},
        "speaker_transitions_type": "allowed",
    },
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_a_group_cannot_be_made_of_is_refused(member, reason):
    one, two, out = member("one"), member("two"), member("out")
    with pytest.raises(AgentError, match=reason):
        GroupChat(**{"agents": [one, two], **REFUSED[reason](one, two, out)})
