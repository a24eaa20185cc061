"""A scripted chat-completions server on loopback: real sockets, a script that is data, and a memory.

It speaks HTTP/1.1 from a thread of its own and depends on the standard library alone, so that it
serves tests of any client, and benchmarks.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from pytest_quorate.connection import Connection
from pytest_quorate.replies import NEVER, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from pytest_quorate.replies import Piece
    from pytest_quorate.requests import Request


class ScriptedServer:
    """Answers chat completions from a script, and remembers what was asked.

    Every scripting method queues one reply, takes :class:`Reply`'s fields as keywords and gives the server
    back, so that a script reads in order::

        with ScriptedServer() as server:
            server.status(429, headers={"retry-after": "1"}).reply("Hello")
            client = SomeClient(base_url=server.base_url)

    A request that finds the queue empty is answered by ``answer``; by default it echoes the last message.

    Args:
        answer: ``(request) -> Reply``, called in the server's thread when the queue is empty.
        prefix: the path before ``/chat/completions`` and ``/models``.
        models: what ``/models`` lists.
        port: the port; 0 takes a free one.

    Attributes:
        requests: every request to any path, in order of arrival.
        connections_opened: connections accepted so far.
        connections_open: connections open now.
    """

    def __init__(
        self,
        answer: Callable[[Request], Reply] | None = None,
        *,
        prefix: str = "/v1",
        models: Iterable[str] = ("scripted-model",),
        port: int = 0,
    ) -> None:
        self.answer = answer or echo
        self.prefix = prefix.rstrip("/")
        self.models = tuple(models)
        self.port = port
        self.requests: list[Request] = []
        self.connections_opened = 0
        self.connections_open = 0
        self._script: deque[Reply] = deque()
        self._changed = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="scripted-server", daemon=True)
        self._connections: set[Connection] = set()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """The server's origin: ``http://127.0.0.1:PORT``."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        """What a client is configured with: the origin and the prefix."""
        return self.url + self.prefix

    @property
    def chats(self) -> list[Request]:
        """The chat-completion requests, in order."""
        return [request for request in self.requests if _route(request) == f"{self.prefix}/chat/completions"]

    def reply(self, text: str | None = None, **fields: Any) -> Self:
        """Answer with text, tool calls, or any other fields of a reply."""
        return self._then(fields, text=text)

    def stream(self, *chunks: Piece, **fields: Any) -> Self:
        """Answer with these pieces: text, wire deltas, bytes as they are, or seconds of silence."""
        return self._then(fields, chunks=chunks)

    def status(self, status: int, *, message: str | None = None, code: str | None = None, **fields: Any) -> Self:
        """Answer with an HTTP error; the body is an OpenAI error object unless ``body`` is given."""
        error = {"message": message or f"scripted error {status}", "type": "scripted", "param": None, "code": code}
        return self._then(fields, status=status, body=json.dumps({"error": error}).encode())

    def drop(self, after_bytes: int = -1, **fields: Any) -> Self:
        """Close the connection after this many bytes of the body; -1 closes it before the response's head."""
        return self._then(fields, text="This answer is cut before its end.", cut=after_bytes)

    def delay(self, seconds: float, **fields: Any) -> Self:
        """Answer after this many seconds."""
        return self._then(fields, text="late", delay=seconds)

    def garbage(self, data: bytes, *, http: bool = True, **fields: Any) -> Self:
        """Answer with these bytes as the body, or, with ``http=False``, as all that the socket carries."""
        return self._then(fields, body=data) if http else self._then(fields, raw=data)

    def never(self, **fields: Any) -> Self:
        """Take the request and never answer it."""
        return self.delay(NEVER, **fields)

    def _then(self, fields: Mapping[str, Any], **defaults: Any) -> Self:
        values: dict[str, Any] = {**defaults, **fields}
        self._script.append(Reply(**values))
        return self

    def next_reply(self, request: Request) -> Reply:
        """What answers this request: the next reply of the script, else ``answer``."""
        try:
            return self._script.popleft()
        except IndexError:
            return self.answer(request)

    def wait(self, condition: Callable[[Self], object], timeout: float = 5.0) -> bool:
        """Wait until ``condition(server)`` is true, at most ``timeout`` seconds; whether it became true."""
        with self._changed:
            return bool(self._changed.wait_for(lambda: condition(self), timeout))

    def wait_idle(self, timeout: float = 5.0) -> bool:
        """Wait until no connection is open."""
        return self.wait(lambda server: server.connections_open == 0, timeout)

    def changed(self) -> None:
        """Wake whoever waits; the server's connections call it."""
        with self._changed:
            self._changed.notify_all()

    def start(self) -> Self:
        """Listen; the ``with`` statement calls it."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def stop(self) -> None:
        """Close the listening socket and every connection, and end the thread."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def refuse(self) -> None:
        """Stop listening, so that new connections are refused; the port stays known and open ones stay open."""
        asyncio.run_coroutine_threadsafe(self._stop_listening(), self._loop).result()

    def drop_connections(self) -> None:
        """Close every open connection, as a server that restarts does; it goes on listening."""
        asyncio.run_coroutine_threadsafe(self._abort_all(), self._loop).result()

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: Connection(self, self._connections), "127.0.0.1", self.port, backlog=2048
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _abort_all(self) -> None:
        for connection in tuple(self._connections):
            connection.abort()
        await asyncio.sleep(0)

    async def _end(self) -> None:
        await self._stop_listening()
        await self._abort_all()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def echo(request: Request) -> Reply:
    """The default answer: what the last message said."""
    last = request.messages[-1].get("content") if request.messages else None
    return Reply(text=last if isinstance(last, str) else json.dumps(last))


def _route(request: Request) -> str:
    return request.path.partition("?")[0]
