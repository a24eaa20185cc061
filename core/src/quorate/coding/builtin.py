"""The core's own code executor, offered through the same hook as a plugin's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import CodeExecutorRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def quorate_code_executors() -> Iterator[CodeExecutorRecord]:
    """Offer the local executor."""
    yield CodeExecutorRecord(
        name="local",
        factory="quorate.coding.local:LocalCommandLineCodeExecutor",
        summary="Runs code on this machine, as this user; not a sandbox",
        aliases=("commandline-local",),
        isolation="none",
        network=True,
    )
