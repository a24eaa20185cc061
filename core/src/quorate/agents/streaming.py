"""The events of a chat, handed to an application while the chat is held."""

from __future__ import annotations

import threading
from collections import deque
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from quorate._drive import steps
from quorate.errors import AgentError
from quorate.events import Event, listening

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator

    from quorate.agents.chat import ChatResult
    from quorate.events import Observer

_END: Any = object()


class ChatStream:
    """A chat that is held while its events are taken, with ``for`` or with ``async for``; once, and by one taker.

    With ``for`` the chat runs in the caller's thread, between one event and the next: it stands still while the
    program does something else. Branches that run side by side are told of when they have ended. With ``async for``
    it runs as a task of its own, and does not wait for the taker. Taking no further (``break``, ``close``, ``aclose``)
    cancels the chat; what was said stays in the histories.

    Args:
        chat: begins the chat.
    """

    def __init__(self, chat: Callable[[], Coroutine[Any, Any, ChatResult]]) -> None:
        self._chat = chat
        self._taken = False
        self._result: ChatResult | None = None

    @property
    def result(self) -> ChatResult:
        """What the chat gave.

        Raises:
            AgentError: it has not come to its end.
        """
        if self._result is None:
            msg = "the chat has no result yet; take its events to the end first"
            raise AgentError(msg)
        return self._result

    def __iter__(self) -> Generator[Event]:
        self._take()
        events: deque[Event] = deque()
        # A context of its own: what the chat keeps in context variables is no business of the program between events.
        context = copy_context()
        passages = steps(self._heard_by(events.append))
        try:
            while True:
                try:
                    context.run(next, passages)
                except StopIteration as end:
                    self._result = end.value
                    break
                except BaseException:
                    yield from events  # what happened before the failure
                    raise
                while events:
                    yield events.popleft()
            yield from events
        finally:
            context.run(_cancel, passages)

    async def __aiter__(self) -> AsyncGenerator[Event]:
        import asyncio

        self._take()
        events: asyncio.Queue[Event] = asyncio.Queue()
        loop, here = asyncio.get_running_loop(), threading.get_ident()

        def put(event: Event) -> None:
            if threading.get_ident() == here:
                events.put_nowait(event)
            else:  # a tool in a worker thread holds a chat of its own
                loop.call_soon_threadsafe(events.put_nowait, event)

        chat = asyncio.create_task(self._heard_by(put))
        chat.add_done_callback(lambda _: events.put_nowait(_END))
        try:
            while (event := await events.get()) is not _END:
                yield event
            self._result = await chat
        finally:
            if chat.cancel():
                await asyncio.wait([chat])

    def _take(self) -> None:
        if self._taken:
            msg = "the events of a chat are taken once; call stream_chat again for another chat"
            raise AgentError(msg)
        self._taken = True

    async def _heard_by(self, observer: Observer) -> ChatResult:
        with listening(observer):
            return await self._chat()


def _cancel(passages: Generator[None, None, Any]) -> None:
    """End a chat that stands between two passages, if it has not ended; it cleans up through the door."""
    from asyncio import CancelledError

    try:
        passages.throw(CancelledError())
        while True:
            next(passages)
    except (CancelledError, StopIteration):
        return
