"""The base of executors: a work directory, calls in threads, stopping and cancelling; how a block runs is theirs."""

from __future__ import annotations

import contextlib
import math
import os
import threading
import weakref
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Protocol, Self, TypeVar

import anyio
import anyio.to_thread

from quorate.coding.jobs import Stop
from quorate.coding.output import BoundedOutput
from quorate.coding.protocol import CodeResult
from quorate.coding.workdir import Refused, WorkDir, is_private, make_private, remove_private
from quorate.errors import ConfigError, ExecutorError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from quorate.coding.protocol import CodeBlock
    from quorate.records import Isolation

REFUSED: Final = 1
"""The exit code of a block that was not run."""
_STOPPED: Final = 137
"""The exit code of a call that was stopped: 128 + SIGKILL."""
_STOPPING: Final = 10.0
"""Seconds that a cancelled call waits for the end of its processes."""


class Session(Protocol):
    """What an executor holds while it is started: a container, a Jupyter kernel, processes that wait for work."""

    def usable(self) -> bool:
        """Whether it can take another block; when it cannot, it is closed and a new one is opened."""
        ...

    def close(self) -> None:
        """Give back what it holds, wait for its end, and never raise; called once, by the process that opened it.

        It runs when the executor is stopped or forgotten and when the program ends, so a session must not refer to
        its executor.
        """
        ...


S = TypeVar("S", bound=Session)


@dataclass(frozen=True, slots=True)
class Run:
    """One call of ``execute_code_blocks``.

    Attributes:
        folder: the work directory, open.
        output: takes what the blocks write, and our remarks (``say``).
        stop: ends the call from outside.
        timeout: seconds that each block may run.
    """

    folder: WorkDir
    output: BoundedOutput
    stop: Stop
    timeout: float


class BaseCodeExecutor(ABC, Generic[S]):
    """Runs code blocks in order until one fails; a subclass says how one block is run.

    A subclass writes :meth:`open_session` and :meth:`run_block`, plain functions that are called in worker threads,
    and sets ``label``, ``isolation`` and ``network``. Everything else is here: the work directory and the report of
    new files, bounded output, calls side by side, cancellation, ``start``, ``stop``, ``restart``, ``async with``. An
    executor starts when it is first used; making one is light. It ends with :meth:`stop`, when it is forgotten, and
    with the program.

    Args:
        timeout: seconds that each block may run.
        work_dir: where files are saved, made when it is absent; without it, a private directory that is removed at
            the end.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.

    Attributes:
        label: how messages call the executor, ``"the local executor"``.
        isolation: what stands between executed code and the machine.
        network: whether executed code reaches the network.
        work_dir: the work directory; None before the start of one without a given directory.

    Raises:
        ConfigError: an argument cannot be used.
    """

    label: ClassVar[str] = "the executor"
    isolation: Isolation = "none"
    network: bool = True

    def __init__(self, timeout: float = 60, work_dir: Path | str | None = None, *, output_limit: int = 65_536) -> None:
        self.timeout = self._positive("timeout", timeout)
        self._output_limit = int(self._positive("output_limit", output_limit))
        self._given = Path(work_dir).absolute() if work_dir is not None else None
        self.work_dir = self._given
        self._forget()

    @abstractmethod
    def open_session(self, folder: Path) -> S:
        """Get ready to run blocks in this work directory; never called twice at once.

        Raises:
            ExecutorError: this machine cannot do it; says why, and what to do.
        """

    @abstractmethod
    def run_block(self, block: CodeBlock, session: S, run: Run) -> tuple[int, str | None]:
        """Run one block within ``run.timeout`` seconds, and end it when ``run.stop`` says so.

        Returns:
            The exit code (124 for a time-out, 128 + n for signal n), and the path of the block's file when it was kept.

        Raises:
            Refused: the block is not run; the message becomes the output, the exit code 1.
            ExecutorError: nothing can be run at all.
        """

    def prepare(self, session: S, run: Run) -> int | None:
        """Do what must be done before the first block of a call.

        Returns:
            None when there was nothing to do; else an exit code, with which the call ends unless it is 0.

        Raises:
            Refused: no block is to be run; the message becomes the output.
        """
        del session, run
        return None

    async def start(self) -> None:
        """Make the work directory and get ready to run code; starting twice is fine.

        Raises:
            ExecutorError: this machine cannot do it; says why.
        """
        await anyio.to_thread.run_sync(self._start, limiter=_unlimited())

    async def stop(self) -> None:
        """End what runs, and remove a private work directory; stopping twice is fine."""
        await anyio.to_thread.run_sync(self._stop, limiter=_unlimited())

    async def restart(self) -> None:
        """Stop and start; a private work directory is a new and empty one afterwards."""
        await self.stop()
        await self.start()

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock]) -> CodeResult:
        """Run the blocks in order until one fails.

        A failed, refused or timed-out block is a result. When the call is cancelled, its processes are ended first.

        Args:
            blocks: the code. A first line ``# filename: x`` (or what is a comment in the language) saves the block
                under that name, which cannot lead out of the work directory.

        Returns:
            Exit code (124 for a time-out, 128 + n for signal n), the output of all blocks, and the new and
            changed files.

        Raises:
            ExecutorError: code cannot be run at all.
        """
        stop = Stop()
        try:
            return await anyio.to_thread.run_sync(
                self._execute, tuple(blocks), stop, abandon_on_cancel=True, limiter=_unlimited()
            )
        except anyio.get_cancelled_exc_class():
            stop.ask()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(stop.finished.wait, _STOPPING, limiter=_unlimited())
            raise

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _forget(self) -> None:
        """Hold nothing, as a process does that was forked from the one which holds it."""
        self._owner = os.getpid()
        self._lock = threading.Lock()
        self._running: set[Stop] = set()
        self._session: S | None = None
        self._cleanup: weakref.finalize[..., Any] | None = None
        self._known: dict[str, tuple[int, int, int]] = {}

    def _follow_fork(self) -> None:
        if self._owner != os.getpid():
            if self._cleanup is not None:
                self._cleanup.detach()  # the session and a private directory are the parent's
            self._forget()
            self.work_dir = self._given

    def _start(self) -> tuple[S, Path]:
        self._follow_fork()
        with self._lock:
            lost = self._session is not None and not self._session.usable()
            # Code may have removed its private directory.
            gone = self._given is None and self.work_dir is not None and not is_private(self.work_dir)
            if lost or gone:
                self._close()
            if self._session is None:
                self._session = self._opened()
            return self._session, self._made(self.work_dir)

    def _opened(self) -> S:
        private = self._made(None) if self._given is None else None
        self.work_dir = self._made(private or self._given)
        try:
            session = self.open_session(self.work_dir)
        except BaseException:
            self.work_dir = self._given
            _clean(None, private, self._owner)
            raise
        self._cleanup = weakref.finalize(self, _clean, session, private, self._owner)
        return session

    def _stop(self) -> None:
        self._follow_fork()
        with self._lock:
            running = list(self._running)
        for stop in running:
            stop.ask()
        for stop in running:
            stop.finished.wait(_STOPPING)
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._cleanup is not None:
            self._cleanup()
        self._session = self._cleanup = None
        self.work_dir = self._given
        self._known = {}

    def _execute(self, blocks: tuple[CodeBlock, ...], stop: Stop) -> CodeResult:
        if not blocks:
            return CodeResult(REFUSED, "There is no code block to run.\n")
        self._follow_fork()
        with self._lock:
            if not stop.begin():
                return CodeResult(REFUSED, "Stopped before it began.\n")
            self._running.add(stop)
        try:
            session, path = self._start()
            with contextlib.closing(WorkDir(path)) as folder:
                return self._run(session, Run(folder, BoundedOutput(self._output_limit), stop, self.timeout), blocks)
        except OSError as error:
            msg = f"{self.label} cannot use its work directory: {error}"
            raise ExecutorError(msg) from error
        finally:
            stop.finished.set()
            with self._lock:
                self._running.discard(stop)

    def _run(self, session: S, run: Run, blocks: tuple[CodeBlock, ...]) -> CodeResult:
        began, exit_code, code_file = run.folder.now(), 0, None
        try:
            if (prepared := self.prepare(session, run)) is not None:
                self._known |= run.folder.changed_since(began)  # what we made ourselves is not told
                exit_code = prepared
            for block in blocks if exit_code == 0 else ():
                if run.stop.asked:
                    exit_code = _STOPPED
                    break
                exit_code, code_file = self.run_block(block, session, run)
                if exit_code != 0:
                    break
        except Refused as error:
            run.output.say(str(error))
            exit_code, code_file = REFUSED, None
        changed = run.folder.changed_since(began)
        # A file of the run before may carry the very moment at which this one began.
        files = sorted(name for name, state in changed.items() if self._known.get(name) != state)
        self._known = changed
        return CodeResult(exit_code, run.output.text(), code_file, tuple(files))

    def _made(self, path: Path | None) -> Path:
        """The work directory, made when it is absent; a private one without a path."""
        try:
            if path is None:
                return make_private()
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{self.label} cannot make its work directory: {error}; give another work_dir"
            raise ExecutorError(msg) from error
        return path

    def _positive(self, name: str, value: Any) -> float:
        """Check a number that a user gave.

        Raises:
            ConfigError: it is not above 0, or no number.
        """
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
            msg = f"{self.label}: {name} is a positive number, not {value!r}"
            raise ConfigError(msg)
        return value


def _unlimited() -> anyio.CapacityLimiter:
    """Code may run for long; it must not take the threads that others wait for."""
    return anyio.CapacityLimiter(math.inf)


def _clean(session: Session | None, private: Path | None, owner: int) -> None:
    if os.getpid() != owner:
        return
    if session is not None:
        session.close()
    if private is not None:
        remove_private(private, owner)
