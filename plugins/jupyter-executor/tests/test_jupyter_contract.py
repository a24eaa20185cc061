"""The jupyter executor keeps the contract of all executors; what it does not guarantee, it does not claim."""

from __future__ import annotations

import ctypes
import sys

import pytest

from pytest_quorate import ExecutorContract
from quorate_jupyter_executor import RECORD, JupyterCodeExecutor

LINUX = sys.platform == "linux"
LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1) if LINUX else 0
"""Its version; the code is kept from our processes from 2 on, and from signalling them from 6 on."""


@pytest.mark.skipif(sys.platform == "win32", reason="the executor needs named pipes of the file system")
class TestContract(ExecutorContract):
    record = RECORD
    languages = ("python", "py")
    capabilities = frozenset(
        [
            "keeps_state",
            *["ends_with_us"] * LINUX,
            *["hides_processes"] * (LANDLOCK >= 2),
            *["keeps_signals"] * (LANDLOCK >= 6),
        ]
    )

    def make(self, work_dir, **options):
        return JupyterCodeExecutor(work_dir=work_dir, **options)
