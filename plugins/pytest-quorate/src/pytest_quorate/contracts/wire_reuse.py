"""Connections over time: kept where that is claimed, opened again, and closed when nobody is left who wants them."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import gc
import threading
from typing import TYPE_CHECKING

from pytest_quorate.contracts._driving import ask, closed, driven, off_loop, opened, watched
from pytest_quorate.contracts._subject import Subject

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer

_WAYS = ("create", "create_stream")


class WireReuseTests(Subject, contract=True):
    """A connection is used again, or closed; none is left to the garbage collector of some other loop."""

    @driven
    async def test_one_connection_serves_calls_in_turn(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Claimed as ``keep_alive``: calls and streams one after another share one connection.

        Why: a TLS handshake costs more than many a short answer.
        Fix: read each answer to its end, then give its connection back to the pool instead of closing it.
        """
        async with opened(fresh()) as client:
            for way in _WAYS * 3:
                await ask(client, way, self.messages)
        if "keep_alive" in self.capabilities:
            count = scripted_server.connections_opened
            assert count == 1, f"{count} connections were opened for six calls in turn"

    @driven
    async def test_it_opens_again_after_close(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A client that was closed answers the next call, and can be closed again.

        Why: a kernel that is closed may be used again, and programs hold on to their clients.
        Fix: make what ``close`` closed anew when it is needed.
        """
        client = fresh()
        for _ in range(2):
            assert (await client.create(self.messages)).content
            await client.close()
            assert await off_loop(scripted_server.wait_idle, self.patience), "a connection is open after close"

    @driven
    async def test_a_dropped_stream_hangs_up(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that is left with ``break``, and nobody holds any more, closes its connection.

        Why: that is how most programs leave a stream; the endpoint goes on computing until the connection closes.
        Fix: hold no reference to a stream that was given out.
        """
        scripted_server.stream("first", 10 * self.patience, "second")
        async with opened(fresh()) as client:
            async for _ in client.create_stream(self.messages):
                break
            gc.collect()
            left = await off_loop(scripted_server.wait, _left, self.patience)
            assert left, "the connection stayed open after the stream was dropped"

    def test_close_reaches_other_loops(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """``close`` closes the connections that a loop in another thread opened, too.

        Why: the kernel closes a client from wherever the program ends.
        Fix: close each loop's connections on that loop (``asyncio.run_coroutine_threadsafe``).
        """
        client = fresh()
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(ask(client, "create", self.messages), loop).result(self.patience)
            asyncio.run(watched(closed(client), self.patience))
            idle = scripted_server.wait_idle(self.patience)
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()
        assert idle, "a connection that another loop opened is open after close"

    @driven
    async def test_a_client_nobody_closed_leaves_no_socket(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """When a client is let go without ``close``, its connections are closed.

        Why: people make a client in a function and forget it; a server process has only so many sockets.
        Fix: keep no reference to clients; let what closes the connections be held by the client alone.
        """
        client = fresh()
        for way in _WAYS:
            await ask(client, way, self.messages)
        del client
        gc.collect()
        assert await off_loop(scripted_server.wait_idle, self.patience), "a connection outlived its client"


def _left(server: ScriptedServer) -> bool:
    return server.requests[0].disconnected is not None
