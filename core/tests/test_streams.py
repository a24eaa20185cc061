"""The door for streams: taken part by part in either mode, and nothing is left when one is ended early."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref
from contextvars import ContextVar

import pytest

from quorate import _loop
from quorate._drive import call, current_step, drive, kernel_code, open_run
from quorate._loop import LOOP
from quorate._streams import each, iterate, stream
from quorate.errors import DoorError


@pytest.fixture(params=["blocking", "async"])
def take(request):
    """Take some parts of a kernel stream, or all, then end it; gives the parts."""

    def blocking(items, count=-1):
        iterator, parts = iterate(items), []
        for part in iterator:
            parts.append(part)
            if len(parts) == count:
                break
        iterator.close()
        return parts

    def native(items, count=-1):
        async def main():
            parts = []
            async with contextlib.aclosing(items):
                async for part in items:
                    parts.append(part)
                    if len(parts) == count:
                        break
            return parts

        return asyncio.run(main())

    return blocking if request.param == "blocking" else native


async def count(upto, ended=None):
    """A stream from outside the kernel."""
    try:
        for number in range(upto):
            await asyncio.sleep(0)
            yield number
    finally:
        if ended is not None:
            await asyncio.sleep(0.01)
            ended.append(threading.current_thread().name)


@kernel_code
async def doubled(upto, ended=None):
    """Kernel code that takes a stream and gives one."""
    items = stream("model", count, upto, ended)
    try:
        async for number in items:
            yield await call("tool", lambda number=number: 2 * number)
    finally:
        await items.aclose()


def test_the_parts_come_in_order_and_the_stream_ends(take):
    ended = []
    assert take(stream("model", count, 5, ended)) == [0, 1, 2, 3, 4]
    assert len(ended) == 1


def test_kernel_code_may_take_a_stream_and_give_one(take):
    assert take(stream("reply", doubled, 4)) == [0, 2, 4, 6]


def test_an_early_end_ends_everything_below_before_it_returns(take):
    ended = []
    assert take(stream("reply", doubled, 1_000_000, ended), 3) == [0, 2, 4]
    assert len(ended) == 1


def test_an_empty_stream(take):
    assert take(stream("model", count, 0)) == []


class Parts:
    """A stream that is no generator, and cannot be closed."""

    def __init__(self, parts):
        self.parts = iter(parts)

    def __aiter__(self):
        return self

    async def __anext__(self):
        for part in self.parts:
            return part
        raise StopAsyncIteration


def test_any_async_iterator_is_a_stream(take):
    assert take(stream("model", Parts, "abc")) == ["a", "b", "c"]
    assert take(stream("model", Parts, "abc"), 1) == ["a"]


# -- errors


async def breaks():
    yield 1
    raise LookupError("the line is cut")


def refuses():
    raise LookupError("no such model")


@pytest.mark.parametrize(("make", "text"), [(breaks, "the line is cut"), (refuses, "no such model")])
def test_an_error_in_the_stream_reaches_the_consumer(take, make, text):
    with pytest.raises(LookupError, match=text):
        take(stream("model", make))


def test_the_parts_before_an_error_arrive():
    got = []
    with pytest.raises(LookupError):
        got.extend(iterate(stream("model", breaks)))  # extend takes them one by one
    parts = iterate(stream("model", breaks))
    assert next(parts) == 1
    with pytest.raises(LookupError):
        next(parts)


def test_an_error_of_the_consumer_ends_the_stream():
    ended = []

    async def kernel():
        items = stream("model", count, 1_000_000, ended)
        try:
            async for _ in items:
                raise KeyError("mine")
        finally:
            await items.aclose()

    with pytest.raises(KeyError):
        drive(kernel())
    assert ended == ["quorate-loop"]


def test_a_stream_that_waits_for_the_loop_thread_on_that_thread_is_refused():
    async def tool():
        return list(iterate(stream("model", count, 3)))

    with pytest.raises(DoorError, match="would wait for itself"):
        drive(call("tool", tool))


@pytest.mark.parametrize("make", [breaks, refuses])
def test_an_error_keeps_no_frame_alive(make):
    class Marker:
        pass

    def consume():
        marker = Marker()
        held.append(weakref.ref(marker))
        for _ in iterate(stream("model", make)):
            pass

    held = []
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(LookupError):
            consume()
        drive(call("tool", asyncio.sleep, 0))  # the loop thread holds on to its last task
        assert held[0]() is None
    finally:
        gc.enable()


# -- where it runs, and as which step

COLOUR: ContextVar[str] = ContextVar("colour", default="none")


async def looks_around():
    """A client that is itself made of kernel code, as one that falls back to others."""
    yield COLOUR.get()
    yield current_step().address
    yield await call("tool", lambda: current_step().address)
    with open_run():
        yield await call("tool", asyncio.sleep, 0, "awaited")


def test_a_stream_has_its_caller_s_context_and_a_step_of_its_own(take):
    async def kernel():
        COLOUR.set("green")
        with open_run():
            await call("tool", list)
            async with contextlib.aclosing(stream("model", looks_around)) as items:
                parts = [part async for part in items]
            return [*parts, current_step().address, await call("tool", lambda: current_step().address)]

    async def once():
        yield await kernel()

    assert take(once()) == [["green", "1", "1.0", "awaited", "", "2"]]


def test_a_blocking_stream_lives_in_one_task():
    async def tasks():
        for _ in range(3):
            await asyncio.sleep(0)
            yield asyncio.current_task(), threading.current_thread().name

    assert len(set(iterate(stream("model", tasks)))) == 1


def test_streams_interleave():
    left, right = iterate(stream("model", count, 3)), iterate(stream("reply", doubled, 3))
    assert list(zip(left, right, strict=True)) == [(0, 0), (1, 2), (2, 4)]


def test_a_blocking_stream_works_inside_a_running_loop():
    async def notebook():
        return list(iterate(stream("reply", doubled, 3)))

    assert asyncio.run(notebook()) == [0, 2, 4]


# -- nothing is left


@pytest.fixture
def server():
    """A server on loopback that sends lines for ever; it notes when its connection is closed."""
    closed = threading.Event()
    loop = asyncio.new_event_loop()

    async def send(reader, writer):
        ended = asyncio.ensure_future(reader.read())
        with contextlib.suppress(ConnectionError):
            while not ended.done():
                writer.write(b"part\n")
                await asyncio.wait([ended], timeout=0.005)
            await ended
        closed.set()
        writer.close()

    listening = loop.run_until_complete(asyncio.start_server(send, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = listening.sockets[0].getsockname()[1]

    async def lines():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while True:
                yield await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()

    lines.closed = closed
    yield lines
    loop.call_soon_threadsafe(listening.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def tasks_left():
    """How many tasks the loop thread has."""

    async def left():
        return len(asyncio.all_tasks()) - 1

    return drive(call("tool", left))


def test_an_early_end_closes_the_connection_and_the_task(take, server):
    assert take(stream("model", server), 2) == [b"part\n", b"part\n"]
    assert server.closed.wait(30)
    assert tasks_left() == 0


def test_a_consumer_that_drops_the_iterator_closes_the_connection(server):
    def consume():
        for _ in iterate(stream("model", server)):
            return

    consume()
    assert server.closed.wait(30)
    assert tasks_left() == 0


def test_a_consumer_that_drops_a_kernel_stream_closes_the_connection(server):
    async def kernel():
        async for _ in stream("model", server):
            return

    drive(kernel())
    assert server.closed.wait(30)
    assert tasks_left() == 0


def test_a_consumer_that_drops_the_iterator_under_a_loop_closes_the_connection(server):
    async def main():
        async for _ in stream("model", server):
            break
        return await asyncio.to_thread(server.closed.wait, 30), len(asyncio.all_tasks())

    assert asyncio.run(main()) == (True, 1)


def test_a_cancelled_task_closes_its_stream(server):
    async def consume():
        async for _ in stream("model", server):
            pass

    async def main():
        task = asyncio.create_task(consume())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert server.closed.wait(30)


def test_an_iterator_that_is_collected_on_the_loop_thread_does_not_hold_it_up(monkeypatch):
    """A collector runs on any thread; on the loop thread it would wait for itself."""
    monkeypatch.setattr(_loop, "CLEAN_UP", 1000)
    ended = []
    parts = iterate(each(count, 1_000_000, ended))
    assert next(parts) == 0

    async def collect():
        parts.close()

    LOOP.run(collect())
    until = time.monotonic() + 30
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == ["quorate-loop"]
