"""Waiting, on an event loop, for what the engine's thread makes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from quorate_hf_local_client._engine import Job


class Line:
    """One request's line from the engine's thread to the event loop that it was made on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._arrived: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    def tell(self, what: str | Exception | None) -> None:
        """Send a text part, or at the end None or an error; from any thread."""
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            self._loop.call_soon_threadsafe(self._arrived.put_nowait, what)

    async def parts(self, job: Job) -> AsyncGenerator[str]:
        """The text parts until the request is done; whoever leaves early cancels it."""
        try:
            while (what := await self._arrived.get()) is not None:
                if not isinstance(what, str):
                    raise what
                yield what
        finally:
            job.cancelled = True
