"""Connections: closed when nobody wants the answer any more, kept apart, and none left behind."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import ask, both_ways, closed, driven, failing, off_loop, opened, watched
from pytest_quorate.contracts._served import always
from pytest_quorate.contracts._subject import Subject
from pytest_quorate.server import echo

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer
    from quorate.messages import Message

_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 500, "body": b"{}"},
    {"body": b"<html>"},
    {"text": "cut", "cut": 10},
)


class WireConnectionTests(Subject, contract=True):
    """The endpoint sees a connection for exactly as long as somebody wants something of it."""

    @both_ways
    @driven
    async def test_cancellation_hangs_up(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """A call that is cancelled while it waits closes its connection at once.

        Why: an endpoint goes on computing, and charging, until the connection closes.
        Fix: close the response in ``finally``, shielded from the cancellation that is under way.
        """
        scripted_server.never()
        async with opened(fresh()) as client:
            task = asyncio.create_task(ask(client, way, self.messages))
            await off_loop(scripted_server.wait, _asked, self.patience)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await self._hung_up(scripted_server), "the connection stayed open after the cancellation"

    @driven
    async def test_cancellation_in_a_stream_hangs_up(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that is cancelled between two parts closes its connection at once.

        Why: as above; here tokens are already being paid for.
        Fix: as above, around the loop that reads.
        """
        scripted_server.stream("first", 10 * self.patience, "second")
        started = asyncio.Event()

        async def follow(client: Any) -> None:
            async for _ in client.create_stream(self.messages):
                started.set()

        async with opened(fresh()) as client:
            task = asyncio.create_task(follow(client))
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await self._hung_up(scripted_server), "the connection stayed open after the cancellation"

    @driven
    async def test_leaving_a_stream_hangs_up(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that is left early and closed closes its connection at once.

        Why: reading the rest only to throw it away is paid for.
        Fix: close the response in ``finally`` of the generator.
        """
        scripted_server.stream("first", 10 * self.patience, "second")
        async with opened(fresh()) as client:
            stream: Any = client.create_stream(self.messages)
            await anext(stream)
            await stream.aclose()
            assert await self._hung_up(scripted_server), "the connection stayed open after the stream was left"

    @driven
    async def test_a_finished_call_is_not_cut(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A call and a stream that were read to the end were answered in full before anybody hung up.

        Why: a connection that is cut at the end cannot be used again, and the next call pays for a new one.
        Fix: read what follows ``[DONE]`` before giving the connection back.
        """
        always(scripted_server, "five", pause=0.02)  # so that a client which leaves before [DONE] is seen to
        async with opened(fresh()) as client:
            for way in ("create", "create_stream"):
                await ask(client, way, self.messages)
        assert await off_loop(scripted_server.wait_idle, self.patience)
        assert all(request.answered for request in scripted_server.requests)

    @driven
    async def test_no_socket_after_close(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """After ``close`` no connection is open, also after failures.

        Why: a server process makes and closes clients all day long.
        Fix: close the HTTP client in ``close``, and every response whatever its status.
        """
        client = fresh()
        for way in ("create", "create_stream"):
            await ask(client, way, self.messages)
        for fault in _FAULTS:
            always(scripted_server, **fault)
            for way in ("create", "create_stream"):
                await failing(client, way, self.messages)
        await client.close()
        idle = await off_loop(scripted_server.wait_idle, self.patience)
        assert idle, f"{scripted_server.connections_open} connections are open after close"

    def test_a_loop_that_ends_leaves_no_socket(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """When an event loop ends, the connections that it opened are closed, without ``close``.

        Why: a blocking program that runs loop after loop would leave sockets behind with each.
        Fix: close a loop's HTTP client when the loop shuts its asynchronous generators down, or close each connection
        after use.
        """
        client = fresh()
        for _ in range(2):
            asyncio.run(watched(ask(client, "create", self.messages), self.patience))
            asyncio.run(watched(ask(client, "create_stream", self.messages), self.patience))
            assert scripted_server.wait_idle(self.patience), "a loop that ended left a connection open"

    @driven
    async def test_answers_are_not_mixed_up(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Fifty calls at once each get their own answer.

        Why: an answer in the wrong conversation is the worst kind of fault, for it looks like an answer.
        Fix: keep what belongs to a call in local variables.
        """
        scripted_server.answer = echo
        async with opened(fresh()) as client:
            results = await asyncio.gather(
                *(ask(client, ("create", "create_stream")[n % 2], _numbered(n)) for n in range(50))
            )
        assert [result.content for result in results] == [f"number {n}" for n in range(50)]

    def test_threads_are_not_mixed_up(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Sixteen threads with three calls each get their own answers, and leave no connection.

        Why: as above, where loops are involved too.
        Fix: one HTTP client per event loop.
        """
        scripted_server.answer = echo
        client = fresh()
        answers: dict[int, object] = {}

        async def calls(number: int) -> list[object]:
            ways = ("create", "create_stream", "create")
            return [(await ask(client, way, _numbered(number))).content for way in ways]

        def work(number: int) -> None:
            try:
                answers[number] = asyncio.run(watched(calls(number), self.patience))
            except BaseException as error:  # noqa: BLE001 - told below, in the thread that can fail the test
                answers[number] = error

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asyncio.run(closed(client))
        assert answers == {number: [f"number {number}"] * 3 for number in range(16)}

    @both_ways
    @driven
    async def test_it_goes_on_after_a_failure(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """After each kind of failure the next call is answered.

        Why: the kernel comes back to an endpoint after its cool-down, with the same client.
        Fix: never give a broken connection back to the pool.
        """
        healthy = scripted_server.answer
        async with opened(fresh()) as client:
            for fault in (*_FAULTS, {"cut": -1}, {"raw": b"no http"}):
                always(scripted_server, **fault)
                await failing(client, way, self.messages)
                scripted_server.answer = healthy
                assert (await ask(client, way, self.messages)).content

    @driven
    async def test_it_goes_on_after_the_server_restarts(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Connections that the endpoint closed while they were idle are replaced before the next call.

        Why: endpoints close idle connections after a minute, and people think longer than that.
        Fix: let the HTTP library check a connection before it is used again.
        """
        async with opened(fresh()) as client:
            await client.create(self.messages)
            scripted_server.drop_connections()
            assert await off_loop(scripted_server.wait_idle, self.patience)
            await asyncio.sleep(0.05)
            assert (await client.create(self.messages)).content

    async def _hung_up(self, server: ScriptedServer) -> bool:
        return await off_loop(server.wait, _left, self.patience)


def _asked(server: ScriptedServer) -> bool:
    return bool(server.requests)


def _left(server: ScriptedServer) -> bool:
    return server.requests[0].disconnected is not None


def _numbered(number: int) -> list[Message]:
    return [{"role": "user", "content": f"number {number}"}]
