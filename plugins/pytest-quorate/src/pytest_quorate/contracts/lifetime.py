"""The life of a client: loops, threads, calls side by side, cancellation, and closing."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import ask, both_ways, closed, driven, opened, read, watched
from pytest_quorate.contracts._subject import Subject

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh

THREADS = 16


class LifetimeTests(Subject, contract=True):
    """One client serves many callers, wherever they are, and can be closed at any time."""

    @driven
    async def test_closing_twice_is_fine(self, fresh: Fresh) -> None:
        """``close`` may be called before any use, and again.

        Why: a kernel, a ``with`` statement and a cautious program may all close the same client.
        Fix: let ``close`` do nothing when there is nothing to close.
        """
        unused = fresh()
        await unused.close()
        await unused.close()
        client = fresh()
        await client.create(self.messages)
        await client.close()
        await client.close()

    @driven
    async def test_it_is_a_context_manager(self, fresh: Fresh) -> None:
        """``async with client`` gives the client itself.

        Why: that is how programs without a kernel close one.
        Fix: subclass ``BaseChatCompletionClient``, or define ``__aenter__`` (return self) and ``__aexit__`` (close).
        """
        client: Any = fresh()
        async with client as entered:
            assert entered is client
            assert (await entered.create(self.messages)).content

    def test_two_event_loops_in_turn(self, fresh: Fresh) -> None:
        """A client that served one event loop serves the next.

        Why: notebooks and blocking programs run one loop after another with the same client; what is bound to the
        first loop (a connection, a lock) fails in the second with an error that nobody understands.
        Fix: keep one HTTP client (or lock, or queue) per event loop.
        """
        client = fresh()
        for _ in range(2):
            for way in ("create", "create_stream"):
                result = asyncio.run(watched(ask(client, way, self.messages), self.patience))
                assert result.content
        asyncio.run(closed(client))

    def test_sixteen_threads(self, fresh: Fresh) -> None:
        """Threads with event loops of their own share one client.

        Why: blocking chats run in threads of a server, and all use the kernel's one client per configuration.
        Fix: keep what belongs to a call in the call, and what belongs to a loop per loop; guard the rest with a lock.
        """
        client = fresh()
        expected = asyncio.run(watched(ask(client, "create", self.messages), self.patience)).content
        answers: list[object] = []

        def work(number: int) -> None:
            way = ("create", "create_stream")[number % 2]
            try:
                answers.append(asyncio.run(watched(ask(client, way, self.messages), self.patience)).content)
            except BaseException as error:  # noqa: BLE001 - told below, in the thread that can fail the test
                answers.append(error)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(THREADS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asyncio.run(closed(client))
        wrong = [answer for answer in answers if answer != expected]
        assert not wrong, f"{len(wrong)} of {THREADS} threads got something else, first {wrong[0]!r:.300}"

    @driven
    async def test_calls_side_by_side(self, fresh: Fresh) -> None:
        """Calls and streams on one loop at once do not disturb one another.

        Why: parallel branches of a conversation ask through the same client.
        Fix: keep what belongs to a call in local variables.
        """
        async with opened(fresh()) as client:
            expected = (await client.create(self.messages)).content
            ways = ["create", "create_stream"] * 4
            results = await asyncio.gather(*(ask(client, way, self.messages) for way in ways))
        assert [result.content for result in results] == [expected] * len(ways)

    @both_ways
    @driven
    async def test_a_cancelled_call_ends_cancelled(self, fresh: Fresh, way: str) -> None:
        """A call that is cancelled raises ``CancelledError``, and the client goes on.

        Why: deadlines, Ctrl-C and a person who changes their mind all arrive as cancellation; one that is swallowed or
        turned into another error hangs the program, or is retried.
        Fix: catch ``Exception``, never ``BaseException``, and release in ``finally``.
        """
        async with opened(fresh()) as client:
            task = asyncio.create_task(ask(client, way, self.messages))
            await asyncio.sleep(0)
            if not task.done():  # a client that waits for nothing is not cancelled
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert (await client.create(self.messages)).content

    @driven
    async def test_a_stream_left_early_breaks_nothing(self, fresh: Fresh) -> None:
        """After a stream is left at its first part, the client answers the next question in full.

        Why: programs stop reading when they have seen enough; what was left must not turn up in the next answer.
        Fix: close the connection in ``finally`` when the stream was not read to its end.
        """
        async with opened(fresh()) as client:
            expected = (await client.create(self.messages)).content
            stream: Any = client.create_stream(self.messages)
            await anext(stream)
            await stream.aclose()
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == expected
