"""Breaking off what kernel code awaits, from another thread or task."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from quorate._drive import STEPPING

if TYPE_CHECKING:
    import asyncio
    from types import TracebackType

    from quorate._loop import Job


class Breakable:
    """A context around kernel code: :meth:`break_off` ends what is awaited inside, and then the context.

    A plain function that is under way cannot be broken off: in blocking code it runs to its end and the code goes on,
    under an event loop nobody waits for it.
    """

    def __init__(self) -> None:
        self._asked = False
        self._jobs: set[Job] = set()
        self._token: Any = None
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0  # by others, before the context was entered
        self._cancels = 0

    def __enter__(self) -> Self:
        if STEPPING.get():
            from quorate._loop import UNDER_WAY

            self._token = UNDER_WAY.set((*UNDER_WAY.get(), self._jobs))
        else:
            import asyncio

            self._task = asyncio.current_task()
            self._cancelling = self._task.cancelling() if self._task is not None else 0
        return self

    def break_off(self) -> None:
        """Break off what is awaited, from any thread; where nothing is, do nothing."""
        self._asked = True
        if self._task is not None:
            self._task.get_loop().call_soon_threadsafe(self._cancel)
        elif self._jobs:
            from quorate._loop import LOOP

            for job in tuple(self._jobs):
                LOOP.end(job)

    def _cancel(self) -> None:
        """Cancel the task, if it is still inside; runs on its loop."""
        if self._task is not None:
            self._cancels += 1  # two agents of one chat may both be told to end it
            self._task.cancel()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        task, self._task = self._task, None
        if self._token is not None:
            from quorate._loop import UNDER_WAY

            UNDER_WAY.reset(self._token)
        if task is not None:
            for _ in range(self._cancels):
                task.uncancel()
        if not self._asked or error is None:
            return False
        from asyncio import CancelledError

        # Cancelled by us alone, and not by whoever runs the task as well.
        ours = task is None or (self._cancels > 0 and task.cancelling() <= self._cancelling)
        return isinstance(error, CancelledError) and ours
