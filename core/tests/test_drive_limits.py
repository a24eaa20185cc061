"""The door: time limits, cancellation, and that nothing is kept alive by what went wrong."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import time
import weakref

import pytest

from quorate._drive import call, drive, gather, within
from quorate.errors import DoorError


@pytest.fixture(params=["blocking", "async"])
def run(request):
    """Run a kernel coroutine to its end, in one mode or the other."""
    return drive if request.param == "blocking" else asyncio.run


@pytest.fixture
def server():
    """A server on loopback that never answers; it notes connections that are opened and closed."""
    opened, closed = threading.Event(), threading.Event()
    loop = asyncio.new_event_loop()

    async def hold(reader, writer):
        opened.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        closed.set()
        writer.close()

    listening = loop.run_until_complete(asyncio.start_server(hold, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    port = listening.sockets[0].getsockname()[1]

    async def ask():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            return await reader.readline()
        finally:
            writer.close()
            await writer.wait_closed()

    ask.opened, ask.closed = opened, closed
    yield ask
    loop.call_soon_threadsafe(listening.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


# -- time limits


def test_a_coroutine_function_that_takes_too_long_is_cancelled_and_closes_its_connection(run, server):
    async def kernel():
        try:
            await within(0.2, server)
        except TimeoutError as error:
            return str(error)

    assert run(kernel()) == "no answer within 0.2 s"
    assert server.closed.wait(30)


def test_clean_up_may_await_and_is_over_before_the_error_leaves(run):
    done = []

    async def slow():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            done.append("cleaned up")

    async def kernel():
        with pytest.raises(TimeoutError):
            await within(0.05, slow)
        return list(done)

    assert run(kernel()) == ["cleaned up"]


def test_a_coroutine_function_that_never_began_is_dropped_quietly(run):
    async def kernel():
        with pytest.raises(TimeoutError):
            await within(0, asyncio.Event().wait)
        gc.collect()  # a coroutine that was never awaited would warn here, and a warning is an error
        return "goes on"

    assert run(kernel()) == "goes on"


def test_a_function_s_own_time_out_is_its_own(run):
    async def gives_up():
        raise TimeoutError("the server said so")

    async def kernel():
        await within(30, gives_up)

    with pytest.raises(TimeoutError, match=r"^the server said so$"):
        run(kernel())


def test_no_limit_is_no_limit(run):
    async def kernel():
        return await within(None, asyncio.sleep, 0.01, "done")

    assert run(kernel()) == "done"


def test_a_plain_function_is_cut_short_only_where_it_has_a_thread_of_its_own():
    event = threading.Event()

    async def kernel():
        return await within(0.05, event.wait, 0.2)

    assert drive(kernel()) is False
    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        asyncio.run(kernel())


# -- cancellation


def test_cancelling_a_task_reaches_the_connection(server):
    async def kernel():
        return await call("model", server)

    async def main():
        task = asyncio.create_task(kernel())
        await asyncio.to_thread(server.opened.wait, 30)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert server.closed.wait(30)


def test_cancelling_a_task_reaches_every_branch():
    ended = []

    async def endless(name):
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(name)

    async def main():
        task = asyncio.create_task(gather(call("tool", endless, "a"), call("tool", endless, "b")))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return sorted(ended)

    assert asyncio.run(main()) == ["a", "b"]


def test_a_cancelled_task_does_not_wait_for_a_plain_function():
    release, ended = threading.Event(), threading.Event()

    def stubborn():
        release.wait(30)
        ended.set()
        return "too late"

    async def main():
        task = asyncio.create_task(gather(call("tool", stubborn)))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return ended.is_set()

    assert asyncio.run(main()) is False
    release.set()  # what it gives now has nowhere to go: its loop is closed, and nobody is told
    assert ended.wait(30)
    for thread in threading.enumerate():
        if thread.name == "quorate-worker":
            thread.join(30)


def test_a_coroutine_function_that_cancels_itself_ends_as_cancelled(run):
    async def gives_up():
        raise asyncio.CancelledError

    async def kernel():
        try:
            await call("tool", gives_up)
        except asyncio.CancelledError:
            return "cancelled"

    assert run(kernel()) == "cancelled"


def test_a_coroutine_function_that_leaves_the_program_does(run):
    async def leaves():
        raise SystemExit(3)

    async def kernel():
        return await call("tool", leaves)

    with pytest.raises(SystemExit) as left:
        run(kernel())
    assert left.value.code == 3
    assert drive(call("tool", asyncio.sleep, 0, "the loop thread lives")) == "the loop thread lives"


# -- what is kept alive


class Marker:
    """Lives as long as the frame that holds it."""


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def gone(reference):
    """Whether it goes without the collector; threads and loops may need a moment to let go of their last result."""
    until = time.monotonic() + 10
    while reference() is not None and time.monotonic() < until:
        time.sleep(0.01)
    return reference() is None


async def through_call(func):
    await call("tool", func)


async def through_limit(func):
    await within(30, func)


async def through_gather(func):
    await gather(call("tool", func), call("tool", func))


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("way", [through_call, through_limit, through_gather])
@pytest.mark.parametrize("later", [False, True], ids=["plain", "coroutine"])
def test_an_error_keeps_no_frame_alive(run, way, later):
    held = []

    def fails():
        marker = Marker()
        held.append(weakref.ref(marker))
        raise LookupError

    async def fails_later():
        fails()

    async def kernel():
        with contextlib.suppress(LookupError):
            await way(fails_later if later else fails)
        await call("tool", list)  # one more passage: loops hold on to their last task
        return [gone(one) for one in held]

    assert set(run(kernel())) == {True}


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("way", [through_call, through_limit, through_gather])
@pytest.mark.parametrize("later", [False, True], ids=["plain", "coroutine"])
def test_an_error_that_leaves_a_blocking_call_keeps_no_frame_alive(way, later):
    held = []

    def fails():
        marker = Marker()
        held.append(weakref.ref(marker))
        raise LookupError

    async def fails_later():
        fails()

    with contextlib.suppress(LookupError):
        drive(way(fails_later if later else fails))
    drive(call("tool", asyncio.sleep, 0))
    assert {gone(one) for one in held} == {True}


@pytest.mark.usefixtures("no_collector")
def test_a_wrong_await_keeps_no_frame_alive():
    held = []

    async def kernel():
        marker = Marker()
        held.append(weakref.ref(marker))
        await asyncio.sleep(0)

    with contextlib.suppress(DoorError):
        drive(kernel())
    assert gone(held[0])
