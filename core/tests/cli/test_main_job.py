"""`quorate chat` and `quorate demo`: an installed model writes code, it is run, and the result is used."""

from __future__ import annotations

import os
import pty
import subprocess

import pytest

PLUGIN = """
from quorate import ModelClientRecord, hookimpl

@hookimpl
def quorate_model_clients():
    yield ModelClientRecord(name="tiny", factory="quorate_tiny._client:Client", default=True)
"""

CLIENT = r"""
import re
from quorate import CreateResult, Usage
from quorate.testing import ScriptedClient

def write(request):
    asked = request.messages[-1]["content"]
    numbers = re.findall(r"\d+", asked)[:2] or ["6", "7"]
    return f"I will compute it.\n```python\nprint({' * '.join(numbers)})\n```"

def read(request):
    return "The result is " + re.findall(r"\d+", request.messages[-1]["content"])[-1] + ". TERMINATE"

class Client(ScriptedClient):
    def __init__(self, config):
        super().__init__(config, script=[write, read] * 5)
"""

CLOSING = """
    async def close(self):
        import pathlib
        pathlib.Path.home().joinpath("closed").write_text("yes")
"""


@pytest.fixture(scope="module")
def house(new_environment):
    """An environment with a model that answers by default."""
    env = new_environment("main-job")
    env.add("quorate-tiny", PLUGIN, modules={"_client.py": CLIENT + CLOSING})
    return env


def test_chat_shows_code_being_written_run_and_its_result_used(house):
    done = house.quorate("chat", "What is 37 * 54?")
    assert (done.returncode, done.stderr) == (0, "")
    steps = [
        "user (to assistant):\nWhat is 37 * 54?\n",
        "assistant (to user):\nI will compute it.\n```python\nprint(37 * 54)\n```\n",
        "[user runs 1 code block (python)]\n",
        "1998",
        "The result is 1998. TERMINATE",
        "[chat of user and assistant ended: ",
    ]
    at = -1
    for step in steps:
        assert step in done.stdout[at + 1 :], done.stdout
        at = done.stdout.index(step, at + 1)
    assert "\x1b" not in done.stdout
    assert (house.home / "closed").read_text() == "yes"


def test_several_tasks_are_one_conversation(house):
    done = house.quorate("chat", "What is 2 * 3?", "And 4 * 5?")
    assert done.returncode == 0
    assert "The result is 6. TERMINATE" in done.stdout
    assert "The result is 20. TERMINATE" in done.stdout
    assert done.stdout.count("chat of user and assistant ended") == 2


def test_demo_needs_nothing(house):
    done = house.quorate("demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert "[user runs 1 code block (python)]" in done.stdout
    assert "The result is 42. TERMINATE" in done.stdout


def test_the_executors_code_does_not_land_in_the_working_directory(house):
    before = sorted(path.name for path in house.home.iterdir())
    house.quorate("demo")
    assert sorted({*before, "closed"}) == sorted(path.name for path in house.home.iterdir())


def test_max_turns_ends_the_chat_before_the_result_is_used(house):
    done = house.quorate("chat", "--max-turns", "1", "What is 2 * 3?")
    assert done.returncode == 0
    assert "I will compute it." in done.stdout
    assert "The result is" not in done.stdout


def test_a_time_limit_is_given_to_the_code(house):
    done = house.quorate("chat", "--timeout", "0.0", "What is 2 * 3?")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "timeout" in done.stderr


def test_an_unknown_executor(house):
    done = house.quorate("chat", "--executor", "docker", "What is 2 * 3?")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: no code executor is named 'docker'; installed: local; "
        "it comes with: pip install quorate-docker-executor\n"
    )


def test_without_any_model_the_error_says_what_to_install(env):
    done = env.quorate("chat", "What is 2 * 3?")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: no model client is named 'tiny'; installed: none")
    assert done.stderr.endswith("pip install quorate-tiny-model\n")


def test_a_config_list_chooses_another_model(house):
    done = house.quorate("chat", "Hello", OAI_CONFIG_LIST='[{"model": "m", "client": "other"}]')
    assert done.returncode == 1
    assert "no model client is named 'other'; installed: tiny" in done.stderr
    assert "tiny" not in done.stdout


def test_no_task_is_a_usage_error(house):
    done = house.quorate("chat")
    assert (done.returncode, "Missing argument 'TASK...'" in done.stderr) == (2, True)


@pytest.mark.parametrize(("variables", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_colours_on_a_terminal(house, variables, coloured):
    ours, theirs = pty.openpty()
    kept = {"PATH": os.environ["PATH"], "HOME": str(house.home), "TERM": "xterm", **variables}
    process = subprocess.Popen(
        [house.python, "-m", "quorate", "demo"], env=kept, cwd=house.home, stdin=subprocess.DEVNULL, stdout=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    assert process.wait(60) == 0
    assert b"The result is 42." in written
    assert (b"\x1b[" in written) is coloured
