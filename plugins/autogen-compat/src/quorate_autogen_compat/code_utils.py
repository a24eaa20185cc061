"""Code in text, and running it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quorate.coding import LANGUAGES, TIMED_OUT, CodeBlock, extract_code_blocks, infer_language
from quorate.coding.languages import named_code
from quorate.errors import MessageError
from quorate.messages import text_of
from quorate_autogen_compat._machine import (
    WIN32,
    check_can_use_docker_or_throw,
    create_virtual_env,
    decide_use_docker,
    get_powershell_command,
    in_docker_container,
    is_docker_running,
)
from quorate_autogen_compat._missing import refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate_autogen_compat.types import MessageContentType

__all__ = [
    "CODE_BLOCK_PATTERN",
    "DEFAULT_MODEL",
    "DEFAULT_TIMEOUT",
    "FAST_MODEL",
    "PYTHON_VARIANTS",
    "TIMEOUT_MSG",
    "UNKNOWN",
    "WIN32",
    "check_can_use_docker_or_throw",
    "content_str",
    "create_virtual_env",
    "decide_use_docker",
    "execute_code",
    "extract_code",
    "get_powershell_command",
    "in_docker_container",
    "infer_lang",
    "is_docker_running",
]

CODE_BLOCK_PATTERN = r"```[ \t]*(\w+)?[ \t]*\r?\n(.*?)\r?\n[ \t]*```"
"""How 0.2 found a fence. By default it is quorate's reader of Markdown that finds them."""
UNKNOWN = "unknown"
TIMEOUT_MSG = "Timeout"
DEFAULT_TIMEOUT = 600
PYTHON_VARIANTS = ["python", "Python", "py"]
DEFAULT_MODEL = "gpt-4"
FAST_MODEL = "gpt-3.5-turbo"

_NO_MODEL = "no function here asks a model behind your back; ask an AssistantAgent in a chat"
MISSING = dict.fromkeys(
    (
        "PassAssertionFilter",
        "eval_function_completions",
        "generate_assertions",
        "generate_code",
        "implement",
        "improve_code",
        "improve_function",
    ),
    _NO_MODEL,
)

__getattr__ = refusing(__name__, MISSING)


class NoContent(MessageError, TypeError):
    """Something is no content of a message; a ``TypeError`` too."""


def content_str(content: MessageContentType | Sequence[Any]) -> str:
    """The text of a message's content; an image becomes ``<image>``, None nothing.

    Raises:
        MessageError: it is no content; a ``TypeError`` too.
    """
    try:
        return text_of(content)
    except MessageError as error:
        raise NoContent(str(error)) from error


def infer_lang(code: str) -> str:
    """The language of some code: ``sh``, ``python`` or ``unknown``."""
    return infer_language(code) or UNKNOWN


def extract_code(
    text: MessageContentType, pattern: str = CODE_BLOCK_PATTERN, detect_single_line_code: bool = False
) -> list[tuple[str, str]]:
    """Take code out of text.

    Args:
        text: a message's content.
        pattern: a regular expression with a group for the language and one for the code, in the place of Markdown.
        detect_single_line_code: whether code between single backticks counts, too.

    Returns:
        Pairs of language and code. Where there is no code, the whole text with the language ``unknown``; nothing
        with ``detect_single_line_code``.
    """
    text = content_str(text)
    if pattern != CODE_BLOCK_PATTERN:
        found = [(str(language), str(code)) for language, code in re.findall(pattern, text, re.DOTALL)]
    else:
        blocks = extract_code_blocks(text, detect_single_line_code=detect_single_line_code)
        found = [(block.language, block.code) for block in blocks]
    return found if found or detect_single_line_code else [(UNKNOWN, text)]


def execute_code(
    code: str | None = None,
    timeout: float | None = None,
    filename: str | None = None,
    work_dir: str | Path | None = None,
    use_docker: list[str] | str | bool | None = None,
    lang: str | None = "python",
) -> tuple[int, str, str | None]:
    """Run code, as an agent with the same ``code_execution_config`` runs it.

    Args:
        code: the code; None runs what the file holds.
        timeout: seconds; 600 by default.
        filename: the file to save the code in, or to run; a path below ``work_dir``.
        work_dir: where it runs; without it, a private directory that is removed afterwards.
        use_docker: True, False, an image, or a list of them; None as ``AUTOGEN_USE_DOCKER`` says, else True.
        lang: its language.

    Returns:
        Exit code, output, and the image of the container, if it ran in one. Code that ran out of time has exit code 1
        and output with ``TIMEOUT_MSG`` in it.

    Raises:
        AssertionError: neither code nor a file is given.
        NotImplementedError: no executor knows the language.
        UnknownName: Docker is wanted, and quorate-docker-executor is not installed.
        ExecutorError: code cannot be run at all.
    """
    if code is None and filename is None:
        msg = "execute_code: give code, a filename, or both"
        raise AssertionError(msg)
    language = (lang or infer_lang(code or "")).lower()
    if language not in LANGUAGES:
        msg = f"execute_code: {lang} is a language that cannot be run; it can be one of {', '.join(LANGUAGES)}"
        raise NotImplementedError(msg)
    if code is None:
        code = (Path(work_dir or ".") / str(filename)).read_text(encoding="utf-8")
    block = CodeBlock(code if filename is None else named_code(code, language, filename), language)
    executor, image = _executor(decide_use_docker(use_docker), language, timeout, work_dir)
    with executor:
        result = executor.execute_code_blocks([block])
    return 1 if result.exit_code == TIMED_OUT else result.exit_code, result.output, image


def _executor(
    docker: list[str] | str | bool | None, language: str, timeout: float | None, work_dir: str | Path | None
) -> tuple[Any, str | None]:
    """An executor for one call, and its image."""
    from quorate import default_kernel
    from quorate_autogen_compat.coding._calling import BlockingExecutor

    options: dict[str, Any] = {
        "timeout": timeout or DEFAULT_TIMEOUT,
        "work_dir": work_dir,
        "execution_policies": {language: True},
    }
    if isinstance(docker, str | list):
        options["image"] = docker
    executor = BlockingExecutor(default_kernel().factory("code executor", "docker" if docker else "local")(**options))
    images = getattr(executor.executor, "images", ())
    return executor, next(iter(images), None)
