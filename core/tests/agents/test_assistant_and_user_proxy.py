"""The two agents most programs begin with: their defaults, and the main job between them."""

from __future__ import annotations

import pytest

from quorate import AssistantAgent, UserProxyAgent
from quorate.testing import ScriptedClient


def test_the_assistant(kernel):
    made = AssistantAgent("assistant", kernel=kernel)
    assert (made.human_input_mode, made.code_execution, made.client) == ("NEVER", None, None)
    for needed in ("```python", "```sh", "# filename: <name>", "TERMINATE"):
        assert needed in made.system_message
    assert made.description != made.system_message
    assert made.system_message == AssistantAgent.DEFAULT_SYSTEM_MESSAGE


def test_an_assistant_with_instructions_of_its_own(kernel):
    made = AssistantAgent("assistant", "Translate to French.", kernel=kernel)
    assert made.system_message == made.description == "Translate to French."
    assert AssistantAgent("a", description="Mine.", kernel=kernel).description == "Mine."


@pytest.mark.parametrize("mode", ["ALWAYS", "TERMINATE", "NEVER"])
def test_the_user_proxy(kernel, mode):
    made = UserProxyAgent("user", human_input_mode=mode, code_execution_config={"executor": "local"}, kernel=kernel)
    assert (made.client, made.system_message) == (None, "")
    assert "code" in made.description or mode == "ALWAYS"
    assert UserProxyAgent("user", description="Me.", code_execution_config=False, kernel=kernel).description == "Me."


def test_the_user_proxy_asks_always_and_runs_code_by_default(kernel):
    made = UserProxyAgent("user", kernel=kernel)
    assert made.human_input_mode == "ALWAYS"
    assert made.code_execution is not None


def test_the_main_job(kernel, run, tmp_path):
    """Two agents solve a task by writing code, running it and reading the result."""
    code = "```python\n# filename: squares.py\nprint(sum(n * n for n in range(10)))\n```"
    kernel.register(
        ScriptedClient(script=[code, lambda request: f"{request.messages[-1]['content']} TERMINATE"]), "model"
    )
    assistant = AssistantAgent("assistant", llm_config={"model": "any"}, kernel=kernel)
    user = UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config={"executor": "local", "work_dir": str(tmp_path / "work")},
        kernel=kernel,
    )
    chat = run(user.initiate_chat, assistant, message="What is the sum of the squares below 100?")
    assert chat.summary == "exitcode: 0 (execution succeeded)\nCode output: \n285"
    assert (tmp_path / "work" / "squares.py").is_file()
    assert chat.stop_reason.kind == "termination_message"
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.0
