"""The local executor keeps the contract of all executors; what it does not guarantee, it does not claim."""

from __future__ import annotations

import ctypes
import os
import sys
from typing import ClassVar

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
    limits: ClassVar = {
        "cpu": {"cpu_seconds": 1},
        "file_size": {"file_size": 8 << 20},
        "memory": {"memory": 256 << 20},
        **({"processes": {"processes": 400}} if LINUX and os.geteuid() else {}),
    }

    def make(self, work_dir, **options):
        return LocalCommandLineCodeExecutor(work_dir=work_dir, **options)
