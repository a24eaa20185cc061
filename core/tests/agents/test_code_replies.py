"""Code replies: which code of a conversation is run, by which executor, and what is said of it."""

from __future__ import annotations

import asyncio

import pytest

from quorate import (
    CodeExecutorRecord,
    CodeResult,
    ConfigError,
    ConversableAgent,
    ExecutorError,
    UnknownName,
    UserProxyAgent,
    hookimpl,
)
from quorate.events import CodeEnded, CodeStarted
from quorate.testing import ScriptedExecutor, isolated_kernel


def fence(code, language="python"):
    return f"```{language}\n{code}\n```"


def said(*contents):
    """A conversation as the one who runs code sees it; ``me: ...`` is its own."""
    own = [content.removeprefix("me: ") for content in contents]
    roles = ["assistant" if content.startswith("me: ") else "user" for content in contents]
    return [{"role": role, "content": content} for role, content in zip(roles, own, strict=True)]


@pytest.fixture
def runner(kernel, tmp_path):
    """Make an agent that runs code on this machine."""

    def make(**config):
        config = {"executor": "local", "work_dir": str(tmp_path / "work"), **config}
        return ConversableAgent("runner", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)

    return make


def test_code_is_run_and_its_output_told(kernel, runner, run):
    told = []
    kernel.observers.add(told.append)
    reply = run(runner().generate_reply, said(f"Try this:\n{fence('print(6 * 7)')}\nand tell me."))
    assert reply == "exitcode: 0 (execution succeeded)\nCode output: \n42\n"
    started, ended = told
    assert isinstance(started, CodeStarted)
    assert [(block.language, block.code.strip()) for block in started.blocks] == [("python", "print(6 * 7)")]
    assert isinstance(ended, CodeEnded)
    assert (ended.result.exit_code, ended.result.output) == (0, "42\n")


def test_several_blocks_run_in_order_and_stop_at_the_first_that_fails(runner, run):
    text = "\n".join([fence("print('one')"), fence("echo two; exit 3", "sh"), fence("print('three')")])
    assert run(runner().generate_reply, said(text)) == "exitcode: 3 (execution failed)\nCode output: \none\ntwo\n"


def test_failing_code_is_told_and_raises_nothing(runner, run):
    reply = run(runner().generate_reply, said(fence("raise ValueError('too bad')")))
    assert reply.startswith("exitcode: 1 (execution failed)\nCode output: \nTraceback")
    assert "ValueError: too bad" in reply


def test_an_unknown_language_is_told(runner, run):
    reply = run(runner().generate_reply, said(fence("let x = 1;", "quantum")))
    assert reply.startswith("exitcode: 1 (execution failed)")
    assert "quantum" in reply


def test_code_that_was_cut_off_is_not_run(runner, run):
    reply = run(runner().generate_reply, said("```python\nprint('half a"))
    assert reply.startswith("exitcode: 1 (execution failed)")
    assert "no closing fence, so it was not run" in reply


def test_a_conversation_without_code_goes_on(runner, run):
    assert run(runner().generate_reply, said("no code here", "`print(1)` is none either")) is None


ONE, TWO, THREE = (fence(f"print({n})") for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("last_n", "messages", "output"),
    [
        ("auto", said(ONE, "me: ran it", TWO, "words"), "2"),
        ("auto", said(ONE, "me: ran it", "words"), None),
        ("auto", said(ONE, TWO), "2"),
        (0, said(ONE), None),
        (1, said(ONE, TWO), "2"),
        (1, said(ONE, "words"), None),
        (2, said(ONE, "words"), "1"),
        (2, said(ONE, "words", "words"), None),
        (3, said(ONE, "me: ran it", "words"), "1"),
        (99, said(ONE, "me: ran it", "words"), "1"),
    ],
)
def test_how_far_back_code_is_looked_for(kernel, run, last_n, messages, output):
    executor = ScriptedExecutor(script=["ran"])
    config = {"executor": executor, "last_n_messages": last_n}
    runner = ConversableAgent("runner", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
    reply = run(runner.generate_reply, messages)
    if output is None:
        assert (reply, executor.calls) == (None, [])
    else:
        assert [block.code.strip() for block in executor.calls[0]] == [f"print({output})"]


@pytest.mark.parametrize("value", [-1, "all", 1.5, True, None])
def test_no_such_number_of_messages(runner, value):
    with pytest.raises(ConfigError, match=r'code_execution_config.last_n_messages: must be "auto" or a whole number'):
        runner(last_n_messages=value)


# -- which executor


class DockerPlugin:
    """Stands where a docker executor would: offers the name, and keeps its options."""

    def __init__(self):
        self.options = None

    @hookimpl
    def quorate_code_executors(self):
        yield CodeExecutorRecord(name="docker", factory=self.make, summary="", isolation="container", network=False)

    def make(self, **options):
        self.options = options
        return ScriptedExecutor(script=["in a container"])


@pytest.mark.parametrize(
    ("config", "variable", "options"),
    [
        ({"use_docker": True}, None, {}),
        ({"use_docker": "python:3", "work_dir": "out"}, None, {"image": "python:3", "work_dir": "out"}),
        ({"use_docker": ["a", "b"]}, "0", {"image": ["a", "b"]}),
        ({"use_docker": None}, None, {}),
        ({}, None, {}),
        ({}, "1", {}),
        ({}, "TRUE", {}),
        ({}, " yes ", {}),
        ({"use_docker": False}, None, None),
        ({"use_docker": False}, "1", None),
        ({}, "0", None),
        ({}, "false", None),
        ({}, "No", None),
        ({}, "none", None),
    ],
)
def test_use_docker_and_its_variable(monkeypatch, run, tmp_path, config, variable, options):
    """AutoGen 0.2's values; None stands for the local executor."""
    monkeypatch.delenv("AUTOGEN_USE_DOCKER", raising=False)
    if variable is not None:
        monkeypatch.setenv("AUTOGEN_USE_DOCKER", variable)
    docker = DockerPlugin()
    with isolated_kernel(docker) as kernel:
        if options is None:
            config = {**config, "work_dir": str(tmp_path / "work")}
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
        reply = run(user.generate_reply, said(fence("print('here')")))
    assert docker.options == options
    assert reply.endswith("here\n" if options is None else "in a container")


@pytest.mark.parametrize("value", ["maybe", "2", "docker"])
def test_a_variable_that_says_neither(monkeypatch, kernel, value):
    monkeypatch.setenv("AUTOGEN_USE_DOCKER", value)
    with pytest.raises(ConfigError, match=f"AUTOGEN_USE_DOCKER='{value}': must be one of 1, true"):
        UserProxyAgent("user", kernel=kernel)


@pytest.mark.parametrize("config", [{"use_docker": True}, {"use_docker": "python:3"}, {"executor": "docker"}])
def test_docker_asked_for_and_absent(kernel, config):
    with pytest.raises(UnknownName, match=r"docker.*pip install quorate-docker-executor"):
        UserProxyAgent("user", code_execution_config=config, kernel=kernel)


def test_docker_by_default_and_absent_is_said_only_when_code_is_to_run(monkeypatch, kernel, talker, run):
    """AutoGen 0.2 fails when the agent is made, even if no code is ever run."""
    monkeypatch.delenv("AUTOGEN_USE_DOCKER", raising=False)
    user, other = UserProxyAgent("user", human_input_mode="NEVER", kernel=kernel), talker("other", "no code", ONE)
    assert len(run(user.initiate_chat, other, message="hello").chat_history) == 2
    with pytest.raises(UnknownName, match=r"docker.*pip install quorate-docker-executor"):
        run(user.initiate_chat, other, message="hello")
    assert user.last_message()["content"] == ONE, "nothing that was said is lost"


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"executor": "local", "use_docker": False}, "executor and use_docker both choose the executor"),
        ({"executor": 42}, "42 has no execute_code_blocks; give a name or an executor"),
        ({"executor": ScriptedExecutor(script=[]), "timeout": 3}, "timeout belong to the executor"),
        ({"use_docker": 3}, "use_docker: must be True, False, an image or a list of images, not 3"),
        ("local", "must be False or a dict, not str"),
        (True, "must be False or a dict, not bool"),
    ],
)
def test_a_config_that_contradicts_itself(kernel, config, text):
    with pytest.raises(ConfigError, match=f"code_execution_config.*{text}"):
        ConversableAgent("a", code_execution_config=config, kernel=kernel)


def test_an_option_the_executor_does_not_take(runner, run):
    with pytest.raises(
        ConfigError, match=r"code_execution_config: the executor 'local' does not take these options.*colour"
    ):
        run(runner(colour="red").generate_reply, said(ONE))


@pytest.mark.parametrize("config", [False, None])
def test_no_code_execution(kernel, run, config):
    made = ConversableAgent("a", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
    assert made.code_executor is None
    assert run(made.generate_reply, said(ONE)) is None


class Old:
    """An executor of AutoGen 0.2: plain methods, and a result class of its own."""

    class Result:
        def __init__(self, exit_code, output):
            self.exit_code, self.output = exit_code, output

    def execute_code_blocks(self, code_blocks):
        return self.Result(0, f"{len(code_blocks)} of {code_blocks[0].language}")


class New:
    async def execute_code_blocks(self, blocks):
        await asyncio.sleep(0)
        return CodeResult(0, f"{len(blocks)} of {blocks[0].language}")


@pytest.mark.parametrize("executor", [Old(), New()])
def test_an_executor_object(kernel, run, executor):
    made = ConversableAgent("a", human_input_mode="NEVER", code_execution_config={"executor": executor}, kernel=kernel)
    assert made.code_executor is executor
    assert run(made.generate_reply, said(ONE + "\n" + TWO)).endswith("Code output: \n2 of python")


class Broken:
    def __init__(self, result):
        self.result = result

    def execute_code_blocks(self, blocks):
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize("result", [None, "text", (0, "output")])
def test_an_executor_that_gives_no_result(kernel, run, result):
    config = {"executor": Broken(result)}
    made = ConversableAgent("runner", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
    with pytest.raises(
        ExecutorError, match=r"runner: the executor .*Broken.* gave .*; it must give a quorate.CodeResult"
    ):
        run(made.generate_reply, said(ONE))


def test_an_executor_that_cannot_run_leaves_the_conversation_whole(kernel, talker, run, texts):
    executor = ScriptedExecutor(script=[ExecutorError("the engine is off"), "42\n"])
    config = {"executor": executor}
    user = ConversableAgent("user", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
    other = talker("other", ONE, TWO)
    with pytest.raises(ExecutorError, match="the engine is off"):
        run(user.initiate_chat, other, message="go")
    assert texts(user.chat_messages[other]) == texts(other.chat_messages[user]) == ["go", ONE]
    chat = run(user.initiate_chat, other, message="again", clear_history=False)
    assert texts(chat.chat_history)[:2] == ["again", TWO]
    assert texts(chat.chat_history)[2].endswith("42\n")


def test_a_user_proxy_that_always_asks_runs_nothing_the_person_answers(kernel, run):
    class Careful(UserProxyAgent):
        def get_human_input(self, prompt):
            return "do not run that"

    executor = ScriptedExecutor(script=[])
    careful = Careful("user", code_execution_config={"executor": executor}, kernel=kernel)
    assert run(careful.generate_reply, said(ONE)) == "do not run that"
    assert executor.calls == []


def test_config_dicts_are_the_callers_own(runner, tmp_path):
    config = {"last_n_messages": 2, "work_dir": str(tmp_path / "w")}
    runner(**config)
    given = {"executor": "local", **config}
    before = dict(given)
    ConversableAgent("a", code_execution_config=given, kernel=runner().kernel)
    assert given == before
