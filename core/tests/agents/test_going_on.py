"""After a failure nothing is lost: histories hold what was said, and the conversation goes on from there."""

from __future__ import annotations

import pytest

from quorate import AgentError, ExecutorError, ModelError, ModelsExhausted
from quorate.testing import ScriptedExecutor

CALL = {"id": "c1", "type": "function", "function": {"name": "look_up", "arguments": '{"word": "tea"}'}}
HELLO = "hello"


def failing(kind, make):
    """Agents of which the second fails once: with what, and what it says when it is asked again."""
    thinker, talker, agent = make
    user = talker("user")
    if kind == "model":
        return user, thinker("two", ModelError("no", kind="bad_request"), "mended")[0], ModelsExhausted
    if kind == "reply function":
        return user, talker("two", ValueError("broken"), "mended"), ValueError
    if kind == "executor":
        executor = ScriptedExecutor(script=[ExecutorError("no engine"), "mended"])
        return user, agent("two", code_execution_config={"executor": executor}), ExecutorError
    if kind == "nested chat":
        outer = agent("two")
        outer.register_nested_chats([{"recipient": talker("in", ValueError("broken"), "mended"), "max_turns": 1}], user)
        return user, outer, ValueError
    two, left = talker("two", "mended", "mended"), [ValueError("broken")]

    def hook(messages):
        if left:
            raise left.pop()
        return messages

    two.register_hook("process_all_messages_before_reply", hook)
    return user, two, ValueError


KINDS = ["model", "reply function", "executor", "nested chat", "hook"]
CODE = "```python\nprint('mended')\n```"


@pytest.mark.parametrize("kind", KINDS)
def test_the_answer_that_failed_is_asked_for_again(thinker, talker, agent, run, texts, kind):
    user, two, error = failing(kind, (thinker, talker, agent))
    with pytest.raises(error):
        run(user.initiate_chat, two, message=CODE)
    assert texts(user.chat_messages[two]) == texts(two.chat_messages[user]) == [CODE]
    assert two.conversations.of(user).auto_replies == 0, "an answer that was not made does not count"
    chat = run(user.resume_chat, two, max_turns=1)
    assert "mended" in chat.summary
    assert len(user.chat_messages[two]) == len(two.chat_messages[user]) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_the_chat_goes_on_with_another_message(thinker, talker, agent, run, texts, kind):
    user, two, error = failing(kind, (thinker, talker, agent))
    with pytest.raises(error):
        run(user.initiate_chat, two, message=CODE)
    chat = run(user.initiate_chat, two, message=CODE, clear_history=False, max_turns=1)
    assert "mended" in chat.summary
    assert len(two.chat_messages[user]) == 3


def test_a_failing_tool_is_a_result_and_the_calls_beside_it_count(thinker, agent, run):
    calls = [CALL, {**CALL, "id": "c2", "function": {"name": "fail", "arguments": "{}"}}]

    def fail():
        raise ValueError("broken")

    model, client = thinker("model", "I see.")
    runner = agent("runner", function_map={"look_up": lambda word: f"{word} is a drink", "fail": fail})
    run(model.send, {"content": None, "tool_calls": calls}, runner)
    run(runner.send, run(runner.generate_reply, sender=model), model)
    assert run(model.generate_reply, sender=runner) == "I see."
    told = [message for message in client.requests[0].messages if message["role"] == "tool"]
    assert [message["tool_call_id"] for message in told] == ["c1", "c2"]
    assert told[0]["content"] == "tea is a drink"
    assert "broken" in told[1]["content"]


def test_results_survive_a_model_that_fails_after_them(thinker, agent, run):
    """The tools have run; when the chat goes on, the model is told, and they do not run again."""
    ran = []

    def look_up(word):
        ran.append(word)
        return f"{word} is a drink"

    model, client = thinker("model", ModelError("no", kind="bad_request"), "I see. TERMINATE")
    runner = agent("runner", function_map={"look_up": look_up})
    with pytest.raises(ModelsExhausted):
        run(model.initiate_chat, runner, message={"content": None, "tool_calls": [CALL]})
    assert run(model.resume_chat, runner).summary == "I see."
    assert ran == ["tea"]
    assert [message["role"] for message in client.requests[1].messages][-2:] == ["assistant", "tool"]


def test_a_message_that_could_not_be_taken_is_still_said(kernel, agent, run, texts):
    class Full(type(agent())):
        def receive(self, message, sender, request_reply=None, silent=False):
            raise AgentError("the box is full")

    one, two = agent("one"), Full("two", kernel=kernel)
    with pytest.raises(AgentError, match="full"):
        run(one.send, HELLO, two)
    assert texts(one.chat_messages[two]) == [HELLO]
