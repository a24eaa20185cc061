"""Running commands as children of our own process, for platforms without the keeper, and choosing between the two."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Final

from quorate.coding._limits import limited
from quorate.coding.jobs import exit_code, ran_out

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.coding.jobs import Job, Runner
    from quorate.coding.output import BoundedOutput

_READER_GRACE: Final = 0.5
"""Seconds; how long the last output may take to arrive when a process that we could not end holds the pipe."""


def process_runner(
    environment: Mapping[str, str], *, shield: bool = False, limits: Mapping[str, tuple[int, int]] | None = None
) -> Runner:
    """What runs commands on this machine, bounded in time, and ends whatever they started.

    On Linux nothing that a command started outlives it, detached processes included, nor do they outlive our own
    process. Elsewhere the process group (Windows: the tree, at a time-out) is ended.

    Args:
        environment: of the commands, whole.
        shield: keep commands from reading and signalling other processes, where the kernel can (Linux 5.19, 6.12).
            They then cannot mount, nor gain privileges.
        limits: resource limits of each process, soft and hard, by the names of setrlimit(2) without ``RLIMIT_``.

    Raises:
        ExecutorError: this machine cannot do it; says why.
    """
    if sys.platform != "linux":
        return PlainRunner(environment, limits)
    from quorate.coding._watched import KeptRunner

    runner = KeptRunner(environment, shield=shield, limits=limits)
    runner.prepare()
    return runner


class PlainRunner:
    """Runs jobs as children of our own process: for platforms without the keeper (macOS, Windows).

    Best effort: on POSIX the process group of the command is killed at its end, on Windows its tree at a
    time-out; a process that left the group survives.
    """

    def __init__(self, environment: Mapping[str, str], limits: Mapping[str, tuple[int, int]] | None = None) -> None:
        self._environment = dict(environment)
        self._limits = dict(limits or {})

    def run(self, job: Job) -> int:
        """Run one job and give its exit code, 124 when its time ran out."""
        try:
            process = self._start(job)
        except OSError as error:
            job.output.say(f"cannot run {job.command[0]}: {error}")
            return 127
        reader = threading.Thread(target=_pump, args=(process, job.output), daemon=True)
        reader.start()
        deadline = time.monotonic() + job.timeout
        with job.stop.ends(lambda: _kill_tree(process)):
            try:
                status = process.wait(deadline - time.monotonic())
            except subprocess.TimeoutExpired:
                status = None
            _kill_tree(process)
        process.wait()
        reader.join(_READER_GRACE)
        return ran_out(job.timeout, job.output) if status is None else exit_code(status, job.output)

    def usable(self) -> bool:
        """Always."""
        return True

    def close(self) -> None:
        """Nothing is kept between runs."""

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            limited(job.command, self._limits),
            cwd=job.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )


def _pump(process: subprocess.Popen[bytes], output: BoundedOutput) -> None:
    if process.stdout is not None:
        with contextlib.suppress(OSError), process.stdout as pipe:
            while data := pipe.read(1 << 16):
                output.add(data)


def _kill_tree(process: subprocess.Popen[bytes]) -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        taskkill = ("taskkill", "/T", "/F", "/PID", str(process.pid))
        subprocess.run(taskkill, check=False, capture_output=True)
        process.kill()
