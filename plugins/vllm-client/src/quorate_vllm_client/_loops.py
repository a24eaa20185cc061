"""One HTTP client per event loop: connections belong to the loop that opened them."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

# Those of the OpenAI SDK: an answer may take ten minutes, a server that is up takes a connection at once.
_TIMEOUT = httpx2.Timeout(600.0, connect=5.0)
_LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)


@dataclass(frozen=True, slots=True)
class Loop:
    """What one event loop has of its own.

    Attributes:
        http: the HTTP client.
        closing: closes the HTTP client when it is closed itself: by us, or by its loop when that ends.
        asking: held while the server is asked about itself, so that many first calls ask once.
    """

    http: httpx2.AsyncClient
    closing: AsyncGenerator[None]
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


class Loops:
    """The event loops that use a client, each with connections of its own.

    A loop that ends orderly (``asyncio.run``) closes its own through an asynchronous generator that it knows; one
    that was closed without that is forgotten.

    Args:
        url: where requests go.
        timeout: seconds for each of connecting, sending and waiting for bytes; None for the default.
        given: the user's HTTP client, left open, or what makes one for each loop; None for ours.
    """

    def __init__(
        self, url: str, timeout: float | None, given: httpx2.AsyncClient | Callable[[], httpx2.AsyncClient] | None
    ) -> None:
        self._timeout = _TIMEOUT if timeout is None else httpx2.Timeout(timeout)
        self._given = given
        self._tls = _tls(url) if given is None else None
        self._loops: dict[asyncio.AbstractEventLoop, Loop] = {}

    async def here(self) -> Loop:
        """The running loop's."""
        running = asyncio.get_running_loop()
        held = self._loops.get(running)
        if held is not None and not held.http.is_closed:
            return held
        self._forget_dead_loops()
        http = self._make()
        held = self._loops[running] = Loop(http, _closes(None if http is self._given else http))
        await anext(held.closing)
        return held

    async def close(self) -> None:
        """Close every loop's connections, each on its own loop."""
        self._forget_dead_loops()
        here = asyncio.get_running_loop()
        for loop in tuple(self._loops):
            if loop is not here and not loop.is_running():
                continue  # it closes them itself when it ends
            held = self._loops.pop(loop, None)
            if held is None:
                continue
            if loop is here:
                await held.closing.aclose()
            else:
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_ended(held.closing), loop))

    def _forget_dead_loops(self) -> None:
        for loop in tuple(self._loops):
            if loop.is_closed():
                self._loops.pop(loop, None)

    def _make(self) -> httpx2.AsyncClient:
        if self._given is None:
            return httpx2.AsyncClient(verify=self._tls or True, timeout=self._timeout, limits=_LIMITS)
        return self._given() if callable(self._given) else self._given


async def _closes(http: httpx2.AsyncClient | None) -> AsyncGenerator[None]:
    try:
        yield
    finally:
        if http is not None:
            await http.aclose()


async def _ended(closing: AsyncGenerator[None]) -> None:
    await closing.aclose()


def _tls(url: str) -> ssl.SSLContext:
    """One TLS context for all loops; loading the authorities takes 25 ms, so ``http://`` gets one that trusts nobody."""
    if url.lower().startswith("https:"):
        return httpx2.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
