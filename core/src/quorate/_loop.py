"""The background threads of the door: one loop thread for coroutine functions, and threads for plain ones."""

from __future__ import annotations

import asyncio
import atexit
import os
import sys
import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import ContextVar, copy_context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

CLEAN_UP = 5.0
"""Seconds that a cancelled coroutine may take to clean up (close its connection, end its process)."""

Outcome: TypeAlias = tuple[Any, BaseException | None]
"""What came of a function: its result, or its error."""


class Job:
    """One coroutine on the loop thread; ``done`` gets its result."""

    def __init__(self, work: Awaitable[Any]) -> None:
        self._work = work
        self._task: asyncio.Task[Outcome] | None = None
        self.done: Future[Any] = Future()

    def start(self) -> None:
        """Begin; runs on the loop thread."""
        self._task = asyncio.ensure_future(_outcome(self._work))
        self._task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[Outcome]) -> None:
        if task.cancelled():  # before it began
            _discard(self._work)
            self.done.set_exception(asyncio.CancelledError())
            return
        value, error = task.result()
        if error is None:
            self.done.set_result(value)
        else:
            self.done.set_exception(error)

    def cancel(self) -> None:
        """Cancel it; runs on the loop thread."""
        if self._task is not None:
            self._task.cancel()


async def _outcome(work: Awaitable[Any]) -> Outcome:
    try:
        return await work, None
    except BaseException as error:  # noqa: BLE001 - SystemExit too: a task that raised it would end the loop thread
        return None, error


def _discard(work: Awaitable[Any]) -> None:
    if asyncio.iscoroutine(work):
        work.close()


UNDER_WAY: ContextVar[tuple[set[Job], ...]] = ContextVar("quorate_under_way", default=())
"""What is on the loop thread for each gather and each chat that this code is part of, for those who break it off."""


class LoopThread:
    """One event loop in one daemon thread, started when first needed and anew after a fork."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Start afresh: a forked child has this object, but not its thread."""
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop, running."""
        with self._lock:
            if self._loop is None:
                loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=loop.run_forever, name="quorate-loop", daemon=True)
                self._thread.start()
                self._loop = loop
                atexit.register(self.stop)
            return self._loop

    def here(self) -> bool:
        """Whether this is the loop thread, which must not wait for itself."""
        return threading.current_thread() is self._thread

    def submit(self, work: Awaitable[Any]) -> Job:
        """Start a coroutine in the caller's context; whoever starts one ends it (:meth:`end`).

        Raises:
            DoorError: called on the loop thread itself, which would wait for itself for ever.
        """
        if self.here():
            _discard(work)
            msg = (
                "a blocking call inside a coroutine that quorate is running would wait for itself; await the a_... form"
            )
            raise DoorError(msg)
        job = Job(work)
        for under_way in UNDER_WAY.get():
            under_way.add(job)
        self.loop.call_soon_threadsafe(job.start, context=copy_context())
        return job

    def run(self, work: Awaitable[Any], limit: float | None = None) -> Any:
        """Wait for a coroutine; when the wait is broken off (Ctrl-C, time limit) it is cancelled and cleans up first.

        Raises:
            TimeoutError: it took longer than ``limit`` seconds.
        """
        job = self.submit(work)
        try:
            return job.done.result(limit)
        except TimeoutError:
            if limit is None or job.done.done():
                raise
            raise too_late(limit) from None
        finally:
            self.end(job)
            del job  # an error's traceback holds this frame: without this, a cycle

    def end(self, job: Job) -> None:
        """Cancel a job that is not done, and wait until it has cleaned up."""
        for under_way in UNDER_WAY.get():
            under_way.discard(job)
        if job.done.done() or self._loop is None:
            return
        self._loop.call_soon_threadsafe(job.cancel)
        if not self.here():  # the garbage collector may end a stream on any thread
            wait([job.done], CLEAN_UP)

    def stop(self) -> None:
        """Cancel what is running and end the thread; runs at exit."""
        loop, thread = self._loop, self._thread
        if loop is None or thread is None or not thread.is_alive():
            return
        self.forget()
        asyncio.run_coroutine_threadsafe(_cancel_all(), loop).add_done_callback(
            lambda _: loop.call_soon_threadsafe(loop.stop)
        )
        thread.join(CLEAN_UP)
        if not thread.is_alive():
            loop.close()


async def _cancel_all() -> None:
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()


LOOP = LoopThread()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LOOP.forget)


def too_late(limit: float) -> TimeoutError:
    """The error of a coroutine function that took longer than it may."""
    return TimeoutError(f"no answer within {limit:g} s")


def run_threads(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run plain functions that do not fail side by side, each in a copy of this context; one alone runs in this thread.

    On the loop thread they run one after the other: branches in threads would wait for it while it waits for them.
    """
    if len(jobs) == 1 or LOOP.here():
        return [copy_context().run(job) for job in jobs]
    results: list[Any] = [None] * len(jobs)
    under_way: set[Job] = set()

    def run(index: int) -> None:
        UNDER_WAY.set((*UNDER_WAY.get(), under_way))
        results[index] = jobs[index]()

    threads = [_start(partial(run, index), f"quorate-branch-{index}") for index in range(len(jobs))]
    try:
        for thread in threads:
            thread.join()
    except BaseException:  # Ctrl-C; plain functions go on in their threads
        for job in tuple(under_way):
            LOOP.end(job)
        raise
    given = results[:]
    results.clear()  # the traceback of an error leads to the frames of its thread, and they to this list
    return given


async def in_thread(job: Callable[[], Any]) -> Any:
    """Run a plain function in a thread of its own; a function that is cancelled goes on there, and nobody waits."""
    outcomes: list[Outcome] = []
    await _begin(lambda: outcomes.append(_attempt(job)))
    value, error = outcomes.pop()  # see run_threads
    try:
        if error is not None:
            raise error
    finally:
        del error  # its traceback holds this frame: without this, a cycle
    return value


def _begin(job: Callable[[], None]) -> asyncio.Future[None]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle() -> None:
        if not future.done():
            future.set_result(None)

    def work() -> None:
        job()
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            loop.call_soon_threadsafe(settle)

    # A thread each and no pool: a nested chat holds its thread while it waits for others.
    _start(work, "quorate-worker")
    return future


def _attempt(job: Callable[[], Any]) -> Outcome:
    try:
        return job(), None
    except BaseException as error:  # noqa: BLE001 - raised where it is awaited
        return None, error


def _start(job: Callable[[], None], name: str) -> threading.Thread:
    """A daemon thread in a copy of this context: after Ctrl-C the program ends without waiting for a tool or a prompt."""
    thread = threading.Thread(target=_run, args=(copy_context(), job, sys.stdin), name=name, daemon=True)
    thread.start()
    return thread


def _run(context: Any, job: Callable[[], None], stdin: object) -> None:
    context.run(job)
    # Held until here: an interpreter that ends while a thread waits in input() aborts when it closes standard input.
    del stdin
