"""The background threads of blocking code: one loop thread for coroutine functions, and threads for a gather."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from quorate.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

CLEAN_UP = 5.0
"""Seconds that a cancelled coroutine may take to clean up (close its connection, end its process)."""


class Job:
    """One coroutine on the loop thread; ``done`` gets its result."""

    def __init__(self, work: Awaitable[Any]) -> None:
        self._work = work
        self._task: asyncio.Task[Any] | None = None
        self.done: Future[Any] = Future()

    def start(self) -> None:
        """Begin; runs on the loop thread."""
        self._task = asyncio.ensure_future(_as_coroutine(self._work))
        self._task.add_done_callback(self._finish)

    def _finish(self, task: asyncio.Task[Any]) -> None:
        if task.cancelled():
            self.done.set_exception(asyncio.CancelledError())
        elif (error := task.exception()) is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(task.result())

    def cancel(self) -> None:
        """Cancel it; runs on the loop thread."""
        if self._task is not None:
            self._task.cancel()


async def _as_coroutine(work: Awaitable[Any]) -> Any:
    return await work


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
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name="quorate-loop", daemon=True)
                self._thread.start()
                atexit.register(self.stop)
            return self._loop

    def submit(self, work: Awaitable[Any]) -> Job:
        """Start a coroutine in the caller's context.

        Raises:
            DoorError: called on the loop thread itself, which would wait for itself for ever.
        """
        loop = self.loop
        if threading.current_thread() is self._thread:
            if asyncio.iscoroutine(work):
                work.close()
            msg = (
                "a blocking call inside a coroutine that quorate is running would wait for itself; await the a_... form"
            )
            raise DoorError(msg)
        job = Job(work)
        loop.call_soon_threadsafe(job.start, context=copy_context())
        return job

    def run(self, work: Awaitable[Any], limit: float | None = None) -> Any:
        """Wait for a coroutine; when the wait is broken off (Ctrl-C, time limit) it is cancelled and cleans up first.

        Raises:
            TimeoutError: it took longer than ``limit`` seconds.
        """
        job = self.submit(work)
        try:
            return job.done.result(limit)
        except BaseException as error:
            if job.done.done():
                raise
            self.end(job)
            if isinstance(error, FutureTimeout):
                msg = f"no answer within {limit:g} s"
                raise TimeoutError(msg) from None
            raise

    def end(self, job: Job) -> None:
        """Cancel a job and wait until it has cleaned up."""
        if not job.done.done() and self._loop is not None:
            self._loop.call_soon_threadsafe(job.cancel)
            job.done.exception(CLEAN_UP)

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


def run_threads(jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run plain functions side by side and give results or errors in order; one alone runs in this thread."""
    if len(jobs) == 1:
        return [_outcome(jobs[0])]
    results: list[Any] = [None] * len(jobs)

    def run(index: int) -> None:
        results[index] = _outcome(jobs[index])

    # Daemon threads: after Ctrl-C the program ends without waiting for a tool that does not.
    threads = [
        threading.Thread(target=run, args=(i,), name=f"quorate-branch-{i}", daemon=True) for i in range(len(jobs))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _outcome(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except BaseException as error:  # noqa: BLE001 - gather raises it once every branch has ended
        return error
