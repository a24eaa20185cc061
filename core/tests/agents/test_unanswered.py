"""Tool calls that nobody answered: the conversation goes on, and endpoints accept its history."""

from __future__ import annotations

import pytest

from quorate import CreateResult
from quorate.agents.unanswered import NOT_RUN, answered


def call(number):
    return {"id": f"c{number}", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def said(*numbers):
    return {"role": "assistant", "content": None, "tool_calls": [call(number) for number in numbers]}


def told(number, content="fine"):
    return {"role": "tool", "content": content, "tool_call_id": f"c{number}"}


USER = {"role": "user", "content": "hello"}


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [USER, {"role": "assistant", "content": "hello"}],
        [USER, said(1, 2), told(2), told(1), USER],
        [said(1), told(1), said(1), told(1)],
        [{"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "f"}}]}, {"role": "tool"}],
    ],
)
def test_messages_with_every_answer_are_left_alone(messages):
    assert answered(messages) is messages


def test_answers_stand_where_the_wire_wants_them():
    assert answered([said(1, 2), told(2), USER, said(1), told(1), said(3)]) == [
        said(1, 2),
        told(2),
        told(1, NOT_RUN),
        USER,
        said(1),
        told(1),
        said(3),
        told(3, NOT_RUN),
    ]


def roles(request):
    return [message["role"] for message in request.messages if message["role"] != "system"]


def test_a_chat_that_stopped_before_a_call_was_answered_goes_on(thinker, agent, run):
    model, client = thinker("model", CreateResult([call(1)], finish_reason="tool_calls"), "hello again")
    user = agent("user", function_map={"f": lambda: "fine"})
    run(user.initiate_chat, model, message="go", max_turns=1)
    chat = run(user.initiate_chat, model, message="go on", max_turns=1, clear_history=False)
    assert chat.summary == "hello again"
    assert roles(client.requests[1]) == ["user", "assistant", "tool", "user"]
    assert client.requests[1].messages[-2] == told(1, NOT_RUN)
    kept = [message["content"] for message in user.chat_messages[model]]
    assert kept == ["go", None, "go on", "hello again"], "the history holds what was said, and no more"


def test_a_chat_whose_approval_failed_goes_on(thinker, agent, run):
    def fail(agent, call):
        raise LookupError("no policy")

    model, client = thinker("model", CreateResult([call(1)], finish_reason="tool_calls"), "hello again")
    user = agent("user")

    def f(): ...

    user.register_for_execution(approve=fail)(f)
    with pytest.raises(LookupError):
        run(user.initiate_chat, model, message="go")
    run(user.initiate_chat, model, message="go on", max_turns=1, clear_history=False)
    assert roles(client.requests[1]) == ["user", "assistant", "tool", "user"]


def test_a_summary_is_asked_of_a_chat_that_stopped_there(thinker, agent, run):
    model, client = thinker("model", CreateResult([call(1)], finish_reason="tool_calls"), "a summary")
    user = agent("user", function_map={"f": lambda: "fine"})
    chat = run(user.initiate_chat, model, message="go", max_turns=1, summary_method="reflection_with_llm")
    assert chat.summary == "a summary"
    assert roles(client.requests[1])[:3] == ["user", "assistant", "tool"]
