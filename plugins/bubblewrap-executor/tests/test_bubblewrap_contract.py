"""The bubblewrap executor keeps the contract of all executors: as it is, or where root cannot be limited, without that."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import ClassVar

import pytest

from pytest_quorate import ExecutorContract
from quorate_bubblewrap_executor import RECORD, BubblewrapCommandLineCodeExecutor
from quorate_bubblewrap_executor._group import limiting_place

CONTAINED = frozenset(
    {
        "drops_privileges",
        "ends_background",
        "ends_with_us",
        "hides_files",
        "hides_processes",
        "keeps_files",
        "keeps_signals",
    }
)
SMALL = {
    "cpu": {"cpu_seconds": 1},
    "file_size": {"file_size": 8 << 20},
    "memory": {"memory": 256 << 20},
}
GROUPS = Path("/proc/self/cgroup")
PLACE = limiting_place(GROUPS.read_text(encoding="utf-8")) if GROUPS.exists() else None
LIMITABLE = sys.platform == "linux" and (os.geteuid() != 0 or PLACE is not None)


@pytest.mark.usefixtures("sandbox")
@pytest.mark.skipif(not LIMITABLE, reason="root's processes cannot be limited here: no control group can be made")
class TestContract(ExecutorContract):
    record, isolation, network = RECORD, "container", False
    languages = ("python", "py", "sh", "bash", "shell")
    capabilities = CONTAINED
    limits: ClassVar = {**SMALL, "processes": {"processes": 64}}

    def make(self, work_dir, **options):
        return BubblewrapCommandLineCodeExecutor(work_dir=work_dir, **options)

    def leftovers(self):
        return [str(path) for path in PLACE.glob(f"quorate-*-{os.getpid()}-*")] if PLACE and os.geteuid() == 0 else []


if not LIMITABLE:

    @pytest.mark.usefixtures("sandbox")
    class TestWithoutLimitOfProcesses(ExecutorContract):
        isolation, network = "process", False
        languages = ("python", "sh")
        capabilities = CONTAINED
        limits: ClassVar = SMALL

        def make(self, work_dir, **options):
            return BubblewrapCommandLineCodeExecutor(work_dir=work_dir, processes=None, **options)
