"""A group chat from its opening to its end: who speaks, what each sees, and why it ends."""

from __future__ import annotations

import pytest

from quorate import AgentError, GroupChat, GroupChatManager
from quorate.events import MessageSent, SpeakerSelected
from quorate.stopping import turns
from quorate.testing import ScriptedExecutor

CALL = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}


def test_members_speak_in_turn_until_the_messages_are_used_up(member, group, run, said):
    one, two, three = member("one"), member("two"), member("three")
    manager = group(one, two, three, max_round=5)
    result = run(one.initiate_chat, manager, message="go")
    assert said(result.chat_history) == ["one: go", "two: two 1", "three: three 1", "one: one 1", "two: two 2"]
    assert said(manager.groupchat.messages) == said(result.chat_history)
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("max_round", "chat_manager")
    assert result.summary == "two 2"
    assert manager.last_speaker is two


def test_each_sees_its_own_messages_as_the_assistant_s_and_those_of_others_by_name(member, group, run):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=3)
    run(one.initiate_chat, manager, message="go")
    assert one.chat_messages[manager] == [
        {"content": "go", "role": "assistant", "name": "one"},
        {"content": "two 1", "role": "user", "name": "two"},
        {"content": "one 1", "role": "assistant", "name": "one"},
    ]
    assert two.chat_messages[manager] == [
        {"content": "go", "role": "user", "name": "one"},
        {"content": "two 1", "role": "assistant", "name": "two"},
        {"content": "one 1", "role": "user", "name": "one"},
    ]
    assert manager.chat_messages[two] == manager.groupchat.messages
    assert [message["role"] for message in manager.groupchat.messages] == ["user"] * 3


def test_each_message_is_held_once(member, group):
    members = [member(f"m{number}") for number in range(5)]
    manager = group(*members, max_round=20)
    members[0].initiate_chat(manager, message="go")
    held = {id(entry) for one in members for entry in one.chat_messages[manager].entries}
    assert len(held) == len(manager.groupchat.messages) == 20


def test_members_reply_to_the_whole_conversation(member, group, run):
    seen = []
    one, two = member("one"), member("two", lambda messages: seen.append(list(messages)) or "seen")
    run(one.initiate_chat, group(one, two, max_round=2), message="go")
    assert seen == [[{"content": "go", "role": "user", "name": "one"}]]


def test_an_opener_outside_the_group_is_followed_by_the_first_member(member, group, run, said):
    outside, one, two = member("outside"), member("one"), member("two")
    manager = group(one, two, max_round=3)
    result = run(outside.initiate_chat, manager, message="go")
    assert said(manager.groupchat.messages) == ["outside: go", "one: one 1", "two: two 1"]
    assert said(two.chat_messages[manager]) == said(manager.groupchat.messages)
    assert said(result.chat_history) == ["outside: go"]
    assert result.summary == "two 1", "summed up from what the group said"


def test_the_manager_s_termination_test_ends_it(member, group, run):
    one, two = member("one"), member("two", "It is done. TERMINATE")
    result = run(one.initiate_chat, group(one, two), message="Say TERMINATE when you are done. TERMINATE")
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("termination_message", "chat_manager")
    assert result.summary == "It is done."
    own = {"is_termination_msg": lambda message: message["name"] == "two"}
    result = run(one.initiate_chat, group(one, member("two"), manager=own), message="go")
    assert [message["name"] for message in result.chat_history] == ["one", "two"]


def test_what_code_prints_ends_nothing(kernel, member, group, run):
    kernel.register(ScriptedExecutor(script=["TERMINATE"]), "executor")
    one = member("one", "```python\nprint(1)\n```")
    options = {"code_execution_config": {"executor": "scripted"}}
    runner = member("runner", **options)
    runner.register_reply(lambda _: True, type(runner).generate_code_execution_reply, position=1)
    result = run(runner.initiate_chat, group(runner, one, max_round=4), message="go")
    assert result.stop_reason.kind == "max_round"
    assert "TERMINATE" in result.chat_history[2]["content"]


def test_a_member_without_a_reply_ends_it(member, group, run):
    one, two = member("one"), member("two", None)
    result = run(one.initiate_chat, group(one, two), message="go")
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("no_reply", "two")


def test_a_member_that_takes_the_end_for_itself_ends_it(member, group, run):
    one = member("one", is_termination_msg=lambda message: "over" in message["content"])
    result = run(one.initiate_chat, group(one, member("two", "it is over")), message="go")
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("termination_message", "one")


def test_stop_conditions_count_members_messages(member, group, run):
    one, two, three = member("one"), member("two"), member("three")
    result = run(one.initiate_chat, group(one, two, three, max_round=50), message="go", stop=turns(7))
    assert result.stop_reason.kind == "turns"
    assert len(result.chat_history) == 8


def test_max_turns_counts_what_the_manager_answers(member, group, run):
    one, two = member("one"), member("two")
    result = run(one.initiate_chat, group(one, two, max_round=6), message="go", max_turns=1)
    assert len(result.chat_history) == 6


def test_a_person_speaks_and_leaves(member, group, run, monkeypatch):
    asked = []
    typed = iter(["my words", "exit"])
    monkeypatch.setattr("builtins.input", lambda prompt: asked.append(prompt) or next(typed))
    person, one = member("person", human_input_mode="ALWAYS"), member("one")
    result = run(person.initiate_chat, group(person, one, max_round=20), message="go")
    assert [message["content"] for message in result.chat_history] == ["go", "one 1", "my words", "one 2"]
    assert (result.stop_reason.kind, result.stop_reason.agent) == ("human_exit", "person")
    assert "Replying as person. Provide feedback to chat_manager" in asked[0]


def test_pending_calls_are_answered_by_who_has_the_function(member, group, run):
    caller = member("caller", {"content": None, "tool_calls": [CALL]}, "thanks TERMINATE")
    runner, idle = member("runner", function_map={"add": lambda a, b: a + b}), member("idle")
    runner.register_reply(lambda _: True, type(runner).generate_tool_calls_reply)
    manager = group(idle, caller, runner, max_round=10)
    result = run(idle.initiate_chat, manager, message="add")
    assert [message["name"] for message in manager.groupchat.messages] == ["idle", "caller", "runner", "idle", "caller"]
    call, answer = list(idle.chat_messages[manager])[1:3]
    assert (call["role"], call["tool_calls"]) == ("assistant", [CALL])
    assert (answer["role"], answer["content"]) == ("tool", "3")
    assert answer["tool_responses"] == [{"role": "tool", "tool_call_id": "1", "content": "3"}]
    assert result.stop_reason.kind == "termination_message"


def test_nobody_who_could_answer_a_call_is_an_error_that_says_so(member, group, run):
    one, two = member("one", {"content": None, "tool_calls": [CALL]}), member("two")
    with pytest.raises(
        AgentError, match=r"nobody in the group runs add; register it .* GroupChat.func_call_filter=False"
    ):
        run(two.initiate_chat, group(two, one), message="add")
    one, two = member("one", {"content": None, "tool_calls": [CALL]}), member("two")
    result = run(two.initiate_chat, group(two, one, func_call_filter=False, max_round=3), message="add")
    assert result.chat_history[-1]["content"] == "two 1"


def test_introductions_come_first_and_once_and_are_no_message_of_the_group(member, group, run, said):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=2, send_introductions=True)
    run(one.initiate_chat, manager, message="go")
    run(one.initiate_chat, manager, message="on", clear_history=False)
    for who in (one, two):
        intro, *others = who.chat_messages[manager]
        assert "one: is one\ntwo: is two" in intro["content"]
        assert (intro["role"], intro["name"]) == ("user", "chat_manager")
        assert said(others) == said(manager.groupchat.messages)
    assert said(manager.groupchat.messages) == ["one: go", "two: two 1", "one: on", "two: two 2"]
    run(one.initiate_chat, manager, message="again")
    assert "is one" in two.chat_messages[manager][0]["content"]
    assert len(two.chat_messages[manager]) == 3


def test_a_group_in_a_group_answers_with_its_last_words(member, group, run, said):
    one, two, three = member("one"), member("two"), member("three", "inner result TERMINATE")
    inner = group(two, three, manager={"name": "inner"})
    outer = group(one, inner, max_round=3)
    result = run(one.initiate_chat, outer, message="go")
    assert said(result.chat_history) == ["one: go", "inner: inner result", "one: one 1"]
    assert said(three.chat_messages[inner]) == ["one: go", "two: two 1", "three: inner result TERMINATE"]
    assert outer.groupchat.agent_by_name("three") is None
    assert outer.groupchat.agent_by_name("three", recursive=True) is three
    assert outer.groupchat.nested_agents() == [one, inner, two, three]
    run(one.initiate_chat, outer, message="again")
    assert said(two.chat_messages[inner])[0] == "one: again", "a new chat begins anew in the inner group, too"


def test_a_new_chat_begins_anew_and_another_goes_on(member, group, run, said):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=2)
    run(one.initiate_chat, manager, message="go")
    run(one.initiate_chat, manager, message="on", clear_history=False)
    assert said(two.chat_messages[manager]) == ["one: go", "two: two 1", "one: on", "two: two 2"]
    run(one.initiate_chat, manager, message="new")
    for messages in (manager.groupchat.messages, one.chat_messages[manager], two.chat_messages[manager]):
        assert said(messages) == ["one: new", "two: two 3"]
    manager.reset()
    assert not manager.groupchat.messages
    assert not two.chat_messages[manager]


@pytest.mark.parametrize("silent", [True, False, None])
def test_messages_are_told_once_and_quietly_when_asked(member, group, run, events, silent):
    one, two = member("one"), member("two")
    run(one.initiate_chat, group(one, two, max_round=3), message="go", silent=silent)
    messages = [event for event in events if isinstance(event, MessageSent)]
    assert [(event.agent, event.recipient) for event in messages] == [
        ("one", "chat_manager"),
        ("two", "chat_manager"),
        ("one", "chat_manager"),
    ]
    turns_given = [event for event in events if isinstance(event, SpeakerSelected)]
    assert [(event.agent, event.speaker) for event in turns_given] == [("chat_manager", "two"), ("chat_manager", "one")]
    assert {event.silent for event in events} == {bool(silent)}


def test_a_silent_manager_is_quiet_whatever_the_chat_says(member, group, run, events):
    one, two = member("one"), member("two")
    run(one.initiate_chat, group(one, two, manager={"silent": True}), message="go")
    assert all(event.silent for event in events if isinstance(event, SpeakerSelected))
    assert [event.silent for event in events if isinstance(event, MessageSent)] == [False, True, True, True]


def test_a_manager_is_refused_what_it_cannot_have(member, group, model, kernel):
    one, two = member("one"), member("two")
    config, _ = model()
    tool = {"type": "function", "function": {"name": "add", "parameters": {}}}
    with pytest.raises(AgentError, match="chooses speakers and calls no tools"):
        group(one, two, manager={"llm_config": {"config_list": [config], "tools": [tool]}})
    with pytest.raises(AgentError, match="groupchat is a GroupChat, not list"):
        GroupChatManager([one, two])
    manager = group(one, two)
    manager.groupchat.agents.append(manager)
    with pytest.raises(AgentError, match="cannot be a member of it"):
        one.initiate_chat(manager, message="go")
    with pytest.raises(AgentError, match="needs a sender"):
        group(one, two).run_chat()
    with pytest.raises(AgentError, match="one has said nothing"):
        group(one, two).run_chat(sender=one)
    with pytest.raises(AgentError, match="holds its own group chat"):
        group(one, two).run_chat(sender=one, config=GroupChat([one, two]))


def test_a_manager_is_of_its_members_kernel(member, kernel):
    assert GroupChatManager(GroupChat([member("one"), member("two")])).kernel is kernel


def test_a_group_needs_two_members(member, group, run):
    one = member("one")
    with pytest.raises(AgentError, match="needs two members at least; this one has one"):
        run(one.initiate_chat, group(one), message="go")


def test_a_group_in_a_group_that_says_nothing_ends_the_outer_chat(member, group, run):
    one, two, three = member("one"), member("two", None), member("three")
    inner = group(two, three, manager={"name": "inner"})
    outer = group(one, inner, max_round=3)
    result = run(one.initiate_chat, outer, message="go")
    assert (result.stop_reason.kind, len(result.chat_history)) == ("no_reply", 1)
    two.say({"content": None, "tool_calls": [{**CALL, "function": {"name": "nobody's", "arguments": "{}"}}]})
    inner.groupchat.func_call_filter = False
    three.say(None)
    result = run(one.initiate_chat, outer, message="go")
    assert result.stop_reason.kind == "no_reply"


def test_a_call_that_nobody_has_goes_to_who_runs_functions_at_all(member, group, run):
    caller = member("caller", {"content": None, "tool_calls": [CALL]})
    runner, idle = member("runner", function_map={"other": dict}), member("idle")
    runner.register_reply(lambda _: True, type(runner).generate_tool_calls_reply)
    manager = group(idle, caller, runner, max_round=3)
    run(idle.initiate_chat, manager, message="add")
    assert manager.groupchat.messages[-1]["name"] == "runner"
    assert "no function" in manager.groupchat.messages[-1]["content"]
