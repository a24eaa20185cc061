"""quorate's plugin ``docker-executor``: code in containers, through the docker SDK, which is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import CodeExecutorRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_docker_executor._executor import DockerCommandLineCodeExecutor

__all__ = ["RECORD", "DockerCommandLineCodeExecutor", "quorate_code_executors"]

RECORD = CodeExecutorRecord(
    name="docker",
    factory="quorate_docker_executor._executor:DockerCommandLineCodeExecutor",
    summary="Runs code in a hardened container of a Docker engine, without a network",
    aliases=("commandline-docker",),
    isolation="container",
    network=False,
)
"""What the plugin offers."""


@hookimpl
def quorate_code_executors() -> Iterator[CodeExecutorRecord]:
    """Offer the executor ``docker``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "DockerCommandLineCodeExecutor":
        from quorate_docker_executor._executor import DockerCommandLineCodeExecutor

        return DockerCommandLineCodeExecutor
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
