"""Executors that keep state between blocks, in a Jupyter kernel; they come with quorate-jupyter-executor."""

from __future__ import annotations

from typing import Any

from quorate import default_kernel
from quorate_autogen_compat._missing import refusing
from quorate_autogen_compat.coding._calling import BlockingExecutor

__all__ = ["EmbeddedIPythonCodeExecutor"]

_KERNELS = 'code runs in a Jupyter kernel that quorate-jupyter-executor starts and ends: {"executor": "jupyter"}'

MISSING = {
    "DockerJupyterServer": _KERNELS,
    "JupyterClient": _KERNELS,
    "JupyterCodeExecutor": _KERNELS,
    "JupyterConnectable": _KERNELS,
    "JupyterConnectionInfo": _KERNELS,
    "LocalJupyterServer": _KERNELS,
}


class EmbeddedIPythonCodeExecutor(BlockingExecutor):
    """Runs code in a Jupyter kernel of this machine.

    Args:
        timeout: seconds that each block may run.
        kernel_name: which kernel; the executor's own default when it is left out.
        output_dir: where images and the like are saved, the current directory by default as 0.2 has it.
        **options: those of quorate's jupyter executor.

    Raises:
        UnknownName: quorate-jupyter-executor is not installed.
    """

    def __init__(
        self, timeout: float = 60, kernel_name: str | None = None, output_dir: Any = ".", **options: Any
    ) -> None:
        make = default_kernel().factory("code executor", "jupyter")
        if kernel_name is not None:
            options["kernel_name"] = kernel_name
        super().__init__(make(timeout=timeout, work_dir=output_dir, **options))


__getattr__ = refusing(__name__, MISSING)
