"""Group chats that break off and go on: after errors, interruptions, and from messages that were kept."""

from __future__ import annotations

import json

import pytest

from quorate import AgentError, ConversableAgent, MessageError
from quorate.stopping import turns

# -- after an error


def test_a_reply_that_fails_loses_nothing_and_the_chat_goes_on(member, group, run, said):
    one, two, three = member("one"), member("two", ValueError("broken")), member("three")
    manager = group(one, two, three, max_round=4)
    with pytest.raises(ValueError, match="broken"):
        run(one.initiate_chat, manager, message="go")
    for who in (one, two, three):
        assert said(who.chat_messages[manager]) == said(manager.groupchat.messages) == ["one: go"]
    result = run(one.initiate_chat, manager, message="try again", clear_history=False)
    whole = ["one: go", "one: try again", "two: two 1", "three: three 1", "one: one 1"]
    for who in (one, two, three):
        assert said(who.chat_messages[manager]) == said(manager.groupchat.messages) == whole
    assert said(result.chat_history) == whole[1:]
    assert result.stop_reason.kind == "max_round"


def test_a_selection_that_fails_loses_nothing(member, group, run, said):
    one, two = member("one"), member("two")
    chosen = iter([two, OSError("no network"), two])

    def choose(last, chat):
        if isinstance(found := next(chosen), Exception):
            raise found
        return found

    manager = group(one, two, speaker_selection_method=choose, max_round=3)
    with pytest.raises(OSError, match="no network"):
        run(one.initiate_chat, manager, message="go")
    assert said(manager.groupchat.messages) == ["one: go", "two: two 1"]
    chosen = iter([two, one])
    run(one.initiate_chat, manager, message="again", clear_history=False)
    assert said(two.chat_messages[manager]) == ["one: go", "two: two 1", "one: again", "two: two 2", "one: one 1"]


@pytest.mark.parametrize("name", ["one", "outside"])
def test_a_chat_that_broke_off_is_resumed_where_it_stands(member, group, run, said, name):
    opener, two, three = member(name), member("two"), member("three", ValueError("broken"))
    one = opener if name == "one" else member("one")
    manager = group(one, two, three, max_round=9)
    with pytest.raises(ValueError, match="broken"):
        run(opener.initiate_chat, manager, message="go")
    before = said(manager.groupchat.messages)
    assert before[-1] == "two: two 1"
    run(opener.resume_chat, manager, stop=turns(2))
    assert said(manager.groupchat.messages) == [*before, "three: three 1", f"one: one {len(before) - 1}"]
    assert said(three.chat_messages[manager]) == said(manager.groupchat.messages)


# -- interrupted


def test_an_admin_takes_over_when_the_program_is_interrupted(member, group, said):
    one, admin, two = member("one"), member("Admin", "stop that"), member("two", KeyboardInterrupt())
    manager = group(one, two, admin, max_round=4)
    one.initiate_chat(manager, message="go")
    assert said(manager.groupchat.messages) == ["one: go", "Admin: stop that", "one: one 1", "two: two 1"]


def test_without_an_admin_the_program_is_interrupted(member, group, said):
    one, two = member("one"), member("two", KeyboardInterrupt())
    manager = group(one, two)
    with pytest.raises(KeyboardInterrupt):
        one.initiate_chat(manager, message="go")
    assert said(manager.groupchat.messages) == ["one: go"]


# -- resumed


def finished(member, group, **options):
    one, two = member("one"), member("two", "first", "second TERMINATE")
    manager = group(one, two, **options)
    return one.initiate_chat(manager, message="go"), manager


@pytest.mark.parametrize("form", ["messages", "string", "history"])
def test_a_group_is_resumed_from_what_it_said(member, group, run, said, form):
    result, before = finished(member, group, max_round=10)
    kept = {
        "messages": before.groupchat.messages,
        "string": before.messages_to_string(before.groupchat.messages),
        "history": result.chat_history,
    }[form]
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=3, send_introductions=True)
    speaker, message = run(manager.resume, kept, remove_termination_string="TERMINATE")
    assert (speaker, message["content"].strip()) == (two, "second")
    assert said(one.chat_messages[manager]) == ["one: go", "two: first", "one: one 1"]
    assert [one["role"] for one in two.chat_messages[manager]] == ["user", "assistant", "user"]
    assert manager.last_speaker is one
    result = run(speaker.initiate_chat, manager, message=message, clear_history=False)
    assert said(manager.groupchat.messages)[3:] == ["two: second ", "one: one 1", "two: two 1"]
    assert said(result.chat_history) == said(manager.groupchat.messages)[3:]


def test_a_pending_call_is_answered_after_resuming(member, group, run):
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    kept = [
        {"content": "go", "name": "one"},
        {"content": None, "tool_calls": [call], "name": "two", "role": "assistant"},
    ]
    one, two = member("one"), member("two", function_map={"add": lambda a: a + 1})
    two.register_reply(lambda _: True, ConversableAgent.generate_tool_calls_reply)
    manager = group(one, two, max_round=2)
    speaker, message = run(manager.resume, json.dumps(kept))
    assert (speaker, message["tool_calls"]) == (two, [call])
    run(speaker.initiate_chat, manager, message=message, clear_history=False)
    assert [message["content"] for message in manager.groupchat.messages] == ["go", None, "2"]


def test_resuming_forgets_what_was_there_before(member, group, run, said):
    _, manager = finished(member, group)
    run(manager.resume, [{"content": "kept", "name": "two"}, {"content": "last", "name": "one"}])
    assert said(manager.groupchat.messages) == ["two: kept"]
    assert said(manager.groupchat.agents[0].chat_messages[manager]) == ["two: kept"]


def test_the_end_can_be_taken_off_by_a_function(member, group, run):
    _, manager = finished(member, group)
    _, message = run(manager.resume, [{"content": "last TERMINATE", "name": "one"}], lambda text: text[:4])
    assert message["content"] == "last"


def test_images_stay_where_the_end_is_taken_off(member, group, run):
    _, manager = finished(member, group)
    image = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}
    parts = [{"type": "text", "text": "see TERMINATE"}, image]
    _, message = run(manager.resume, [{"content": parts, "name": "one"}], "TERMINATE")
    assert message["content"] == [{"type": "text", "text": "see "}, image]
    assert parts[0]["text"] == "see TERMINATE"


def test_messages_without_a_name_are_the_manager_s(member, group, run, said):
    one, two = member("one"), member("two")
    manager = group(one, two, max_round=2)
    speaker, message = run(manager.resume, [{"content": "task", "role": "assistant"}])
    assert speaker is manager
    run(speaker.initiate_chat, manager, message=message, clear_history=False)
    assert said(manager.groupchat.messages) == ["chat_manager: task", "one: one 1"]


@pytest.mark.parametrize(
    ("messages", "error", "reason"),
    [
        ([], AgentError, "no messages to resume with"),
        ("[]", AgentError, "no messages to resume with"),
        ("{", AgentError, "not JSON"),
        ('{"a": 1}', AgentError, "JSON of a dict; a list of messages is needed"),
        ("[1]", MessageError, "a message is text or a dict, not int"),
        ([{"role": "user", "name": "one"}], MessageError, "a message needs content"),
        (
            [{"content": "a", "name": "one"}, {"content": "b", "name": "who"}],
            AgentError,
            r"messages\[1\]: 'who' is not in",
        ),
    ],
)
def test_what_cannot_be_resumed_with_is_refused_before_anything_is_forgotten(
    member, group, run, messages, error, reason
):
    _, manager = finished(member, group)
    before = list(manager.groupchat.messages)
    with pytest.raises(error, match=reason):
        run(manager.resume, messages)
    assert manager.groupchat.messages == before


# -- forgetting on command


@pytest.fixture
def person(member, monkeypatch):
    """A member whose person types these, and then nothing."""

    def make(*lines):
        typed = iter(lines)
        monkeypatch.setattr("builtins.input", lambda prompt: next(typed, ""))
        return member("person", human_input_mode="ALWAYS")

    return make


@pytest.mark.parametrize(
    ("command", "text", "left", "ones"),
    [
        ("CLEAR HISTORY", "", [], []),
        ("please clear history.", "please", [], []),
        ("CLEAR HISTORY 2 and go on", "and go on", ["two: two 1", "one: one 1"], ["two: two 1", "one: one 1"]),
        ("CLEAR HISTORY one", "", None, []),
        ("Clear history one, 1. Thanks", "Thanks", None, ["one: one 1"]),
        ("CLEAR HISTORY 1 one", "", None, ["one: one 1"]),
    ],
)
def test_a_person_can_have_members_forget(person, member, group, run, said, command, text, left, ones):
    asks, two, one = person(command), member("two"), member("one")
    manager = group(asks, two, one, max_round=4, enable_clear_history=True)
    run(asks.initiate_chat, manager, message="go")
    whole = ["person: go", "two: two 1", "one: one 1"]
    spoken = f"person: {text}"
    assert said(manager.groupchat.messages) == [*(whole if left is None else left), spoken]
    assert said(one.chat_messages[manager]) == [*ones, spoken]
    assert said(two.chat_messages[manager]) == [*(whole if left is None else left), spoken]


def test_it_is_a_command_only_where_that_is_enabled_and_from_those_who_may(person, member, group, model, run):
    asks, two = person("CLEAR HISTORY"), member("two")
    manager = group(asks, two, max_round=3)
    run(asks.initiate_chat, manager, message="go")
    assert [message["content"] for message in manager.groupchat.messages] == ["go", "two 1", "CLEAR HISTORY"]
    config, _ = model("Say CLEAR HISTORY to clear it")
    one, thinker = (
        member("one"),
        ConversableAgent("thinker", llm_config=config, kernel=two.kernel, human_input_mode="NEVER"),
    )
    manager = group(one, thinker, max_round=2, enable_clear_history=True)
    run(one.initiate_chat, manager, message="go")
    assert [message["content"] for message in manager.groupchat.messages] == ["go", "Say CLEAR HISTORY to clear it"]


def test_a_tool_s_command_keeps_the_call_it_answers(member, group, run):
    call = {"id": "1", "type": "function", "function": {"name": "clear", "arguments": "{}"}}
    one = member("one", {"content": None, "tool_calls": [call]})
    two = member("two", function_map={"clear": lambda: "CLEAR HISTORY"})
    two.register_reply(lambda _: True, ConversableAgent.generate_tool_calls_reply)
    manager = group(two, one, max_round=3, enable_clear_history=True)
    run(two.initiate_chat, manager, message="go")
    assert [message["role"] for message in one.chat_messages[manager]] == ["assistant", "tool"]
    assert manager.groupchat.messages[-1]["content"] == ""


def test_a_paused_group_goes_on_where_it_stands(run, member, group):
    user, one = member("user"), member("one")
    manager = None

    def pausing(messages):
        manager.pause()
        return "two has paused"

    two = member("two", pausing)
    manager = group(one, two, max_round=6)
    result = run(user.initiate_chat, manager, message="begin")
    assert result.stop_reason.kind == "paused"
    said = [message["content"] for message in manager.groupchat.messages]
    assert said == ["begin", "one 1", "two has paused"]
    run(user.resume_chat, manager)
    said = [message["content"] for message in manager.groupchat.messages]
    assert said[:5] == ["begin", "one 1", "two has paused", "one 2", "two 1"]


def test_a_program_can_have_members_forget(member, group, said):
    _, manager = finished(member, group, enable_clear_history=True)
    chat = manager.groupchat
    before = said(chat.messages)
    assert manager.clear_agents_history({"content": "nothing of the kind"}, chat) == "nothing of the kind"
    assert said(chat.messages) == before
    assert manager.clear_agents_history({"content": "now CLEAR HISTORY 1"}, chat) == "now"
    assert said(chat.messages) == before[-1:]


def test_a_member_without_a_reply_ends_the_chat_where_commands_are_enabled_too(member, group, run):
    one, two = member("one"), member("two", None)
    result = run(one.initiate_chat, group(one, two, enable_clear_history=True), message="go")
    assert result.stop_reason.kind == "no_reply"
