"""Recording, resuming and replaying a run: context managers around the program that holds it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from quorate._drive import SCOPE
from quorate.errors import JournalError
from quorate.journal.recorder import RecordedStep, Recorder
from quorate.journal.store import Store

if TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from quorate._drive import Step
    from quorate.journal.recorder import Interrupted


def record(path: str | Path, *, run: str, on_interrupted: Interrupted = "repeat") -> Recording:
    """Record the steps of what is done below; under the name of a run that broke off, go on with that.

    Use it with ``with`` or ``async with``. Steps that ended are read back from the journal and not performed again;
    the rest is performed and recorded. A step that was under way when the run broke off is performed again.

    Args:
        path: the journal, an SQLite file; made when it is not there.
        run: the run's name in it.
        on_interrupted: ``repeat``, or ``raise`` for code and tools that must not run twice: a run that broke off
            during one stops there, and performs nothing.

    Raises:
        JournalError: on entering, the journal cannot be used; later, a step cannot be recorded.
        RunInUse: somebody else records this run now.
        StepDiffers: the program does something else than what was recorded.
        StepInterrupted: code or a tool was under way, and is not to run twice.
    """
    if on_interrupted not in ("repeat", "raise"):
        msg = f"on_interrupted is 'repeat' or 'raise', not {on_interrupted!r}"
        raise JournalError(msg)
    return Recording(path, run, on_interrupted)


def replay(path: str | Path, *, run: str) -> Recording:
    """Do what is done below with the recorded results of a run, performing nothing: no model, tool, code or person.

    Use it with ``with`` or ``async with``.

    Args:
        path: the journal; it is only read.
        run: the run's name in it.

    Raises:
        JournalError: on entering, the journal cannot be read or has no such run.
        StepDiffers: the program does something else than what was recorded, more, or less.
    """
    return Recording(path, run, "repeat", replay=True)


class Recording:
    """An open run of a journal; see :func:`record` and :func:`replay`.

    Attributes:
        path: the journal.
        run: the run's name.
    """

    def __init__(self, path: str | Path, run: str, on_interrupted: Interrupted, *, replay: bool = False) -> None:
        self.path = Path(path).absolute()
        self.run = run
        self._on_interrupted: Interrupted = on_interrupted
        self._replay = replay
        self._open: tuple[Store, Recorder, Token[Step | None]] | None = None

    def __enter__(self) -> Self:
        if self._open is not None or SCOPE.get() is not None:
            msg = f"{self.path}: a run is open here already; steps belong to one run, which is opened outside of chats"
            raise JournalError(msg)
        store = Store(self.path, self.run, read_only=self._replay)
        recorder = Recorder(store, self._on_interrupted, replay=self._replay)
        self._open = store, recorder, SCOPE.set(RecordedStep("run", recorder))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._open is None:
            return
        store, recorder, token = self._open
        self._open = None
        SCOPE.reset(token)
        try:
            if error is None and recorder.broken is not None:
                raise recorder.broken
            if error is None and self._replay:
                recorder.check_all_met()
        finally:
            store.close(error or recorder.broken)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(self, *ended: object) -> None:
        self.__exit__(*ended)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
