"""Events and observers: told in order, and never in the way."""

from __future__ import annotations

import dataclasses

import pytest

from quorate import ConversableAgent
from quorate.events import AutoReply, ChatEnded, ChatStarted, Event, MessageSent, ModelAnswered, Observers, listening
from quorate.testing import ScriptedClient, isolated_kernel


def test_everyone_is_told_in_order_until_taken_out():
    told = []
    observers = Observers([lambda event: told.append(("first", event.agent))])
    remove = observers.add(lambda event: told.append(("second", event.agent)))
    observers.tell(AutoReply(agent="a"))
    remove()
    remove()
    observers.tell(AutoReply(agent="b"))
    assert told == [("first", "a"), ("second", "a"), ("first", "b")]


def test_those_who_were_added_can_be_looked_at():
    observers = Observers([print])
    remove = observers.add(repr)
    assert list(observers) == [print, repr]
    for _ in observers:
        remove()
    assert list(observers) == [print]


def test_a_model_call_tells_what_was_asked():
    told = []
    with isolated_kernel(ScriptedClient(script=["Hello"]), observers=[told.append]) as kernel:
        agent = ConversableAgent("agent", "Be brief.", llm_config={"model": "any"}, kernel=kernel)
        agent.generate_reply([{"role": "user", "content": "Hi"}])
    (answered,) = (event for event in told if isinstance(event, ModelAnswered))
    assert [message["content"] for message in answered.messages] == ["Be brief.", "Hi"]


def test_whether_anyone_listens():
    observers = Observers()
    assert not observers
    remove = observers.add(print)
    assert observers
    remove()
    assert not observers


def test_an_observer_that_raises_is_reported_and_removed():
    told = []

    def broken(event):
        raise ValueError("no")

    observers = Observers()
    remove = observers.add(broken)
    observers.add(told.append)
    with pytest.warns(RuntimeWarning, match=r"broken.* failed on AutoReply and was removed: ValueError\('no'\)"):
        observers.tell(AutoReply(agent="a"))
    observers.tell(AutoReply(agent="b"))
    assert [event.agent for event in told] == ["a", "b"]
    remove()


def test_an_observer_that_takes_itself_out_and_raises():
    observers = Observers()

    def once(event):
        remove()
        raise ValueError("done")

    remove = observers.add(once)
    with pytest.warns(RuntimeWarning, match="was removed"):
        observers.tell(AutoReply(agent="a"))
    assert not observers


def test_a_listener_that_raises_is_told_no_more():
    told, observers = [], Observers()

    def broken(event):
        told.append(event.agent)
        raise ValueError("no")

    with listening(broken):
        with pytest.warns(RuntimeWarning, match="was removed"):
            observers.tell(AutoReply(agent="a"))
        observers.tell(AutoReply(agent="b"))
        assert not observers
    assert told == ["a"]


def test_ctrl_c_is_no_failure_of_an_observer():
    def interrupted(event):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Observers([interrupted]).tell(AutoReply(agent="a"))


def test_events_do_not_change():
    event = AutoReply(agent="a")
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.agent = "b"
    assert (event.silent, isinstance(event, Event)) == (False, True)


def test_a_chat_tells_its_beginning_its_messages_and_its_end():
    told = []
    with isolated_kernel(observers=[told.append]) as kernel:
        one = ConversableAgent("one", human_input_mode="NEVER", kernel=kernel)
        two = ConversableAgent("two", human_input_mode="NEVER", default_auto_reply="hi", kernel=kernel)
        one.initiate_chat(two, message="hello")
    assert told == [
        ChatStarted(agent="one", recipient="two"),
        MessageSent(
            agent="one",
            recipient="two",
            message={"role": "user", "name": "one", "content": "hello"},
            source="program",
        ),
        MessageSent(
            agent="two", recipient="one", message={"role": "user", "name": "two", "content": "hi"}, source="function"
        ),
        ChatEnded(agent="one", recipient="two", stop_reason="one had no reply", cost=0),
    ]


def test_a_chat_goes_on_when_an_observer_fails():
    def broken(event):
        raise OSError("the pipe is closed")

    with isolated_kernel(observers=[broken]) as kernel:
        one = ConversableAgent("one", human_input_mode="NEVER", kernel=kernel)
        two = ConversableAgent("two", human_input_mode="NEVER", default_auto_reply="hi", kernel=kernel)
        with pytest.warns(RuntimeWarning, match="failed on ChatStarted"):
            chat = one.initiate_chat(two, message="hello")
    assert len(chat.chat_history) == 2
