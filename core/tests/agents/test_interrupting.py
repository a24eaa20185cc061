"""Chats that are paused or cancelled from outside, and go on from there."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from quorate import ConversableAgent, CreateResult
from quorate.errors import AgentError
from quorate.testing import isolated_kernel


@pytest.fixture
def slow_model(kernel):
    """A model that answers only when it is let go; gives the registered name's entry and two events."""

    class Slow:
        model_info = None

        def __init__(self, config):
            self.config = config

        async def create(self, messages, **request):
            asked.set()
            while not release.is_set():  # noqa: ASYNC110 - set by another thread
                await asyncio.sleep(0.005)
            return CreateResult("slow answer")

        async def close(self):
            pass

    asked, release = threading.Event(), threading.Event()
    kernel.register_model_client(Slow)
    yield {"model": "m", "model_client_cls": "Slow"}, asked, release
    release.set()


def later(event, action):
    """Do something in another thread once an event is set."""

    def work():
        assert event.wait(20)
        action()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def pausing(name, agents, at, kernel):
    """An agent that says its own number, and pauses the chat while it makes the reply of this number."""
    made = ConversableAgent(name, human_input_mode="NEVER", kernel=kernel)
    said = []

    def speak(recipient, messages, sender, config):
        said.append(f"{name} {len(said) + 1}")
        if len(said) == at:
            agents[0].pause()
        return True, said[-1]

    made.register_reply(lambda _: True, speak, position=1)
    return made


def test_a_paused_chat_ends_after_the_message_under_way_and_goes_on(run, echo, kernel):
    agents = []
    user, other = echo("user"), pausing("other", agents, 2, kernel)
    agents.append(user)
    result = run(user.initiate_chat, other, message="0")
    assert (result.stop_reason.kind, str(result.stop_reason)) == ("paused", "user was paused")
    assert [message["content"] for message in result.chat_history] == ["0", "other 1", "user 1", "other 2"]
    more = run(user.resume_chat, other, max_turns=1)
    assert [message["content"] for message in more.chat_history] == ["user 2", "other 3"]
    again = run(user.initiate_chat, other, message="new", clear_history=False, max_turns=1)
    assert [message["content"] for message in again.chat_history] == ["new", "other 4"]
    assert len(user.chat_messages[other]) == 8


def test_a_pause_concerns_the_chats_of_now(run, echo):
    user, other = echo("user"), echo("other")
    user.pause()
    user.cancel()
    assert run(user.initiate_chat, other, message="0", max_turns=2).stop_reason.kind == "max_turns"
    assert user.running_chats == other.running_chats == []


@pytest.mark.parametrize("who", ["opener", "recipient"])
def test_a_model_call_under_way_is_cancelled(run, agent, slow_model, who):
    entry, asked, release = slow_model
    user, assistant = agent("user"), agent("assistant", llm_config=entry)
    thread = later(asked, (user if who == "opener" else assistant).cancel)
    began = time.monotonic()
    result = run(user.initiate_chat, assistant, message="hello")
    assert time.monotonic() - began < 15
    thread.join()
    assert result.stop_reason.kind == "cancelled"
    assert [message["content"] for message in result.chat_history] == ["hello"]
    release.set()
    more = run(user.resume_chat, assistant, max_turns=1)
    assert [message["content"] for message in more.chat_history] == ["slow answer"]


def test_the_task_that_held_a_cancelled_chat_goes_on(agent, slow_model):
    entry, asked, _ = slow_model
    user, assistant = agent("user"), agent("assistant", llm_config=entry)

    async def main():
        later(asked, user.cancel)
        result = await user.a_initiate_chat(assistant, message="hello")
        await asyncio.sleep(0)
        return result, asyncio.current_task().cancelling()

    result, cancelling = asyncio.run(main())
    assert (result.stop_reason.kind, cancelling) == ("cancelled", 0)


def test_both_agents_may_cancel_their_chat(run, agent, slow_model):
    entry, asked, _ = slow_model
    user, assistant = agent("user"), agent("assistant", llm_config=entry)

    def both():
        user.cancel()
        assistant.cancel()

    thread = later(asked, both)
    assert run(user.initiate_chat, assistant, message="hello").stop_reason.kind == "cancelled"
    thread.join()


def test_a_cancelled_chat_whose_reply_ends_well_leaves_its_task_uncancelled(agent):
    user, stubborn = agent("user"), agent("stubborn")

    async def finish(recipient, messages, sender, config):
        user.cancel()
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            return True, "finished all the same"

    stubborn.register_reply(user, finish)

    async def main():
        result = await user.a_initiate_chat(stubborn, message="hello")
        return result, asyncio.current_task().cancelling()

    result, cancelling = asyncio.run(main())
    assert (result.stop_reason.kind, cancelling) == ("cancelled", 0)


def test_cancelling_the_task_itself_is_no_interruption(agent, slow_model):
    entry, asked, _ = slow_model
    user, assistant = agent("user"), agent("assistant", llm_config=entry)

    async def main():
        task = asyncio.create_task(user.a_initiate_chat(assistant, message="hello"))
        while not asked.is_set():  # noqa: ASYNC110 - set on another thread
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert user.running_chats == []


def test_cancelling_the_outer_chat_ends_a_nested_one(run, agent, slow_model):
    entry, asked, _ = slow_model
    user, lead, expert = agent("user"), agent("lead"), agent("expert", llm_config=entry)
    lead.register_nested_chats([{"recipient": expert, "max_turns": 1}], trigger=user)
    later(asked, user.cancel)
    result = run(user.initiate_chat, lead, message="hello")
    assert result.stop_reason.kind == "cancelled"
    assert [message["content"] for message in result.chat_history] == ["hello"]


def test_cancelling_a_nested_chat_leaves_the_outer_one(run, agent, slow_model):
    entry, asked, _ = slow_model
    user, lead, expert = agent("user"), agent("lead"), agent("expert", llm_config=entry)
    lead.register_nested_chats([{"recipient": expert, "max_turns": 1}], trigger=user)
    later(asked, expert.cancel)
    result = run(user.initiate_chat, lead, message="hello", max_turns=1)
    assert result.stop_reason.kind in ("max_turns", "no_reply")


def test_parallel_branches_are_cancelled_with_the_chat(run, agent, slow_model):
    entry, asked, _ = slow_model
    user = agent("user")
    experts = [agent(f"expert {number}", llm_config=entry) for number in range(2)]
    lead = agent("lead")
    queue = [
        {"chat_id": number, "recipient": expert, "sender": agent(f"asker {number}"), "message": "?", "max_turns": 1}
        for number, expert in enumerate(experts)
    ]
    lead.register_nested_chats(queue, trigger=user)
    later(asked, user.cancel)
    assert run(user.initiate_chat, lead, message="hello").stop_reason.kind == "cancelled"


def test_nothing_to_go_on_with_is_refused(run, agent):
    with pytest.raises(AgentError, match="nothing to other that could go on"):
        run(agent("user").resume_chat, agent("other"))


def test_after_a_failing_reply_function_the_chat_goes_on(run, talker, agent):
    user, other = agent("user"), talker("other", ValueError("broken"), "whole")
    with pytest.raises(ValueError, match="broken"):
        run(user.initiate_chat, other, message="hello")
    result = run(user.resume_chat, other, max_turns=1)
    assert [message["content"] for message in user.chat_messages[other]] == ["hello", "whole"]
    assert result.summary == "whole"


def test_an_isolated_kernel_has_nothing_running_at_its_end():
    with isolated_kernel() as kernel:
        one, two = (ConversableAgent(name, human_input_mode="NEVER", kernel=kernel) for name in ("one", "two"))
        one.initiate_chat(two, message="?")
        assert not one.running_chats
