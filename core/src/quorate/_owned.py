"""Objects that a kernel owns and that belong to one event loop, such as model clients with open connections."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from quorate._drive import STEPPING, perform

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Hashable


class Closable(Protocol):
    """What can be owned."""

    async def close(self) -> None:
        """Give back what it holds."""
        ...


class OwnedByLoop:
    """One object per key and event loop; blocking code counts as one loop of its own."""

    def __init__(self) -> None:
        self._native: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Hashable, Any]] = WeakKeyDictionary()
        self._blocking: dict[Hashable, Any] = {}
        self._process = os.getpid()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The object of this key for the loop that is in use here, made when it is not there yet."""
        table = self._table()
        if key not in table:
            table[key] = make()
        return table[key]

    def _table(self) -> dict[Hashable, Any]:
        if self._process != os.getpid():  # after a fork, the parent's connections are not ours
            self.__init__()  # type: ignore[misc]
        if (loop := _running_loop()) is None:
            return self._blocking
        return self._native.setdefault(loop, {})

    async def close(self) -> None:
        """Close everything, each on its own loop; what belongs to a loop that has ended is let go."""
        blocking, self._blocking = self._blocking, {}
        native, self._native = dict(self._native), WeakKeyDictionary()
        for owned in blocking.values():
            await perform(_close_on_loop_thread, owned)
        here = _running_loop()
        for loop, table in native.items():
            for owned in table.values():
                if loop is here:
                    await perform(owned.close)
                elif loop.is_running():
                    await perform(_close_over_there, owned, loop)


def _running_loop() -> asyncio.AbstractEventLoop | None:
    if STEPPING.get():
        return None
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
