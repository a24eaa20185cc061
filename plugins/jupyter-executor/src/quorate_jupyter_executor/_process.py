"""A kernel's process: in the care of the core's runner, so that nothing of it is left, with a pipe for what it writes."""

from __future__ import annotations

import contextlib
import math
import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from quorate.coding import BoundedOutput, Job, Stop
from quorate.errors import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.coding import Runner

_START: Final = 'echo $$ >"$0.new" && mv "$0.new" "$0" && pipe=$1 && shift && exec "$@" >"$pipe" 2>&1'
"""Tells its process ID and becomes the kernel, with its output in the pipe."""
_PIECE: Final = 1 << 16
_PATIENCE: Final = 10.0
_GRACE: Final = 2.0
_PAUSE: Final = 0.005
_PARENT: Final = 1
"""The place of the parent's ID after the state, in ``/proc/<pid>/stat``."""


class KernelProcess:
    """One process that runs until it is ended; it leads a process group.

    Args:
        runner: starts it and ends all that it started.
        command: the program and its arguments.
        folder: where it runs.
        place: a path for its files, to which suffixes are added.

    Attributes:
        pipe: a descriptor from which its output is read; it never blocks.
    """

    def __init__(self, runner: Runner, command: Sequence[str], folder: Path, place: Path) -> None:
        name, self._pid_file = f"{place}.out", Path(f"{place}.pid")
        os.mkfifo(name, 0o600)
        # Open for writing too, so that the pipe does not end with its first writer.
        self.pipe = os.open(name, os.O_RDWR | os.O_NONBLOCK)
        self._stop, self._told = Stop(), BoundedOutput(_PIECE)
        self._exit_code: int | None = None
        job = Job(
            ("/bin/sh", "-c", _START, str(self._pid_file), name, *command),
            folder,
            os.open(folder, os.O_RDONLY | os.O_DIRECTORY),
            math.inf,
            self._told,
            self._stop,
        )
        self._thread = threading.Thread(target=self._live, args=(runner, job), daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()

    @property
    def exit_code(self) -> int:
        """What it ended with; 1 when it ended without a complaint, since it was not to end."""
        return self._exit_code or 1

    def drain(self, output: BoundedOutput) -> None:
        """Move what is in the pipe to the output; at most a mebibyte, so that others have their turn."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(16):
                output.add(os.read(self.pipe, _PIECE))

    def interrupt(self) -> None:
        """Do what Ctrl-C does: signal it, and what it started and did not detach."""
        if (pid := self._pid()) and self.alive:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGINT)

    def end_children(self) -> None:
        """End what it started, where the platform tells what that is (Linux)."""
        until, pid = time.monotonic() + _GRACE, self._pid()
        while pid and self.alive and (found := _descendants(pid)) and time.monotonic() < until:
            for each in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(each, signal.SIGKILL)
            time.sleep(_PAUSE)

    def end(self) -> None:
        """End it and all that it started; what it said last stays in the pipe."""
        self._stop.ask()
        self._thread.join(_PATIENCE)

    def close(self) -> None:
        """End it and give back the pipe."""
        self.end()
        os.close(self.pipe)

    def last_words(self) -> str:
        """What was in the pipe, and what is known of its end."""
        self.drain(self._told)
        return self._told.text().strip()

    def _live(self, runner: Runner, job: Job) -> None:
        try:
            self._exit_code = runner.run(job)
        except ExecutorError as error:
            job.output.say(str(error))
        finally:
            if job.folder_fd is not None:
                os.close(job.folder_fd)

    def _pid(self) -> int | None:
        with contextlib.suppress(OSError, ValueError):
            return int(self._pid_file.read_text(encoding="ascii"))
        return None


def _descendants(ancestor: int) -> list[int]:
    """The living processes that descend from one, through ``/proc``."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state, parent, *_ = (folder / "stat").read_bytes().rpartition(b") ")[2].split()
            if state not in (b"Z", b"X"):
                children.setdefault(int(parent), []).append(int(folder.name))
    found = list(children.get(ancestor, ()))
    for each in found:
        found += children.get(each, ())
    return found
