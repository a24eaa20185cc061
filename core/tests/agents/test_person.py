"""People behind agents: asked by a function, an async function or a queue."""

from __future__ import annotations

import asyncio
import queue
import threading

import pytest

from quorate.errors import AgentError
from quorate.events import InputRequested


def test_a_function_answers(run, agent, talker):
    prompts = []

    def ask(prompt):
        prompts.append(prompt)
        return "exit"

    user = agent("user", human_input_mode="ALWAYS", person=ask)
    result = run(user.initiate_chat, talker("other", "yes"), message="?")
    assert result.human_input == ["exit"]
    assert "Provide feedback to other" in prompts[0]


def test_an_async_function_answers(run, agent, talker):
    async def ask(prompt):
        await asyncio.sleep(0)
        return "thanks"

    user = agent("user", human_input_mode="ALWAYS", person=ask)
    result = run(user.initiate_chat, talker("other", "yes"), message="?", max_turns=2)
    assert [message["content"] for message in result.chat_history] == ["?", "yes", "thanks"]


def test_answers_come_from_a_queue(run, agent, talker):
    answers = queue.Queue()
    user = agent("user", human_input_mode="ALWAYS", person=answers)
    threading.Timer(0.05, answers.put, ["exit"]).start()
    assert run(user.initiate_chat, talker("other", "yes"), message="?").stop_reason.kind == "human_exit"


def test_answers_come_from_an_async_queue_when_they_are_asked_for(agent, talker):
    async def main():
        answers = asyncio.Queue()
        user = agent("user", human_input_mode="ALWAYS", person=answers)
        asked = []
        async for event in user.stream_chat(talker("other", "yes", "bye"), message=None):
            if isinstance(event, InputRequested):
                asked.append(event.prompt)
                await answers.put("exit" if len(asked) == 2 else "well?")
        return asked, user.human_input

    asked, typed = asyncio.run(main())
    assert typed == ["well?", "exit"]
    assert [prompt[:4] for prompt in asked] == [">", "Repl"]


def test_who_cannot_be_asked_is_refused(agent):
    with pytest.raises(AgentError, match="user: person is a function of the prompt, or a queue"):
        agent("user", person="me")
