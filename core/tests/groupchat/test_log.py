"""The group's log: what each reader has of it is its own, however it is changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quorate.agents.history import Entry
from quorate.groupchat.log import Shared


def entry(text):
    return Entry({"role": "user", "content": text}, "one", "function")


INDEX = st.integers(-12, 12)
CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "set", "delete", "cut", "put", "reverse", "clear"]), INDEX, INDEX)
    | st.sampled_from([("say", 0, 0), ("follow", 0, 0)]),
    max_size=30,
)


def change(entries, what, first, last, value):
    """Change a reader, or the list that it should be."""
    if what == "insert":
        entries.insert(first, value)
    elif what == "cut":
        del entries[first:last]
    elif what == "put":
        entries[first:last] = [value, value]
    elif what in ("reverse", "clear"):
        getattr(entries, what)()
    elif -len(entries) <= first < len(entries):
        if what == "set":
            entries[first] = value
        else:
            del entries[first]
    else:
        with pytest.raises(IndexError):
            entries[first]


@given(CHANGES)
def test_a_reader_is_a_list_of_its_own_to_which_what_is_said_is_added(changes):
    log = [entry("before")]
    reader, other, expected, said = Shared(log), Shared(log), [], []
    for number, (what, first, last) in enumerate(changes):
        value = entry(number)
        if what == "say":
            other.append(value)
            reader.append(value)  # handed on, it is not said again
            expected.append(value)
            said.append(value)
        elif what == "follow":
            log = [entry("earlier")]
            reader.follow(log, 1)
            other.follow(log, 1)
        else:
            change(reader, what, first, last, value)
            change(expected, what, first, last, value)
        assert list(reader) == expected
        assert (len(reader), bool(reader)) == (len(expected), bool(expected))
        assert [reader[index] for index in range(-len(expected), len(expected))] == expected * 2
        assert reader[first:last] == expected[first:last]
        assert reader[::-2] == expected[::-2]
    assert list(other) == said


def test_what_one_member_forgets_or_changes_others_keep(member, group, run, said):
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, max_round=3)
    run(one.initiate_chat, manager, message="go")
    whole = said(manager.groupchat.messages)
    one.clear_history(manager)
    two.chat_messages[manager][0] = {"role": "user", "content": "changed", "name": "one"}
    del three.chat_messages[manager][1:]
    assert said(manager.groupchat.messages) == whole
    assert not one.chat_messages[manager]
    assert said(two.chat_messages[manager]) == ["one: changed", *whole[1:]]
    assert said(three.chat_messages[manager]) == whole[:1]
    run(one.initiate_chat, manager, message="on", clear_history=False)
    rest = said(manager.groupchat.messages)[3:]
    assert rest == ["one: on", "two: two 2", "three: three 2"]
    assert said(one.chat_messages[manager]) == rest
    assert said(two.chat_messages[manager]) == ["one: changed", *whole[1:], *rest]
    assert said(three.chat_messages[manager]) == [*whole[:1], *rest]


def test_a_program_s_own_messages_are_for_whom_it_gives_them(member, group, run, said):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=2)
    one.chat_messages[manager].append({"role": "user", "content": "for one", "name": "note"})
    manager.groupchat.messages.append({"content": "for the group", "name": "note"})
    run(one.initiate_chat, manager, message="go", clear_history=False)
    assert said(one.chat_messages[manager]) == ["note: for one", "one: go", "two: two 1"]
    assert said(two.chat_messages[manager]) == ["one: go", "two: two 1"]
    assert said(manager.groupchat.messages) == ["note: for the group", "one: go", "two: two 1"]


def test_a_group_begins_with_the_messages_it_is_given(member, group, run, said):
    one, two = member("one"), member("two")
    given_messages = [{"content": "earlier", "role": "user", "name": "two"}, {"content": "unnamed"}]
    manager = group(one, two, max_round=2, messages=given_messages)
    run(one.initiate_chat, manager, message="go", clear_history=False)
    assert said(manager.groupchat.messages) == ["two: earlier", "None: unnamed", "one: go", "two: two 1"]
    assert len(given_messages) == 2
    manager.groupchat.messages = []
    run(one.initiate_chat, manager, message="on", clear_history=False)
    assert said(manager.groupchat.messages) == ["one: on", "two: two 2"]
    manager.groupchat.append({"content": "to all", "name": "one"}, two)
    assert said(one.chat_messages[manager])[-1] == "two: to all"
    manager.groupchat.reset()
    assert not manager.groupchat.messages
    assert said(one.chat_messages[manager])[-1] == "two: to all"


def test_a_new_member_hears_from_the_message_to_which_it_was_called(member, group, run, said):
    one, two, late = member("one"), member("two"), member("late")

    def call_in(last, chat):
        if len(chat.messages) == 2:
            chat.agents.append(late)
        return chat.next_agent(last)

    manager = group(one, two, speaker_selection_method=call_in, max_round=4)
    run(one.initiate_chat, manager, message="go")
    assert said(manager.groupchat.messages) == ["one: go", "two: two 1", "late: late 1", "one: one 1"]
    assert said(late.chat_messages[manager]) == ["two: two 1", "late: late 1", "one: one 1"]


def test_a_member_may_talk_with_the_manager_before_and_open_a_chat_as_a_latecomer(member, group, run, said):
    one, two, late = member("one"), member("two"), member("late")
    manager = group(one, two, max_round=2)
    run(late.send, "hello", manager, request_reply=False)
    manager.groupchat.agents.append(late)
    run(late.initiate_chat, manager, message="go", clear_history=False)
    assert said(late.chat_messages[manager]) == ["late: hello", "late: go", "one: one 1"]
    assert said(manager.groupchat.messages) == ["late: go", "one: one 1"]


def test_members_may_be_in_several_groups(member, group, run, said):
    one, two, three = (member(name) for name in ("one", "two", "three"))
    here, there = group(one, two, max_round=2), group(one, three, max_round=2, manager={"name": "other"})
    run(one.initiate_chat, here, message="go")
    run(one.initiate_chat, there, message="go there")
    assert said(one.chat_messages[here]) == ["one: go", "two: two 1"]
    assert said(one.chat_messages[there]) == ["one: go there", "three: three 1"]
