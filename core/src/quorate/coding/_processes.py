"""Running one command with an end: bounded output, a deadline of ours, and no process left behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from quorate.coding.protocol import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from quorate.coding._output import Output

_READER_GRACE: Final = 0.5
"""Seconds; how long the last output may take to arrive when a process that we could not end holds the pipe."""


class Stop:
    """A request to stop, made by another thread: ends what runs now and lets nothing more begin."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._end: Callable[[], None] | None = None
        self.asked = False
        self.finished = threading.Event()
        self.finished.set()

    def begin(self) -> bool:
        """Mark the work as begun, unless it was stopped before that."""
        with self._lock:
            if not self.asked:
                self.finished.clear()
            return not self.asked

    def ask(self) -> None:
        """Stop the work; does not wait until it has ended (``finished`` tells)."""
        with self._lock:
            self.asked = True
            if self._end:
                self._end()

    @contextlib.contextmanager
    def ends(self, end: Callable[[], None]) -> Generator[None]:
        """While the body runs, :meth:`ask` calls ``end``."""
        with self._lock:
            self._end = end
            if self.asked:
                end()
        try:
            yield
        finally:
            with self._lock:
                self._end = None


@dataclass(frozen=True, slots=True)
class Job:
    """One command to run.

    Attributes:
        command: program and arguments; the program is a path.
        folder: where it runs.
        folder_fd: a descriptor of that folder, where the platform has them; it wins over the path.
        timeout: seconds it may run.
        output: takes what it writes.
        stop: ends it from outside.
    """

    command: Sequence[str]
    folder: Path
    folder_fd: int | None
    timeout: float
    output: Output
    stop: Stop


class Runner(Protocol):
    """Runs jobs; safe to use from several threads."""

    def run(self, job: Job) -> int:
        """Run one job and give its exit code, 124 when its time ran out."""
        ...

    def close(self) -> None:
        """Give back processes; closing twice is fine."""
        ...


def exit_code(status: int, output: Output) -> int:
    """Turn a return code as ``Popen`` gives it into a shell's; a signal is named in the output."""
    if status >= 0:
        return status
    with contextlib.suppress(ValueError):
        output.say(f"Ended by signal {-status} ({signal.Signals(-status).name})")
    return 128 - status


def ran_out(job: Job) -> int:
    """Say in the output that the time ran out."""
    job.output.say(f"Timeout: the code was stopped after {job.timeout:g} seconds")
    return TIMED_OUT


class PlainRunner:
    """Runs jobs as children of our own process: for platforms without the keeper (macOS, Windows).

    Best effort: on POSIX the process group of the command is killed at its end, on Windows its tree at a
    time-out; a process that left the group survives.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

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
        return ran_out(job) if status is None else exit_code(status, job.output)

    def close(self) -> None:
        """Nothing is kept between runs."""

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            job.command,
            cwd=job.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            bufsize=0,
        )


def _pump(process: subprocess.Popen[bytes], output: Output) -> None:
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
