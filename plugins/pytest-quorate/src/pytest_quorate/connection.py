"""One connection of the scripted server: HTTP/1.1 in, scripted bytes out."""

from __future__ import annotations

import asyncio
import http
import json
import time
from typing import TYPE_CHECKING, Any, cast

from pytest_quorate.completions import streamed, whole
from pytest_quorate.replies import NEVER, Reply
from pytest_quorate.requests import Request, decoded

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_quorate.server import ScriptedServer


class Connection(asyncio.Protocol):
    """Reads requests one after another and answers each before it reads the next.

    Args:
        server: whose script answers, and whose memory records.
        siblings: the server's open connections; this one enters and leaves by itself.
    """

    def __init__(self, server: ScriptedServer, siblings: set[Connection]) -> None:
        self._server = server
        self._siblings = siblings
        self._transport: asyncio.Transport | None = None
        self._number = 0
        self._buffer = bytearray()
        self._current: Request | None = None
        self._answer: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection in."""
        self._transport = cast("asyncio.Transport", transport)
        self._siblings.add(self)
        self._server.connections_opened += 1
        self._server.connections_open += 1
        self._number = self._server.connections_opened
        self._server.changed()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Count it out, and note what the client did not wait for."""
        self._siblings.discard(self)
        self._server.connections_open -= 1
        if self._current is not None and self._current.answered is None:
            self._current.disconnected = time.monotonic()
        if self._answer is not None:
            self._answer.cancel()
        self._server.changed()

    def data_received(self, data: bytes) -> None:
        """Take bytes; answer when they complete a request."""
        self._buffer += data
        if self._current is None:
            self._take_request()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _take_request(self) -> None:
        head, separator, _ = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        body = _body(self._buffer, len(head) + 4, headers)
        if body is None:
            return
        method, _, rest = lines[0].partition(" ")
        request = Request(
            method=method,
            path=rest.rpartition(" ")[0],
            headers=headers,
            body=decoded(body),
            connection=self._number,
            received=time.monotonic(),
        )
        self._current = request
        self._server.requests.append(request)
        self._answer = asyncio.get_running_loop().create_task(self._respond(request))
        self._server.changed()

    async def _respond(self, request: Request) -> None:
        keep = await self._send(request, _find_reply(self._server, request))
        request.answered = time.monotonic()
        self._current = None
        self._server.changed()
        if (not keep or _wants_close(request)) and self._transport is not None:
            self._transport.close()
        elif self._buffer:
            self._take_request()

    async def _send(self, request: Request, reply: Reply) -> bool:
        """Write the reply; whether the connection stays open."""
        if reply.delay == NEVER:
            await asyncio.Event().wait()
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.raw is not None or reply.cut == -1:
            self._write(reply.raw or b"")
            return False
        if reply.body is None and request.streaming:
            return await self._send_stream(request, reply)
        body = whole(reply, request) if reply.body is None else reply.body
        self._write(_head(reply, request, f"content-length: {len(body)}", reply.content_type) + body[: reply.cut])
        return reply.cut is None

    async def _send_stream(self, request: Request, reply: Reply) -> bool:
        self._write(_head(reply, request, "transfer-encoding: chunked", "text/event-stream"))
        left = reply.cut
        for event in _resized(streamed(reply, request), reply.write_size):
            if isinstance(event, float | int):
                await asyncio.sleep(event)
                continue
            if reply.pause:
                await asyncio.sleep(reply.pause)
            part = event if left is None else event[:left]
            self._write(b"%x\r\n%b\r\n" % (len(part), part) if part else b"")
            if left is not None:
                left -= len(part)
                if left <= 0:
                    return False
            if reply.write_size:
                await asyncio.sleep(0)  # so that parts leave as writes of their own
        self._write(b"0\r\n\r\n")
        return True

    def _write(self, data: bytes) -> None:
        if self._transport is not None and data:
            self._transport.write(data)


def _find_reply(server: ScriptedServer, request: Request) -> Reply:
    path = request.path.partition("?")[0]
    if path == f"{server.prefix}/chat/completions" and request.method == "POST":
        try:
            return server.next_reply(request)
        except Exception as error:  # noqa: BLE001 - the client is told; a hanging test would say less
            return _json_reply(500, {"error": {"message": f"the script raised {error!r}", "type": "script_error"}})
    if path == f"{server.prefix}/models" and request.method == "GET":
        listed = [{"id": model, "object": "model", "created": 0, "owned_by": "script"} for model in server.models]
        return _json_reply(200, {"object": "list", "data": listed})
    return _json_reply(
        404, {"error": {"message": f"no route {request.method} {path}", "type": "invalid_request_error"}}
    )


def _json_reply(status: int, value: Any) -> Reply:
    return Reply(status=status, body=json.dumps(value).encode())


def _head(reply: Reply, request: Request, length: str, content_type: str) -> bytes:
    try:
        phrase = http.HTTPStatus(reply.status).phrase
    except ValueError:
        phrase = "Scripted"
    lines = [f"HTTP/1.1 {reply.status} {phrase}", f"content-type: {content_type}", length]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if _wants_close(request):
        lines.append("connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _wants_close(request: Request) -> bool:
    return request.headers.get("connection", "").lower() == "close"


def _body(buffer: bytearray, start: int, headers: dict[str, str]) -> bytes | None:
    """Take the body off the buffer; None while it is incomplete."""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return _chunked(buffer, start)
    end = start + int(headers.get("content-length") or 0)
    if len(buffer) < end:
        return None
    body = bytes(buffer[start:end])
    del buffer[:end]
    return body


def _chunked(buffer: bytearray, start: int) -> bytes | None:
    parts: list[bytes] = []
    at = start
    while True:
        line_end = buffer.find(b"\r\n", at)
        if line_end < 0:
            return None
        size = int(buffer[at:line_end], 16)
        at = line_end + 2
        if len(buffer) < at + size + 2:
            return None
        parts.append(bytes(buffer[at : at + size]))
        at += size + 2
        if not size:
            del buffer[:at]
            return b"".join(parts)


def _resized(events: Iterator[bytes | float], size: int | None) -> Iterator[bytes | float]:
    if size is None:
        yield from events
        return
    data = b"".join(event for event in events if isinstance(event, bytes))
    for at in range(0, len(data), size):
        yield data[at : at + size]
