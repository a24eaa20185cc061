"""Objects that a kernel owns and that belong to one event loop, such as model clients with open connections."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias
from weakref import WeakKeyDictionary

from quorate._drive import STEPPING, perform
from quorate.errors import DoorError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Hashable, Iterator

    Table: TypeAlias = dict[Hashable, Any]


class Closable(Protocol):
    """What can be owned."""

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class OwnedByLoop:
    """One object per key and event loop; blocking code counts as one loop of its own."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._native: WeakKeyDictionary[asyncio.AbstractEventLoop, Table] = WeakKeyDictionary()
        self._blocking: Table = {}
        self._process = os.getpid()
        self._lock = threading.RLock()  # making a client may ask for another one

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The object of this key for the loop that is in use here, made when it is not there yet."""
        self._follow_fork()
        with self._lock:
            table = self._table()
            if key not in table:
                table[key] = make()
            return table[key]

    def _follow_fork(self) -> None:
        if self._process != os.getpid():  # the parent's connections are not ours to use or close
            self._forget()

    def _table(self) -> Table:
        loop = None if STEPPING.get() else _running_loop()
        if loop is None:
            return self._blocking
        if loop not in self._native:
            for ended in [other for other in self._native if other.is_closed()]:
                del self._native[ended]  # its objects may refer to it, so that it would stay for ever
            self._native[loop] = {}
        return self._native[loop]

    async def close(self) -> None:
        """Close everything, each on its own loop; what belongs to a loop that has ended is let go.

        Raises:
            DoorError: a blocking call on a loop that owns something; it would wait for itself.
            Exception: the first failure, after everything has been closed.
        """
        self._follow_fork()
        here = _running_loop()
        if STEPPING.get() and here in self._native:
            msg = "this event loop has objects of the kernel open: await kernel.aclose() instead of kernel.close()"
            raise DoorError(msg)
        failures: list[Exception] = []
        for passage in self._closings(here):
            try:
                await passage
            except Exception as error:  # noqa: BLE001 - raised once the rest is closed
                failures.append(error)
        if failures:
            raise failures[0]

    def _closings(self, here: asyncio.AbstractEventLoop | None) -> Iterator[Awaitable[None]]:
        with self._lock:
            blocking, self._blocking = self._blocking, {}
            native, self._native = dict(self._native), WeakKeyDictionary()
        for owned in blocking.values():
            yield perform(_close_on_loop_thread, owned)
        for loop, table in native.items():
            for owned in table.values():
                if loop is here:
                    yield perform(owned.close)
                elif loop.is_running():
                    yield perform(_close_over_there, owned, loop)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    import asyncio

    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def _close_on_loop_thread(owned: Closable) -> None:
    from quorate._loop import LOOP

    LOOP.run(owned.close())


def _close_over_there(owned: Closable, loop: asyncio.AbstractEventLoop) -> None:
    import asyncio

    asyncio.run_coroutine_threadsafe(owned.close(), loop).result()
