"""The local executor keeps the contract of all executors; what it does not guarantee, it does not claim."""

from __future__ import annotations

import ctypes
import sys

from pytest_quorate import ExecutorContract
from quorate.coding import LocalCommandLineCodeExecutor, builtin

LINUX = sys.platform == "linux"
LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1) if LINUX else 0
"""Its version; the code is kept from our processes from 2 on, and from signalling them from 6 on."""


class TestContract(ExecutorContract):
    record = next(builtin.quorate_code_executors())
    languages = ("python", "py", "sh", "bash", "shell")
    capabilities = frozenset(
        [
            *["ends_background", "ends_with_us"] * LINUX,
            *["hides_processes"] * (LANDLOCK >= 2),
            *["keeps_signals"] * (LANDLOCK >= 6),
        ]
    )

    def make(self, work_dir, **options):
        return LocalCommandLineCodeExecutor(work_dir=work_dir, **options)
