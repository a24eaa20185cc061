"""Society of mind: one agent to others, and a chat inside."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quorate import AgentError, CreateResult, GroupChat, GroupChatManager, ModelError, SocietyOfMindAgent, Usage
from quorate._drive import current_step
from quorate.agents.society import DEFAULT_PROMPT, INTRODUCTION
from quorate.testing import ScriptedClient


@pytest.fixture
def society(kernel):
    """Make a society around a chat manager; nobody is asked."""

    def make(manager, preparer=None, **options):
        options = {"human_input_mode": "NEVER", "kernel": kernel, "max_inner_turns": 1, **options}
        return SocietyOfMindAgent("society", manager, preparer, **options)

    return make


@pytest.fixture
def inner(agent):
    """Make an agent that answers with what it was told."""

    def make(name="inner"):
        made = agent(name)
        made.register_reply(
            lambda _: True, lambda recipient, messages, sender, config: (True, f"{name}({messages[-1]['content']})")
        )
        return made

    return make


def test_the_inside_hears_the_last_message_with_what_was_before(society, inner, talker, run, texts):
    mind, user = inner(), talker("user", "and now?", "thanks")
    outside = society(mind)
    chat = run(user.initiate_chat, outside, message="hello", max_turns=2)
    assert texts(chat.chat_history) == [
        "hello",
        "inner(hello)",
        "and now?",
        "inner(and now?\nContext: \nuser: hello\nsociety: inner(hello))",
    ]
    assert len(outside.chat_messages[mind]) == 2, "it forgets in between"
    assert outside.chat_manager is mind


def test_a_group_inside(society, inner, talker, kernel, run, texts):
    a, b = inner("a"), inner("b")
    group = GroupChat([a, b], max_round=3, speaker_selection_method="round_robin")
    manager = GroupChatManager(group, kernel=kernel)
    chat = run(talker("user").initiate_chat, society(manager, max_inner_turns=None), message="hi", max_turns=1)
    assert len(texts(group.messages)) == 3
    assert chat.summary == texts(group.messages)[-1] == "b(a(hi))"


async def later(agent, messages):
    await asyncio.sleep(0)
    return {"content": f"{agent.name}: {len(messages)} messages"}


@pytest.mark.parametrize("preparer", [later, lambda agent, messages: asyncio.run(later(agent, messages))])
def test_a_function_prepares_the_reply(society, inner, talker, run, preparer):
    chat = run(talker("user").initiate_chat, society(inner(), preparer), message="hi", max_turns=1)
    assert chat.summary == "society: 2 messages"


@pytest.mark.parametrize(("given", "prompt"), [(None, DEFAULT_PROMPT), ("In one word.", "In one word.")])
def test_its_model_prepares_the_reply_from_the_transcript(society, inner, talker, kernel, run, given, prompt):
    client = ScriptedClient(script=[CreateResult("prepared", usage=Usage(1, 1), cost=0.5, model="m")])
    kernel.register(client, "its-model")
    outside = society(inner(), given, llm_config={"model": "m"})
    chat = run(talker("user").initiate_chat, outside, message="hi", max_turns=1)
    assert chat.summary == "prepared"
    assert client.requests[0].messages == (
        {"role": "system", "content": INTRODUCTION},
        {"role": "user", "content": "hi", "name": "society"},
        {"role": "user", "content": "inner(hi)", "name": "inner"},
        {"role": "system", "content": prompt},
    )
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.5


def test_without_a_model_the_last_words_count(society, talker, run):
    mind = talker("inner", "The answer is 42.", "TERMINATE")
    asker = society(mind, max_inner_turns=2)
    asker.register_reply(mind, lambda *_, **__: (True, "are you done?"))
    chat = run(talker("user").initiate_chat, asker, message="6 * 7?", max_turns=1)
    assert chat.summary == "The answer is 42."
    mute = society(talker("mute"))
    assert run(talker("user").initiate_chat, mute, message="6 * 7?").stop_reason.kind == "no_reply"


def test_a_blocking_chat_inside_stays_in_the_callers_thread(society, agent, talker):
    """So that a prompt, a debugger and Ctrl-C work inside as they do outside."""
    mind, threads = agent("inner"), []

    def where(recipient, messages, sender, config):
        threads.append(threading.get_ident())
        return True, current_step().address

    mind.register_reply(lambda _: True, where)
    chat = talker("user").initiate_chat(society(mind), message="hi", max_turns=1)
    assert threads == [threading.get_ident()]
    assert chat.summary == "0"


def test_an_error_inside_comes_out_and_the_conversation_can_go_on(society, talker, run, texts):
    """AutoGen 0.2 prints it and answers with whatever was said before."""
    outside, user = society(talker("inner", ModelError("no", kind="auth"), "mended")), talker("user")
    with pytest.raises(ModelError, match="no"):
        run(user.initiate_chat, outside, message="hi", max_turns=1)
    assert texts(user.chat_messages[outside]) == ["hi"]
    chat = run(user.initiate_chat, outside, message="again", clear_history=False, max_turns=1)
    assert chat.summary == "mended"


def test_the_end_of_the_outer_chat_is_looked_for_first(society, inner, talker, run):
    user = talker("user", "Thanks. TERMINATE")
    chat = run(user.initiate_chat, society(inner()), message="hi")
    assert (chat.stop_reason.kind, len(chat.chat_history)) == ("termination_message", 3)


def test_without_an_inside_there_is_no_reply(society, inner, talker, run):
    outside = society(None)
    user = talker("user")
    assert run(user.initiate_chat, outside, message="hi").stop_reason.kind == "no_reply"
    outside.update_chat_manager(inner())
    assert run(user.initiate_chat, outside, message="hi", max_turns=1).summary == "inner(hi)"


def test_what_makes_no_society(society, inner, talker, run):
    with pytest.raises(AgentError, match="chat_manager is the agent that talks inside this one, not 'manager'"):
        society("manager")
    with pytest.raises(AgentError, match="response_preparer is a prompt, and there is no model for it"):
        society(inner(), "Sum up.")
    with pytest.raises(AgentError, match="response_preparer is a prompt or a function"):
        society(inner(), 42)
    outside = society(inner())
    with pytest.raises(AgentError, match="talks inside"):
        outside.update_chat_manager(outside)
    mind = inner()
    with pytest.raises(AgentError, match="inner talks inside this agent, and cannot talk to it from outside"):
        run(mind.initiate_chat, society(mind), message="hi")
