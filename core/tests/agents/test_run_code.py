"""Running code by hand: ``run_code`` and ``execute_code_blocks``, as AutoGen 0.2 has them."""

from __future__ import annotations

import pytest

from quorate import AgentError, CodeBlock, ConfigError, ConversableAgent, ExecutorError
from quorate.events import CodeEnded, CodeStarted
from quorate.testing import ScriptedExecutor


@pytest.fixture
def runner(agent, tmp_path):
    def make(**config):
        config = {"executor": "local", "work_dir": str(tmp_path / "work"), **config}
        return agent("runner", code_execution_config=config)

    return make


def test_code_is_run_and_its_output_given(runner, run):
    assert run(runner().run_code, "print(6 * 7)") == (0, "42\n", None)
    assert run(runner().run_code, "echo 42; exit 3", lang="SH") == (3, "42\n", None)


@pytest.mark.parametrize(
    ("lang", "first"),
    [("python", "# filename: a/x"), ("html", "<!-- filename: a/x -->"), ("css", "/* filename: a/x */")],
)
def test_it_can_be_saved_under_a_name(runner, run, tmp_path, lang, first):
    code, _, _ = run(runner().run_code, "1", lang=lang, filename="a/x")
    assert code == 0
    assert (tmp_path / "work/a/x").read_text() == f"{first}\n1\n"


def test_a_name_that_leads_out_is_refused(runner, run, tmp_path):
    code, logs, _ = run(runner().run_code, "1", filename="../x")
    assert (code, "leads out of the work directory" in logs) == (1, True)
    with pytest.raises(ValueError, match="one line"):
        run(runner().run_code, "1", filename="x\nimport os")


def test_options_hold_for_this_code_only(runner, run, tmp_path):
    agent = runner()
    code, logs, _ = run(agent.run_code, "while True: pass", timeout=0.3)
    assert (code, "after 0.3 seconds" in logs) == (124, True)
    where = "import os; print(os.path.basename(os.getcwd()))"
    assert run(agent.run_code, where, work_dir=str(tmp_path / "other"))[1] == "other\n"
    assert run(agent.run_code, where, use_docker=False)[1] == "work\n"
    assert run(agent.run_code, where)[1] == "work\n"


def test_options_of_an_executor_object_are_its_own(agent, run):
    made = agent("a", code_execution_config={"executor": ScriptedExecutor(script=[])})
    with pytest.raises(ConfigError, match="timeout belong to the executor"):
        run(made.run_code, "1", timeout=3)


def test_blocks_run_in_order_until_one_fails(runner, run):
    blocks = [("python", "print(1)"), ("", "print(2)"), CodeBlock("exit 4", "sh"), ("py", "print(3)")]
    assert run(runner().execute_code_blocks, blocks) == (4, "1\n2\n")
    assert run(runner().execute_code_blocks, [("quantum", "x")])[0] == 1
    assert run(runner().execute_code_blocks, [])[0] == 1


def test_the_image_is_told_where_there_is_one(agent, run):
    executor = ScriptedExecutor(script=["in a box"])
    executor.image = "python:3-slim"
    made = agent("a", code_execution_config={"executor": executor})
    assert run(made.run_code, "1") == (0, "in a box", "python:3-slim")


def test_an_agent_that_runs_no_code_says_so(agent, run):
    for method in ("run_code", "execute_code_blocks"):
        with pytest.raises(AgentError, match="nobody runs no code; give it a code_execution_config"):
            run(getattr(agent("nobody"), method), "1")


def test_observers_are_told(kernel, runner, run):
    told = []
    kernel.observers.add(told.append)
    run(runner().run_code, "print(1)")
    assert [type(each) for each in told] == [CodeStarted, CodeEnded]


def test_what_is_no_result_is_an_error(agent, run):
    class Broken:
        def execute_code_blocks(self, blocks):
            return "text"

    made = agent("a", code_execution_config={"executor": Broken()})
    with pytest.raises(ExecutorError, match=r"must give a quorate\.CodeResult"):
        run(made.run_code, "1")


# -- AutoGen 0.2's way of naming an executor


def test_options_may_stand_under_the_executors_name(kernel, run, tmp_path):
    config = {
        "executor": "commandline-local",
        "commandline-local": {"work_dir": str(tmp_path / "work"), "timeout": 0.3},
        "last_n_messages": 1,
    }
    given = {**config, "commandline-local": dict(config["commandline-local"])}
    made = ConversableAgent("a", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
    assert run(made.run_code, "while True: pass")[0] == 124
    assert config == given, "a caller's dict is the caller's own"
    with pytest.raises(ConfigError, match=r"code_execution_config\.local: must be a dict"):
        ConversableAgent("a", code_execution_config={"executor": "local", "local": 3}, kernel=kernel)
