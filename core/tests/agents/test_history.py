"""Histories: lists of messages, each held once and seen from either side."""

from __future__ import annotations

import copy

import pytest

from quorate import AgentError, MessageError


@pytest.fixture
def pair(echo):
    one, two = echo("one"), echo("two")
    one.initiate_chat(two, message="hello", max_turns=2)
    return one, two


def test_a_message_is_held_once(pair):
    one, two = pair
    mine, theirs = one.conversations[two].entries, two.conversations[one].entries
    assert len(mine) == 4
    assert all(entry is other for entry, other in zip(mine, theirs, strict=True))


def test_each_side_sees_its_own_as_assistant(pair):
    one, two = pair
    assert [m["role"] for m in one.chat_messages[two]] == ["assistant", "user", "assistant", "user"]
    assert [m["role"] for m in two.chat_messages[one]] == ["user", "assistant", "user", "assistant"]
    assert {tuple(m["name"] for m in history) for history in (one.chat_messages[two], two.chat_messages[one])} == {
        ("one", "two", "one", "two")
    }


def test_reading_like_a_list(pair, texts):
    history = pair[0].chat_messages[pair[1]]
    assert history[0]["content"] == history[-4]["content"] == "hello"
    assert texts(history[1:3]) == ["two 1", "one 1"]
    assert texts(history[::-2]) == ["two 2", "two 1"]
    assert isinstance(history[:], list)
    assert (len(history), bool(history), history[-1] in history) == (4, True, True)
    assert texts(history) == texts(reversed(list(history)))[::-1] == ["hello", "two 1", "one 1", "two 2"]
    assert history.index(history[2]) == 2
    assert repr(history) == repr(list(history))
    with pytest.raises(IndexError):
        history[4]


def test_comparing_and_joining(pair):
    history = pair[0].chat_messages[pair[1]]
    assert history == list(history)
    assert history == copy.copy(history)
    assert history != history[1:]
    assert history != "history"
    system = [{"role": "system", "content": "Be brief."}]
    assert system + history == [*system, *history]
    assert history + system == [*history, *system]
    with pytest.raises(TypeError):
        hash(history)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, list, lambda history: history.copy()])
def test_a_copy_is_apart(pair, texts, duplicate):
    history = pair[0].chat_messages[pair[1]]
    own = duplicate(history)
    own.append({"role": "user", "content": "only here"})
    del own[0]
    assert texts(history) == ["hello", "two 1", "one 1", "two 2"]


def test_changing_is_the_agents_own_affair(pair, texts):
    one, two = pair
    history = one.chat_messages[two]
    history.append({"role": "user", "content": "as if two had said it"})
    history.append({"role": "assistant", "content": "as if one had"})
    history.insert(0, {"role": "system", "content": "Be brief."})
    history[1] = {"role": "assistant", "content": "HELLO"}
    del history[2:4]
    assert [(m["role"], m["content"], m.get("name")) for m in history] == [
        ("system", "Be brief.", None),
        ("assistant", "HELLO", "one"),
        ("user", "two 2", "two"),
        ("user", "as if two had said it", "two"),
        ("assistant", "as if one had", "one"),
    ]
    assert texts(two.chat_messages[one]) == ["hello", "two 1", "one 1", "two 2"]
    history[:] = [{"role": "user", "content": "summary"}]
    history += ["plain text"]
    assert texts(history) == ["summary", "plain text"]
    assert history.pop()["content"] == "plain text"
    history.clear()
    assert history == []


def test_what_is_no_message_is_refused(pair):
    history = pair[0].chat_messages[pair[1]]
    with pytest.raises(MessageError):
        history.append(42)
    with pytest.raises(MessageError):
        history[0] = {"role": "user"}
    assert len(history) == 4


def test_the_chat_goes_on_from_what_was_changed(pair, texts):
    one, two = pair
    del two.chat_messages[one][:]
    one.initiate_chat(two, message="afresh for two", max_turns=1, clear_history=False)
    assert texts(two.chat_messages[one]) == ["afresh for two", "two 3"]
    assert len(one.chat_messages[two]) == 6


def test_changing_the_view_of_an_own_message_changes_nothing(pair):
    one, two = pair
    one.chat_messages[two][0]["content"] = "changed"
    assert one.chat_messages[two][0]["content"] == two.chat_messages[one][0]["content"] == "hello"


def test_the_callers_message_is_copied(agent):
    one, two = agent("one"), agent("two")
    given = {"content": "hello"}
    one.send(given, two)
    given["content"] = "changed"
    assert two.chat_messages[one][0]["content"] == "hello"


CALLS = [{"id": id_, "type": "function", "function": {"name": "f", "arguments": "{}"}} for id_ in "ab"]


@pytest.mark.parametrize(("kept", "left"), [(None, 0), (0, 0), (1, 1), (2, 4), (3, 4), (4, 4), (5, 5), (9, 5)])
@pytest.mark.parametrize("named", [True, False])
def test_clearing_keeps_answers_with_their_calls(agent, kept, left, named):
    one, two = agent("one"), agent("two")
    one.send("hello", two)
    two.send({"content": None, "tool_calls": CALLS}, one)
    for id_ in "ab":
        one.send({"role": "tool", "tool_call_id": id_, "content": id_}, two)
    two.send("done", one)
    two.clear_history(one if named else None, nr_messages_to_preserve=kept)
    assert len(two.chat_messages[one]) == left
    assert len(one.chat_messages[two]) == 5


@pytest.mark.parametrize("kept", [-1, "2", 1.0, True])
def test_no_such_number_of_messages_to_keep(pair, kept):
    one, two = pair
    with pytest.raises(AgentError, match="nr_messages_to_preserve is a whole number, 0 or more"):
        one.clear_history(two, kept)
    assert len(one.chat_messages[two]) == 4


def test_histories_are_given_to_a_new_agent(kernel, thinker, agent, run, texts):
    """``chat_messages``: a conversation that goes on where another program's ended."""
    user = agent("user")
    said = [{"role": "user", "content": "My name is Ada."}, {"role": "assistant", "content": "Hello, Ada."}]
    model, client = thinker("model", "Your name is Ada.", chat_messages={user: said})
    assert [(m["role"], m["name"]) for m in model.chat_messages[user]] == [("user", "user"), ("assistant", "model")]
    chat = run(user.initiate_chat, model, message="What is my name?", max_turns=1, clear_history=False)
    assert chat.summary == "Your name is Ada."
    assert texts(client.requests[0].messages)[1:] == ["My name is Ada.", "Hello, Ada.", "What is my name?"]
    assert len(said) == 2
    with pytest.raises(MessageError):
        agent("other", chat_messages={user: [42]})
