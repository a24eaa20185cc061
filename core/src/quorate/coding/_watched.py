"""Running commands on Linux through keepers, so that no process they start is left (see ``_keeper.py``)."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from quorate.coding._limits import words_of
from quorate.coding.jobs import exit_code, ran_out
from quorate.errors import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.coding.jobs import Job

_KEEPER: Final = Path(__file__).with_name("_keeper.py")
_MARK: Final = "QUORATE_RUN"
"""The environment variable that tells whose process one is, when its keeper was killed."""
_START: Final = 30.0
"""Seconds a keeper may take to start on a busy machine."""
_GRACE: Final = 2.0
"""Seconds a keeper gets to end everything before we do it without it."""
_TICK: Final = 0.5
"""Seconds between looks at whether the job was stopped; the keeper itself is told at once."""
_QUIET: Final = 5
"""Looks in a row that must find nothing: a process that starts a program has no environment for a moment."""
_PIECE: Final = 1 << 16


class KeptRunner:
    """Runs jobs, each in the care of one keeper; keepers are used again.

    Args:
        environment: the environment of the code.
        shield: whether the code is kept from reading and signalling other processes, where the kernel can.
        limits: resource limits, soft and hard, by the names of setrlimit(2) without ``RLIMIT_``.
    """

    def __init__(
        self, environment: Mapping[str, str], *, shield: bool, limits: Mapping[str, tuple[int, int]] | None = None
    ) -> None:
        self._environment = dict(environment)
        self._settings = ("shield" if shield else "", words_of(limits or {}))
        self._lock = threading.Lock()
        self._idle: list[_Keeper] = []
        self._closed = False

    def prepare(self) -> None:
        """Start a keeper for the first job, so that the job need not wait for it."""
        self._give_back(self._take())

    def run(self, job: Job) -> int:
        """Run one job and give its exit code, 124 when its time ran out."""
        keeper = self._take()
        try:
            return keeper.run(job)
        finally:
            self._give_back(keeper)

    def usable(self) -> bool:
        """Until it is closed; a keeper that was lost is replaced."""
        return not self._closed

    def close(self) -> None:
        """End the idle keepers, and each busy one after its job."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for keeper in idle:
            keeper.close()

    def _take(self) -> _Keeper:
        with self._lock:
            while self._idle:
                keeper = self._idle.pop()
                if keeper.usable():
                    return keeper
        return _Keeper(self._environment, self._settings)

    def _give_back(self, keeper: _Keeper) -> None:
        with self._lock:
            if keeper.usable() and not self._closed:
                self._idle.append(keeper)
                return
        keeper.close()


class _Keeper:
    """Our end of one keeper process."""

    def __init__(self, environment: Mapping[str, str], settings: tuple[str, str]) -> None:
        self._mark = f"{_MARK}={secrets.token_hex(16)}"
        self._owner = os.getpid()
        self._lost = False
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            with theirs:
                self._process = self._spawn(theirs.fileno(), environment, settings)
        except OSError as error:
            self._socket.close()
            raise _no_start(error) from error
        try:
            self._greet()
        except OSError as error:
            self._process.kill()
            self.close()
            raise _no_start(error) from error

    def usable(self) -> bool:
        """Whether it can take another job; one of a process that we were forked from cannot."""
        return not self._lost and self._owner == os.getpid()

    def run(self, job: Job) -> int:
        """Run one job and give its exit code; afterwards no process of it is left."""
        reader, writer = os.pipe()
        try:
            try:
                request = b"r" + b"\0".join(map(os.fsencode, job.command))
                socket.send_fds(self._socket, [request], [writer, _folder(job)])
            except OSError:
                self._lost = True
            finally:
                os.close(writer)
            with job.stop.ends(self._end):
                status, in_time = self._watch(job, reader)
            _drain(job, reader)
        finally:
            os.close(reader)
        if status is None:
            self._sweep()
        if not in_time:
            return ran_out(job.timeout, job.output)
        if status is None:
            job.output.say("The process that watches over executed code was killed; so was the code")
            return 128 + signal.SIGKILL
        return exit_code(os.waitstatus_to_exitcode(status), job.output)

    def close(self) -> None:
        """End the keeper; a copy that came by fork only closes its socket."""
        self._socket.close()
        if self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE)
                return
            self._process.kill()
            self._process.wait()

    def _spawn(
        self, descriptor: int, environment: Mapping[str, str], settings: tuple[str, str]
    ) -> subprocess.Popen[bytes]:
        name, _, value = self._mark.partition("=")
        return subprocess.Popen(
            [sys.executable or "python3", "-I", "-S", _KEEPER, str(descriptor), *settings],
            env={**environment, name: value},
            cwd="/",
            pass_fds=[descriptor],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _greet(self) -> None:
        self._socket.settimeout(_START)
        if not self._socket.recv(_PIECE).startswith(b"ready"):
            msg = "it ended at once"
            raise OSError(msg)
        self._socket.settimeout(None)

    def _end(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.send(b"k", socket.MSG_DONTWAIT)

    def _watch(self, job: Job, reader: int) -> tuple[int | None, bool]:
        """Read the output until the run is over.

        Returns:
            The wait status (None: the keeper is lost), and whether the run was in time.
        """
        poll = select.poll()
        poll.register(reader, select.POLLIN)
        poll.register(self._socket, select.POLLIN)
        in_time, ending, deadline = True, False, time.monotonic() + job.timeout
        while not self._lost:
            ready = [fd for fd, _ in poll.poll(max(min(deadline - time.monotonic(), _TICK), 0) * 1000)]
            if reader in ready and not _read(job, reader):
                poll.unregister(reader)
            if self._socket.fileno() in ready:
                return self._answer(), in_time
            now = time.monotonic()
            if now >= deadline:
                self._lost = ending  # it did not answer in the time of grace
                in_time = ending and in_time
                self._end()
            if not ending and (now >= deadline or job.stop.asked):
                ending, deadline = True, now + _GRACE
        return None, in_time

    def _answer(self) -> int | None:
        try:
            word, _, status = self._socket.recv(_PIECE).partition(b" ")
        except OSError:
            word, status = b"", b""
        self._lost = word != b"done"
        return None if self._lost else int(status)

    def _sweep(self) -> None:
        """Do a lost keeper's work: end what descends from it, itself, and whatever carries its mark."""
        from quorate.coding import _keeper

        end = time.monotonic() + _GRACE
        while (found := _keeper.descendants(self._process.pid)) and time.monotonic() < end:
            if all(relative.state == "Z" for relative in found):
                break
            _keeper.kill(found)
            time.sleep(0.001)
        self._process.kill()
        quiet = 0
        while quiet < _QUIET and time.monotonic() < end:
            found = _keeper.marked(self._mark)
            quiet = 0 if found else quiet + 1
            _keeper.kill(found)
            time.sleep(0.001)


def _no_start(error: OSError) -> ExecutorError:
    return ExecutorError(
        f"the local executor cannot start the Python that watches over executed code ({sys.executable}): {error}"
    )


def _folder(job: Job) -> int:
    if job.folder_fd is None:
        msg = "a kept job needs a folder descriptor"
        raise TypeError(msg)
    return job.folder_fd


def _read(job: Job, reader: int) -> bool:
    data = os.read(reader, _PIECE)
    job.output.add(data)
    return bool(data)


def _drain(job: Job, reader: int) -> None:
    """Read what is still in the pipe; its writers are gone, unless one was handed to a stranger."""
    os.set_blocking(reader, False)
    with contextlib.suppress(BlockingIOError):
        for _ in range(64):
            if not _read(job, reader):
                return
