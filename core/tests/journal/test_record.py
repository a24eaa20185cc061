"""What is recorded, and read back when the same program runs again under the same name."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing

import pytest

import quorate
from quorate import (
    AssistantAgent,
    ConversableAgent,
    JournalError,
    ModelError,
    StepDiffers,
    StepInterrupted,
    UserProxyAgent,
    call,
    gather,
    kernel_code,
    record,
    replay,
)
from quorate._drive import current_step, drive
from quorate.events import TextPart
from quorate.testing import ScriptedClient, ScriptedExecutor, isolated_kernel


@pytest.fixture
def path(tmp_path):
    return tmp_path / "runs.db"


class Crash(BaseException):
    """Ends a program as a kill does, without an end of the step that is under way."""


def performed(func, path, *, mode=record, **options):
    """What kernel code gives in a run."""
    with mode(path, run="r", **options):
        return drive(func())


def steps(path):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT address, kind FROM intent ORDER BY id").fetchall()


# -- a conversation


def solve(path, mode, *, script, runs, message="What is 6 * 7?", observers=()):
    """Two agents solve a task with code; gives the chat, the model and the executor."""
    model, executor = ScriptedClient(script=script), ScriptedExecutor(script=runs)
    with isolated_kernel(model, executor, observers=observers) as kernel:
        assistant = AssistantAgent("assistant", llm_config={"model": "any"}, kernel=kernel)
        run = {"executor": "scripted"}
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=run, kernel=kernel)
        with mode(path, run="r"):
            chat = user.initiate_chat(assistant, message=message)
        return chat, assistant.get_total_usage(), model, executor


SCRIPT = ["```python\nprint(6 * 7)\n```", "It is 42. TERMINATE"]


def test_a_run_that_ended_is_read_back_with_its_costs_and_asks_nobody(path):
    chat, used, *_ = solve(path, record, script=SCRIPT, runs=["42\n"])
    again, used_again, model, executor = solve(path, record, script=[], runs=[])
    assert (again, used_again) == (chat, used)
    assert (model.requests, executor.calls) == ([], [])
    assert steps(path) == [("0", "model"), ("1", "code"), ("2", "model")]


def test_a_run_that_broke_off_goes_on_with_the_step_that_was_under_way(path):
    def crash(_):
        raise Crash

    with pytest.raises(Crash):
        solve(path, record, script=[SCRIPT[0], crash], runs=["42\n"])
    chat, _, model, executor = solve(path, record, script=SCRIPT[1:], runs=[])
    assert chat.chat_history[-1]["content"] == "It is 42. TERMINATE"
    assert (len(model.requests), executor.calls) == (1, [])


def test_a_streamed_answer_is_told_again_from_its_result(path):
    def heard(mode, script):
        parts = []

        def hear(event):
            if isinstance(event, TextPart):
                parts.append(event.text)

        chat, *_ = solve(path, mode, script=script, runs=["42\n"], observers=[hear])
        return chat, "".join(parts)

    assert heard(record, SCRIPT) == heard(replay, [])


def test_an_answer_that_was_streamed_serves_a_program_that_does_not_listen(path):
    chat, *_ = solve(path, record, script=SCRIPT, runs=["42\n"], observers=[lambda _: None])
    assert solve(path, replay, script=[], runs=[])[0] == chat


def test_a_run_under_an_event_loop_is_the_same_run(path):
    async def talk(script):
        async with isolated_kernel(ScriptedClient(script=script)) as kernel:
            one = ConversableAgent("one", kernel=kernel, human_input_mode="NEVER", default_auto_reply="go on")
            two = ConversableAgent("two", llm_config={"model": "m"}, kernel=kernel, human_input_mode="NEVER")
            async with record(path, run="r"):
                return await one.a_initiate_chat(two, message="hello", max_turns=2)

    assert asyncio.run(talk(["a", "b"])) == asyncio.run(talk([]))


def test_a_person_who_is_asked_by_a_method_of_the_program_is_asked_once(path):
    asked = []

    class Person(ConversableAgent):
        def get_human_input(self, prompt):
            asked.append(prompt)
            return f"answer {len(asked)}"

    def talk(mode, assign):
        with isolated_kernel() as kernel:
            one = ConversableAgent("one", kernel=kernel, human_input_mode="NEVER", default_auto_reply="go on")
            two = (ConversableAgent if assign else Person)("two", kernel=kernel, human_input_mode="ALWAYS")
            if assign:
                two.get_human_input = lambda prompt: Person.get_human_input(two, prompt)
            with mode(path, run=f"{assign}"):
                return one.initiate_chat(two, message="hello", max_turns=2)

    for assign in (False, True):
        asked.clear()
        first = talk(record, assign)
        assert talk(record, assign) == talk(replay, assign) == first
        assert len(asked) == 2


# -- single steps


def test_branches_are_told_apart_by_address_whichever_is_quicker(path):
    @kernel_code
    async def branch(name):
        return [await call("reply", lambda number: (True, f"{name} {number}"), number) for number in (1, 2)]

    async def both():
        return await gather(branch("a"), branch("b"))

    given = performed(both, path)
    assert sorted(steps(path)) == [(f"0.{one}.{two}", "reply") for one in (0, 1) for two in (0, 1)]
    assert performed(both, path, mode=replay) == given


def test_steps_inside_a_plain_reply_function_that_broke_off_are_read_back(path):
    done = []

    def answer(crash):
        first = drive(call("human", lambda: done.append("asked") or "yes"))
        if crash:
            raise Crash
        return True, first

    with pytest.raises(Crash):
        performed(lambda: call("reply", answer, True), path)
    assert performed(lambda: call("reply", answer, False), path) == (True, "yes")
    assert done == ["asked"]


def test_kernel_code_runs_anew_over_its_recorded_steps(path):
    state = []

    @kernel_code
    async def answer():
        state.append(await call("human", lambda: "yes"))
        return True, current_step().address

    for mode in (record, record, replay):
        assert performed(lambda: call("reply", answer), path, mode=mode) == (True, "0")
    assert (state, steps(path)) == (["yes"] * 3, [("0.0", "human")])


def test_code_that_must_not_run_twice_stops_the_run_until_it_is_allowed(path):
    def code():
        raise Crash

    with pytest.raises(Crash):
        performed(lambda: call("code", code), path)
    with pytest.raises(StepInterrupted, match=r"step 0 \(code\) was under way"):
        performed(lambda: call("code", code), path, on_interrupted="raise")
    done = quorate.CodeResult(0, "ok", files=("a.txt",))
    assert performed(lambda: call("code", lambda: done), path, on_interrupted="repeat") == done
    assert performed(lambda: call("code", code), path, on_interrupted="raise") == done


def test_a_failed_step_is_tried_again_unless_the_program_went_on_after_it(path):
    tries = []

    def fail():
        tries.append(1)
        raise ModelError("too long", kind="context_overflow", status=400)

    async def gives_up():
        await call("reply", fail)

    async def goes_on():
        try:
            await call("reply", fail)
        except ModelError as error:
            return await call("human", "{} {}".format, error.kind, error.status)

    for _ in range(2):
        with pytest.raises(ModelError):
            performed(gives_up, path)
    assert performed(goes_on, path) == "context_overflow 400"
    assert len(tries) == 3
    assert performed(goes_on, path) == performed(goes_on, path, mode=replay) == "context_overflow 400"
    assert len(tries) == 3


def test_what_cannot_be_recorded_is_an_error_that_names_step_and_type(path):
    for value, named in ((object(), "a object"), ({1: 2}, "the key 1"), (float("nan"), "a float")):
        with pytest.raises(JournalError, match=rf"step 0 \(human\) gave a .*{named}|{named}"):
            performed(lambda value=value: call("human", lambda: value), path)


def test_an_error_of_the_journal_is_no_result_of_a_tool(path):
    def tool() -> str:
        """Hold something inside."""
        return drive(call("human", object))

    with pytest.raises(JournalError, match="cannot be recorded"):
        performed(lambda: call("tool", quorate.Tool(tool).run, {"name": "tool", "arguments": "{}"}), path)


def test_tool_results_come_back_with_images_and_errors(path):
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}}

    def fails() -> str:
        """Fail."""
        raise LookupError("nothing there")

    for tool in (lambda: image, fails):
        name = f"{path}-{tool.__name__.strip('<>')}"
        run = quorate.Tool(tool, name="x", description="x").run
        first, again = (
            performed(lambda run=run: call("tool", run, {"name": "x", "arguments": "{}"}), name, mode=mode)
            for mode in (record, replay)
        )
        assert again == first
        assert (type(again.error), str(again.error)) == (type(first.error), str(first.error))


def test_secrets_are_not_written(path, monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "correct horse battery")
    secrets = ["sk-abcdefghijklmnopqrstuvwx", "correct horse battery", "ghp_" + "a1" * 18]
    performed(lambda: call("human", lambda prompt: f"use {' '.join(secrets)}", f"may I use {secrets}?"), path)
    written = b"".join(each.read_bytes() for each in path.parent.iterdir())
    assert not any(secret.encode() in written for secret in secrets)
    given = performed(lambda: call("human", lambda prompt: "", f"may I use {secrets}?"), path, mode=replay)
    assert given == "use [scrubbed] [scrubbed] [scrubbed]"


@pytest.mark.parametrize("value", ["half a \ud800 pair", None, True, 0.1, [1, {"a": [None]}], {"": ""}, "NUL \0"])
def test_data_come_back_as_they_were(path, value):
    for mode in (record, replay):
        assert performed(lambda: call("human", lambda _: value, value), path, mode=mode) == value


# -- replay


def test_a_changed_program_fails_at_the_first_step_that_differs_and_shows_how(path):
    solve(path, record, script=SCRIPT, runs=["42\n"])
    for mode in (record, replay):
        with pytest.raises(StepDiffers, match=r"step 0 \(model\) differs") as caught:
            solve(path, mode, script=[], runs=[], message="What is 6 * 8?")
        assert '-   "content": "What is 6 * 7?"' in str(caught.value)
        assert '+   "content": "What is 6 * 8?"' in str(caught.value)


def test_a_replay_performs_nothing_that_was_not_recorded(path):
    async def asks(*questions):
        return [await call("human", str.upper, question) for question in questions]

    performed(lambda: asks("a"), path)
    with pytest.raises(StepDiffers, match=r'step 1 \(human\) was not recorded.*"b"'):
        performed(lambda: asks("a", "b"), path, mode=replay)
    performed(lambda: asks("a", "b"), path)
    with pytest.raises(StepDiffers, match=r"ended without step 1 \(human\)"):
        performed(lambda: asks("a"), path, mode=replay)


def test_a_replay_writes_nothing(path):
    performed(lambda: call("human", str.upper, "a"), path)
    before = path.read_bytes()
    assert performed(lambda: call("human", str.upper, "a"), path, mode=replay) == "A"
    assert path.read_bytes() == before


def test_a_request_is_kept_once_for_all_requests_that_hold_it(path):
    with isolated_kernel(ScriptedClient(script=[str(number) for number in range(40)])) as kernel:
        one = ConversableAgent("one", kernel=kernel, human_input_mode="NEVER", default_auto_reply="x" * 500)
        two = ConversableAgent("two", llm_config={"model": "m"}, kernel=kernel, human_input_mode="NEVER")
        with record(path, run="r"):
            one.initiate_chat(two, message="hello", max_turns=40)
    with closing(sqlite3.connect(path)) as connection:
        (parts,) = connection.execute("SELECT sum(length(data)) FROM part").fetchone()
        last = json.loads(connection.execute("SELECT request FROM intent ORDER BY id DESC").fetchone()[0])
    assert len(last["messages"]) == 80
    assert parts < 10_000
