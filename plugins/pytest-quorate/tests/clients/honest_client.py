"""A small client that fulfils the contract: chat completions over asyncio's own streams, one connection per call."""

# ruff: noqa: BLE001 - whatever happens is turned into a failure

from __future__ import annotations

import asyncio
from contextlib import aclosing
from urllib.parse import urlsplit

from quorate.config import resolve
from quorate.errors import ModelError
from quorate.models import CreateResult
from quorate.models.failures import failure, status_failure
from quorate.models.wire import Endpoint
from quorate.models.wire_client import WireClient
from quorate.records import ModelClientRecord

RECORD = ModelClientRecord(
    name="honest",
    factory="honest_client:HonestClient",
    base_url="https://honest.example/v1",
    base_url_env=("HONEST_BASE_URL",),
    api_key_env=("HONEST_API_KEY",),
)
CAPABILITIES = frozenset(
    {"tools", "parallel_tools", "structured_output", "vision", "logprobs", "n", "seed", "reasoning", "decide"}
)


class HonestClient(WireClient):
    """Every hook below is there for a broken client to get wrong."""

    def __init__(self, config=None, /, **fields):
        super().__init__(config, **fields)
        self.config = resolve(self.config, RECORD)

    # The two below keep what the core's decoder holds and lets through out of the error.

    async def create(self, messages, **request):
        try:
            return await super().create(messages, **request)
        except ModelError as error:
            failed = error.with_traceback(None)
        raise failed

    async def create_stream(self, messages, **request):
        parts = super().create_stream(messages, **request)
        started = False
        try:
            async with aclosing(parts):
                async for part in parts:
                    if not isinstance(part, str | CreateResult):
                        raise TypeError
                    started = True
                    yield part
            return
        except ModelError as error:
            failed = error.with_traceback(None)
        except TypeError:
            failed = failure(self.endpoint, "bad_response", "that is no chunk", output_started=started)
        raise failed

    @property
    def endpoint(self):
        key = self.config.api_key.get_secret_value() if self.config.api_key else None
        return Endpoint(self.config.base_url, self.config.model, secrets=(key,) if key else ())

    async def _open(self, body, params, *, stream):
        answer = await self.exchange(self.config.base_url, body)
        if answer.status >= 300:
            failed = status_failure(self.endpoint, answer.status, answer.headers, await self.body_of(answer))
            await answer.aclose()
            raise failed
        return answer

    async def body_of(self, answer):
        try:
            return await answer.read()
        except Exception:
            return b""

    async def exchange(self, base_url, body):
        url = urlsplit(base_url)
        answer = Answer(self)
        try:
            async with asyncio.timeout(self.config.timeout):
                answer.reader, answer.writer = await asyncio.open_connection(url.hostname, url.port or 80)
                answer.writer.write(self.head(url, body) + body)
                await answer.read_head()
        except BaseException as error:
            answer.abort()
            failed = self.failure_of(error)
        else:
            return answer
        raise failed

    def head(self, url, body):
        lines = [f"POST {url.path}/chat/completions HTTP/1.1", f"host: {url.netloc}", f"content-length: {len(body)}"]
        if self.config.api_key:
            lines.append(f"authorization: Bearer {self.config.api_key.get_secret_value()}")
        return "\r\n".join([*lines, "connection: close", "\r\n"]).encode()

    def failure_of(self, error):
        if isinstance(error, TimeoutError):
            return failure(self.endpoint, "timeout", "no answer in time")
        if isinstance(error, OSError | EOFError | ValueError | IndexError):
            return failure(self.endpoint, "network", f"the connection failed ({type(error).__name__})")
        return error

    def mangled(self, data):
        """What the client makes of the bytes of a body."""
        return data


class Answer:
    def __init__(self, client):
        self.client = client
        self.reader = self.writer = None
        self.status = 0
        self.headers = {}

    async def read_head(self):
        version, status, *_ = (await self.reader.readuntil(b"\r\n")).decode("latin-1").split(" ")
        if not version.startswith("HTTP/"):
            raise ValueError(version)
        while line := (await self.reader.readuntil(b"\r\n")).strip():
            name, _, value = line.decode("latin-1").partition(":")
            self.headers[name.lower()] = value.strip()
        self.status = int(status)

    async def read(self):
        return b"".join([chunk async for chunk in self.chunks()])

    async def chunks(self):
        pieces = self.chunked() if "transfer-encoding" in self.headers else self.counted()
        failed = None
        while True:
            try:
                async with asyncio.timeout(self.client.config.timeout):
                    data = await anext(pieces, None)
            except Exception as error:
                failed = self.client.failure_of(error)
                break
            if data is None:
                break
            yield self.client.mangled(data)
        if failed is not None:
            raise failed

    async def counted(self):
        left = int(self.headers["content-length"])
        while left:
            data = await self.reader.read(min(left, 65536))
            if not data:
                raise EOFError
            left -= len(data)
            yield data

    async def chunked(self):
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            yield await self.reader.readexactly(size)
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)

    def abort(self):
        if self.writer is not None:
            self.writer.transport.abort()

    async def aclose(self):
        if self.writer is not None:
            self.writer.close()
