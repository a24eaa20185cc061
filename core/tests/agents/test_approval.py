"""Approval: a person or a function is asked before a call, and what they refuse is told to the model."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quorate import AgentError, ConversableAgent
from quorate.events import ToolEnded


def asking(*numbers):
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": "delete", "arguments": f'{{"file": {n}}}'}}
        for n in numbers
    ]
    return [{"role": "assistant", "content": None, "tool_calls": calls}]


class Deleter(ConversableAgent):
    """Deletes, and has a person with prepared answers."""

    def __init__(self, kernel, approve, *answers):
        super().__init__("deleter", human_input_mode="NEVER", kernel=kernel)
        self.deleted, self.prompts, self.answers = [], [], list(answers)
        self.threads = set()

        def delete(file: int) -> str:
            self.deleted.append(file)
            return "deleted"

        self.register_for_execution(approve=approve)(delete)

    def get_human_input(self, prompt):
        self.prompts.append(prompt)
        self.threads.add(threading.current_thread())
        return self.answers.pop(0)


def contents(reply):
    return [one["content"] for one in reply["tool_responses"]]


REFUSED = "Error: delete was not run: approval was refused"


@pytest.mark.parametrize(
    ("answer", "content"),
    [
        ("yes", "deleted"),
        (" Y ", "deleted"),
        ("", REFUSED),
        ("no", f"{REFUSED}: no"),
        ("ask me tomorrow", f"{REFUSED}: ask me tomorrow"),
    ],
)
def test_a_person_is_asked(kernel, run, answer, content):
    deleter = Deleter(kernel, "human", answer)
    assert contents(run(deleter.generate_reply, asking(1))) == [content]
    assert deleter.deleted == [1] * (content == "deleted")
    assert deleter.prompts == [
        "deleter is asked to run delete({\"file\": 1}). Type 'yes' to allow it, or say why not: "
    ]


def test_a_person_is_asked_one_question_at_a_time_where_the_chat_was_begun(kernel):
    deleter = Deleter(kernel, "human", "yes", "not this one", "yes")
    reply = deleter.generate_reply(asking(1, 2, 3))
    assert contents(reply) == ["deleted", f"{REFUSED}: not this one", "deleted"]
    assert sorted(deleter.deleted) == [1, 3]
    assert deleter.threads == {threading.current_thread()}


def plain(agent, call):
    return "2" not in call["function"]["arguments"] or f"{agent.name} keeps file 2"


async def later(agent, call):
    await asyncio.sleep(0)
    return plain(agent, call)


@pytest.mark.parametrize("approve", [plain, later])
def test_a_function_is_asked(kernel, run, approve):
    told = []
    kernel.observers.add(told.append)
    deleter = Deleter(kernel, approve)
    assert contents(run(deleter.generate_reply, asking(1, 2))) == ["deleted", f"{REFUSED}: deleter keeps file 2"]
    assert deleter.deleted == [1]
    assert sorted(event.failed for event in told if isinstance(event, ToolEnded)) == [False, True]


def test_false_refuses_without_words(kernel, run):
    deleter = Deleter(kernel, lambda agent, call: False)
    assert contents(run(deleter.generate_reply, asking(1))) == [REFUSED]


def test_an_answer_that_is_none_runs_nothing(kernel, run):
    deleter = Deleter(kernel, lambda agent, call: None)
    with pytest.raises(AgentError, match=r"asked to approve delete, .* gave None; it must give True, False or why not"):
        run(deleter.generate_reply, asking(1))
    assert not deleter.deleted


def test_a_function_that_fails_runs_nothing(kernel, run):
    def fail(agent, call):
        raise LookupError("no policy")

    deleter = Deleter(kernel, fail)
    with pytest.raises(LookupError, match="no policy"):
        run(deleter.generate_reply, asking(1))
    assert not deleter.deleted


def test_nobody_is_bothered_with_a_call_that_cannot_be_run(kernel, run):
    deleter = Deleter(kernel, "human")
    (content,) = contents(run(deleter.generate_reply, asking('"x"')))
    assert content.startswith("Error: the arguments of delete do not fit: file: Input should be a valid integer")
    assert not deleter.prompts


def test_a_program_that_calls_directly_asks_too(kernel, run):
    deleter = Deleter(kernel, "human", "no")
    done, message = run(deleter.execute_function, {"name": "delete", "arguments": '{"file": 1}'})
    assert (done, message["content"]) == (False, f"{REFUSED}: no")


def test_approval_belongs_to_a_registration(kernel, run):
    deleter = Deleter(kernel, "human")
    deleter.register_function({"delete": deleter.function_map["delete"]})
    assert contents(run(deleter.generate_reply, asking(1))) == ["deleted"]
