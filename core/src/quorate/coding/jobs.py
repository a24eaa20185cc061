"""One command to run, a request to stop it, and what runs it: the parts that command-line executors share."""

from __future__ import annotations

import contextlib
import signal
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from quorate.coding.protocol import TIMED_OUT

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence
    from pathlib import Path

    from quorate.coding.output import BoundedOutput


class Stop:
    """A request to stop, made by another thread: ends what runs now and lets nothing more begin.

    Attributes:
        asked: whether it was made.
        finished: set while nothing runs.
    """

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
        """While the body runs, :meth:`ask` calls ``end``, from the thread that asks; it must be quick."""
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
        command: program and arguments; files are named relative to the work directory.
        folder: the work directory, where it runs.
        folder_fd: a descriptor of that folder, where the platform has them; it wins over the path.
        timeout: seconds it may run.
        output: takes what it writes.
        stop: ends it from outside.
    """

    command: Sequence[str]
    folder: Path
    folder_fd: int | None
    timeout: float
    output: BoundedOutput
    stop: Stop


class Runner(Protocol):
    """Runs jobs for a command-line executor, from several threads at once; what it holds is a session."""

    def run(self, job: Job) -> int:
        """Run one job and give its exit code, 124 when its time ran out (:func:`ran_out`), 137 when it was stopped.

        Raises:
            ExecutorError: it cannot run anything at all.
        """
        ...

    def usable(self) -> bool:
        """Whether it can take another job; when it cannot, it is closed and a new one is opened."""
        ...

    def close(self) -> None:
        """Give back what it holds, wait for its end, and never raise; called once, by the process that opened it."""
        ...


def exit_code(status: int, output: BoundedOutput) -> int:
    """Turn a return code as ``Popen`` gives it (-n for signal n) into a shell's; a signal is named in the output."""
    if status >= 0:
        return status
    with contextlib.suppress(ValueError):
        output.say(f"Ended by signal {-status} ({signal.Signals(-status).name})")
    return 128 - status


def ran_out(timeout: float, output: BoundedOutput) -> int:
    """Say in the output that the time (in seconds) ran out; give the exit code for it."""
    output.say(f"Timeout: the code was stopped after {timeout:g} seconds")
    return TIMED_OUT
