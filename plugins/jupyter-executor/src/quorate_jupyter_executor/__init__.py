"""quorate's plugin ``jupyter-executor``: code in a Jupyter kernel, which keeps what earlier blocks defined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import CodeExecutorRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_jupyter_executor._executor import JupyterCodeExecutor

__all__ = ["RECORD", "JupyterCodeExecutor", "quorate_code_executors"]

RECORD = CodeExecutorRecord(
    name="jupyter",
    factory="quorate_jupyter_executor._executor:JupyterCodeExecutor",
    summary="Runs code in a Jupyter kernel on this machine, which keeps its state between blocks",
    aliases=("ipython-embedded",),
    isolation="none",
    network=True,
)
"""What the plugin offers."""


@hookimpl
def quorate_code_executors() -> Iterator[CodeExecutorRecord]:
    """Offer the executor ``jupyter``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "JupyterCodeExecutor":
        from quorate_jupyter_executor._executor import JupyterCodeExecutor

        return JupyterCodeExecutor
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
