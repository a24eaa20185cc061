"""The door for streams: kernel code that gives or takes its answers in parts."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING, Any, TypeVar, cast

from quorate._drive import SCOPE, STEPPING, Passage, drive

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator

    from quorate._loop import Job

R = TypeVar("R")
_END = object()


async def each(make: Callable[..., AsyncIterator[R]], /, *args: Any, **kwargs: Any) -> AsyncGenerator[R, None]:
    """Take a stream from outside the kernel, part by part, in either mode.

    Under :func:`quorate._drive.drive` the whole stream lives in one task of the loop thread. Ending early
    (``break``, then ``aclose``) ends the stream, and with it its connection, before this returns.
    """
    if getattr(make, "__quorate_kernel__", False) or not STEPPING.get():
        items = make(*args, **kwargs)
        try:
            async for item in items:
                yield item
        finally:
            await _close(items)
        return
    from quorate._loop import LOOP

    parts: queue.SimpleQueue[Any] = queue.SimpleQueue()
    # Submitted as a passage, so that the stream's own context is not that of code which is stepped by hand.
    job: Job = await Passage(LOOP.submit, (_pump(make, args, kwargs, parts),), {})

    def end(_: object) -> None:
        parts.put(_END)

    job.done.add_done_callback(end)
    try:
        while (item := await Passage(parts.get, (), {})) is not _END:
            yield cast("R", item)
        job.done.result()
    finally:
        LOOP.end(job)
        del job  # an error's traceback holds this frame: without this, a cycle


async def _pump(
    make: Callable[..., AsyncIterator[Any]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    parts: queue.SimpleQueue[Any],
) -> None:
    items = make(*args, **kwargs)
    try:
        async for item in items:
            parts.put(item)
    finally:
        await _close(items)


async def _close(items: AsyncIterator[Any]) -> None:
    if (close := getattr(items, "aclose", None)) is not None:
        await close()


async def stream(
    kind: str, make: Callable[..., AsyncIterator[R]], /, *args: Any, **kwargs: Any
) -> AsyncGenerator[R, None]:
    """Pass the door with a stream: the next step of the run, taken part by part."""
    step = SCOPE.get()
    inner = step.child(kind) if step else None
    recorder = inner.recorder if inner else None
    items = recorder.stream(inner, make, args, kwargs) if recorder and inner else each(make, *args, **kwargs)
    try:
        while True:
            # Set for each part alone: an async generator may be resumed from another context.
            token = SCOPE.set(inner)
            try:
                item = await anext(items)
            except StopAsyncIteration:
                return
            finally:
                SCOPE.reset(token)
            yield item
    finally:
        await items.aclose()


def iterate(items: AsyncGenerator[R, None]) -> Iterator[R]:
    """Take a kernel stream from blocking code; closing the iterator closes the stream."""
    try:
        while True:
            try:
                yield drive(items.__anext__())
            except StopAsyncIteration:
                return
    finally:
        drive(items.aclose())
