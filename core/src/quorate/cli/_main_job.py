"""The main job as commands run it: an assistant writes code, a user proxy runs it, the assistant reads the result."""

from __future__ import annotations

import functools
import warnings
from typing import TYPE_CHECKING, Any

import click

from quorate.errors import ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Callable

    from quorate.agents import ChatResult
    from quorate.kernel import Kernel


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command for the main job has."""
    decorators = (
        click.option("--executor", default="local", show_default=True, help="What runs the code; local is no sandbox."),
        click.option("--timeout", default=60.0, show_default=True, help="Seconds that a code block may run."),
        click.option("--max-turns", default=10, show_default=True, help="How often the assistant may answer."),
    )
    return functools.reduce(lambda wrapped, decorate: decorate(wrapped), reversed(decorators), command)


def solve(tasks: list[str], *, executor: str, timeout: float, max_turns: int) -> list[ChatResult]:
    """Let two agents solve tasks one after another in one conversation, shown in the terminal.

    The model is the configured one (see ``quorate config explain``), else the demonstration model.
    """
    from quorate.agents import AssistantAgent, UserProxyAgent
    from quorate.console import Console
    from quorate.kernel import Kernel

    with Kernel(observers=[Console()]) as kernel:
        assistant = AssistantAgent("assistant", llm_config={"config_list": _config_list(kernel)}, kernel=kernel)
        user = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            code_execution_config={"executor": executor, "timeout": timeout},
            kernel=kernel,
        )
        return [
            user.initiate_chat(assistant, message=task, max_turns=max_turns, clear_history=number == 0)
            for number, task in enumerate(tasks)
        ]


def _config_list(kernel: Kernel) -> list[Any]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConfigWarning)
        entries = kernel.default_config_list()
    for warning in caught:
        click.echo(f"warning: {warning.message}", err=True)
    return list(entries)
