"""0.2's executors and its functions for code, over the core's."""

from __future__ import annotations

import asyncio
import importlib
import socket
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

import quorate_autogen_compat.install  # noqa: F401 - lets the face answer to `import autogen`
from quorate import ConfigWarning, UnknownName
from quorate.testing import isolated_kernel
from quorate_autogen_compat import AssistantAgent, UserProxyAgent, code_utils
from quorate_autogen_compat.coding import (
    CodeBlock,
    CodeExecutor,
    CodeExecutorFactory,
    CodeExtractor,
    CodeResult,
    LocalCommandLineCodeExecutor,
    MarkdownCodeExtractor,
)
from quorate_autogen_compat.coding.base import CommandLineCodeResult, IPythonCodeResult
from quorate_autogen_compat.coding.func_with_reqs import FunctionWithRequirements, with_requirements

FENCED = "Look:\n```python\nprint(6 * 7)\n```\n"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AUTOGEN_USE_DOCKER", raising=False)


@pytest.mark.parametrize("module", ["code_utils", "coding", "coding.base", "coding.factory", "coding.func_with_reqs"])
def test_modules_have_both_names(module: str) -> None:
    assert importlib.import_module(f"autogen.{module}") is importlib.import_module(f"quorate_autogen_compat.{module}")


# -- executors


def test_code_runs_in_the_current_directory_and_its_result_is_0_2s() -> None:
    executor = LocalCommandLineCodeExecutor(timeout=20)
    block = CodeBlock(code="# filename: out/hello.py\nprint('hello')", language="python")

    result = executor.execute_code_blocks(code_blocks=[block])

    assert isinstance(executor, CodeExecutor)
    assert isinstance(result, CommandLineCodeResult)
    assert (result.exit_code, result.output) == (0, "hello\n")
    assert result.code_file == str(Path.cwd() / "out" / "hello.py")
    assert executor.work_dir == Path.cwd()
    executor.restart()


def test_a_failing_block_and_an_empty_list_are_results() -> None:
    with LocalCommandLineCodeExecutor(timeout=20) as executor:
        assert executor.execute_code_blocks([CodeBlock(code="raise SystemExit(3)", language="py")]).exit_code == 3
        assert executor.execute_code_blocks([]).exit_code == 1  # 0.2: UnboundLocalError


def test_an_agent_runs_code_with_it_in_either_form() -> None:
    executor = LocalCommandLineCodeExecutor(timeout=20)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": executor})
    writer = AssistantAgent("writer", llm_config=False)

    asked: Any = [{"role": "user", "content": FENCED}]
    replies = [user.generate_reply(asked, writer), asyncio.run(user.a_generate_reply(asked, writer))]

    assert replies == ["exitcode: 0 (execution succeeded)\nCode output: \n42\n"] * 2
    assert user.code_executor is executor


def test_an_agent_may_require_what_the_executor_says_of_itself() -> None:
    config = {"executor": LocalCommandLineCodeExecutor(), "require": {"isolation": "container"}}
    with pytest.raises(ValueError, match="isolation"):
        UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=config)


def test_an_executor_of_the_programs_own_runs_what_agents_write() -> None:
    class Upper:
        code_extractor: CodeExtractor = MarkdownCodeExtractor()

        def execute_code_blocks(self, code_blocks: list[CodeBlock]) -> CodeResult:
            return IPythonCodeResult(exit_code=0, output=code_blocks[0].code.upper(), output_files=["a.png"])

        def restart(self) -> None: ...

    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": Upper()})

    assert isinstance(Upper(), CodeExecutor)
    assert "PRINT(6 * 7)" in str(user.generate_reply([{"role": "user", "content": FENCED}], sender=user))


def test_dangerous_commands_are_noticed_as_0_2_noticed_them() -> None:
    LocalCommandLineCodeExecutor.sanitize_command("python", "import os  # rm -rf /")
    with pytest.raises(ValueError, match="rm -rf"):
        LocalCommandLineCodeExecutor.sanitize_command("bash", "rm -rf /")


def test_functions_are_handed_to_code_and_told_to_models() -> None:
    @with_requirements()
    def double(x: int) -> int:
        """Twice x."""
        return 2 * x

    executor = LocalCommandLineCodeExecutor(timeout=20, functions=[double], functions_module="tools")
    block = CodeBlock(code="from tools import double\nprint(double(21))", language="python")

    assert isinstance(double, FunctionWithRequirements)
    assert executor.execute_code_blocks([block]).output == "42\n"
    assert "def double(x: int) -> int:" in executor.format_functions_for_prompt()
    assert executor.format_functions_for_prompt("$module_name") == "tools"
    assert executor.functions_module == "tools"
    assert list(executor.functions) == [double]


def test_the_factory_makes_what_a_configuration_names() -> None:
    made = CodeExecutorFactory.create({"executor": "commandline-local", "commandline-local": {"timeout": 7}})

    assert isinstance(made, LocalCommandLineCodeExecutor)
    assert made.timeout == 7
    assert CodeExecutorFactory.create({"executor": made}) is made
    with pytest.raises(ValueError, match="commandline-docker"):
        CodeExecutorFactory.create({"executor": "cloud"})
    with pytest.raises(ValueError, match="must be a dict"):
        CodeExecutorFactory.create({"executor": "commandline-local", "commandline-local": 3})


def test_docker_and_jupyter_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from quorate_autogen_compat.coding import docker_commandline_code_executor as docker
    from quorate_autogen_compat.coding import jupyter

    with isolated_kernel() as bare:
        monkeypatch.setattr(docker, "default_kernel", lambda: bare)
        monkeypatch.setattr(jupyter, "default_kernel", lambda: bare)
        with pytest.raises(UnknownName, match="pip install quorate-docker-executor"):
            CodeExecutorFactory.create({"executor": "commandline-docker"})
        with pytest.raises(UnknownName, match="jupyter"):
            CodeExecutorFactory.create({"executor": "ipython-embedded"})


def test_docker_has_0_2s_arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = pytest.importorskip("quorate_docker_executor", reason="quorate-docker-executor is not installed")
    pytest.importorskip("docker", reason="the docker SDK is not installed")
    from quorate_autogen_compat.coding import DockerCommandLineCodeExecutor, docker_commandline_code_executor

    kernel = isolated_kernel(plugin)
    monkeypatch.setattr(docker_commandline_code_executor, "default_kernel", lambda: kernel)
    with pytest.warns(ConfigWarning, match="container_name"):
        executor = DockerCommandLineCodeExecutor("python:3-slim", "mine", 30, tmp_path)

    assert executor.work_dir == executor.bind_dir == tmp_path
    assert (executor.timeout, executor.isolation, executor.network) == (30, "container", False)
    assert executor.execution_policies["javascript"] is False


def test_what_is_not_here_says_why() -> None:
    with pytest.raises(ImportError, match="ask an AssistantAgent"):
        from quorate_autogen_compat.code_utils import improve_function  # noqa: F401
    with pytest.raises(ImportError, match="quorate-jupyter-executor"):
        from quorate_autogen_compat.coding.jupyter import LocalJupyterServer  # noqa: F401
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        code_utils.nonsense  # noqa: B018


# -- functions for code


def test_text_of_contents() -> None:
    parts: Any = [{"type": "text", "text": "a "}, {"type": "image_url", "image_url": {"url": "x"}}]
    assert code_utils.content_str(parts) == "a <image>"
    assert code_utils.content_str(None) == ""
    for wrong in (7, [7], [{"text": "no type"}]):
        with pytest.raises(TypeError):
            code_utils.content_str(wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "single", "found"),
    [
        (FENCED, False, [("python", "print(6 * 7)")]),
        ("```c++\nint x;\n```", False, [("c++", "int x;")]),
        ("no code", False, [("unknown", "no code")]),
        ("no code", True, []),
        ("run `pip install x` now", True, [("sh", "pip install x")]),
    ],
)
def test_code_is_taken_out_of_text(text: str, single: bool, found: list[tuple[str, str]]) -> None:
    assert code_utils.extract_code(text, detect_single_line_code=single) == found


def test_code_is_found_by_a_pattern_of_the_programs_own() -> None:
    assert code_utils.extract_code("<py>1 + 1</py>", pattern=r"<(\w+)>(.*?)</") == [("py", "1 + 1")]


def test_languages_are_inferred() -> None:
    assert [code_utils.infer_lang(code) for code in ("print(1)", "pip install x", "int x = 1;")] == [
        "python",
        "sh",
        "unknown",
    ]


def test_execute_code_runs_saves_and_stops_code(tmp_path: Path) -> None:
    assert code_utils.execute_code("print(1)", use_docker=False) == (0, "1\n", None)

    exit_code, logs, image = code_utils.execute_code("import time\ntime.sleep(60)", timeout=0.5, use_docker=False)
    assert (exit_code, image) == (1, None)
    assert code_utils.TIMEOUT_MSG in logs

    code_utils.execute_code("print('saved')", filename="a.py", work_dir=tmp_path, use_docker=False)
    again = code_utils.execute_code(filename="a.py", work_dir=tmp_path, use_docker=False)
    assert again == (0, "saved\n", None)


def test_execute_code_stays_in_its_directory_and_refuses_what_it_cannot_run(tmp_path: Path) -> None:
    work = tmp_path / "work"
    exit_code, _, _ = code_utils.execute_code("print(1)", filename="../x.py", work_dir=work, use_docker=False)
    assert exit_code == 1
    assert not (tmp_path / "x.py").exists()
    with pytest.raises(AssertionError, match="give code"):
        code_utils.execute_code()
    with pytest.raises(NotImplementedError, match="cobol"):
        code_utils.execute_code("x", lang="cobol")


@pytest.mark.parametrize(
    ("said", "means"), [(None, True), ("True", True), ("yes", True), ("0", False), ("f", False), ("None", None)]
)
def test_the_environment_decides_on_docker(
    said: str | None, means: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if said is not None:
        monkeypatch.setenv("AUTOGEN_USE_DOCKER", said)
    assert code_utils.decide_use_docker(None) is means
    assert code_utils.decide_use_docker(False) is False
    assert code_utils.decide_use_docker("image") == "image"


def test_a_word_that_decides_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOGEN_USE_DOCKER", "maybe")
    with pytest.raises(ValueError, match="AUTOGEN_USE_DOCKER"):
        code_utils.decide_use_docker(None)


def test_an_engine_is_running_when_one_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quorate_autogen_compat import _machine

    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

        thread = threading.Thread(target=answer)
        thread.start()
        assert code_utils.is_docker_running()
        thread.join()

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert not code_utils.is_docker_running()
    monkeypatch.setattr(_machine, "in_docker_container", lambda: False)
    with pytest.raises(RuntimeError, match="use_docker=False"):
        code_utils.check_can_use_docker_or_throw(True)
    code_utils.check_can_use_docker_or_throw(False)


def test_a_virtual_environment_runs_code(tmp_path: Path) -> None:
    context = code_utils.create_virtual_env(str(tmp_path / "venv"), with_pip=False)
    executor = LocalCommandLineCodeExecutor(20, context, tmp_path)
    result = executor.execute_code_blocks([CodeBlock("import sys; print(sys.prefix)", "python")])
    assert Path(result.output.strip()).samefile(tmp_path / "venv")


def test_powershell_is_named_or_said_to_be_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="pwsh"):
        code_utils.get_powershell_command()
    if sys.platform != "win32":
        (tmp_path / "pwsh").write_text("")
        (tmp_path / "pwsh").chmod(0o755)
        assert code_utils.get_powershell_command() == "pwsh"
