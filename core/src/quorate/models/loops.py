"""One thing per event loop: connections belong to the loop that opened them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

T = TypeVar("T")


@dataclass(slots=True)
class _Own(Generic[T]):
    """A loop's own, what closes it, and whether it is open still."""

    value: T
    close: Callable[[], Awaitable[object]] | None
    is_open: bool = True


class PerLoop(Generic[T]):
    """What a client needs once for each event loop that uses it, such as an HTTP client; made when a loop needs it.

    A loop that ends orderly (``asyncio.run``) closes its own through an asynchronous generator that it knows; one that
    was closed without that is forgotten. Threads may share one of these.

    Args:
        make: makes the running loop's, and says how it is closed; None for what is not ours to close.
    """

    def __init__(self, make: Callable[[], tuple[T, Callable[[], Awaitable[object]] | None]]) -> None:
        self._make = make
        self._held: dict[asyncio.AbstractEventLoop, tuple[_Own[T], AsyncGenerator[None]]] = {}

    def __len__(self) -> int:
        """How many loops have one."""
        return len(self._held)

    async def here(self) -> T:
        """The running loop's."""
        loop = asyncio.get_running_loop()
        held = self._held.get(loop)
        if held is not None and held[0].is_open:
            return held[0].value
        self._forget_dead_loops()
        own = _Own(*self._make())
        closing = _closes(own)
        self._held[loop] = (own, closing)
        await anext(closing)
        return own.value

    async def close(self) -> None:
        """Close every loop's, each on its own loop; closing twice is fine, and :meth:`here` makes a new one."""
        self._forget_dead_loops()
        here = asyncio.get_running_loop()
        for loop in tuple(self._held):
            if loop is not here and not loop.is_running():
                continue  # it closes its own when it ends
            _, closing = self._held.pop(loop, (None, None))
            if closing is None:
                continue
            if loop is here:
                await closing.aclose()
            else:
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_ended(closing), loop))

    def _forget_dead_loops(self) -> None:
        for loop in tuple(self._held):
            if loop.is_closed():
                self._held.pop(loop, None)


async def _closes(own: _Own[T]) -> AsyncGenerator[None]:
    """Close a loop's own when this generator is closed: by us, by the loop when that ends, or when nobody holds it.

    It holds nothing that holds it: a client that nobody closed is closed as soon as it is let go.
    """
    try:
        yield
    finally:
        own.is_open = False
        if own.close is not None:
            await own.close()


async def _ended(closing: AsyncGenerator[None]) -> None:
    await closing.aclose()
