"""The executor that keeps the contract, and what it claims; the broken ones are made of it."""

from __future__ import annotations

import ctypes
import os
import sys

from quorate.coding import LocalCommandLineCodeExecutor

LANDLOCK = ctypes.CDLL(None).syscall(444, None, 0, 1) if sys.platform == "linux" else 0
SHIELDED = ["hides_processes"] * (LANDLOCK >= 2) + ["keeps_signals"] * (LANDLOCK >= 6)


class HonestExecutor(LocalCommandLineCodeExecutor):
    """Runs code on this machine, and claims no more than that."""

    fails = frozenset()
    level = "none"
    reaches = True
    spoken = ("python", "py", "sh", "bash", "shell")
    claims = frozenset({"ends_background", "ends_with_us", *SHIELDED})
    limits = {"cpu": {"cpu_seconds": 1}, "file_size": {"file_size": 8 << 20}, "memory": {"memory": 256 << 20}}  # noqa: RUF012
    if os.geteuid():
        limits["processes"] = {"processes": 300}
