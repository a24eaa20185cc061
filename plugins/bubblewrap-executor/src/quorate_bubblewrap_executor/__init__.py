"""quorate's plugin ``bubblewrap-executor``: code in Linux namespaces, for machines without a container engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import CodeExecutorRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_bubblewrap_executor._executor import BubblewrapCommandLineCodeExecutor

__all__ = ["RECORD", "BubblewrapCommandLineCodeExecutor", "quorate_code_executors"]

RECORD = CodeExecutorRecord(
    name="bubblewrap",
    factory="quorate_bubblewrap_executor._executor:BubblewrapCommandLineCodeExecutor",
    summary="Runs code in Linux namespaces by bubblewrap, without a network",
    isolation="container",
    network=False,
)
"""What the plugin offers."""


@hookimpl
def quorate_code_executors() -> Iterator[CodeExecutorRecord]:
    """Offer the executor ``bubblewrap``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "BubblewrapCommandLineCodeExecutor":
        from quorate_bubblewrap_executor._executor import BubblewrapCommandLineCodeExecutor

        return BubblewrapCommandLineCodeExecutor
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
