"""What one event loop has of its own: an HTTP client, and a lock around questions about the server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx2

from quorate.models.loops import PerLoop
from quorate.models.transport import http_client, tls_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quorate_vllm_client._settings import Settings

# Those of the OpenAI SDK: an answer may take ten minutes, a server that is up takes a connection at once.
_TIMEOUT = httpx2.Timeout(600.0, connect=5.0)
_LIMITS = httpx2.Limits(max_connections=1000, max_keepalive_connections=100)


@dataclass(frozen=True, slots=True)
class Loop:
    """What one event loop has of its own.

    Attributes:
        http: the HTTP client.
        asking: held while the server is asked about itself, so that many first calls ask once.
    """

    http: httpx2.AsyncClient
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)


def loops(settings: Settings) -> PerLoop[Loop]:
    """The event loops that use a client, each with connections of its own.

    Args:
        settings: where requests go, how long they may take, and the user's HTTP client where there is one.
    """
    given = settings.http_client
    tls = tls_context(settings.base_url, httpx2.create_ssl_context) if given is None else True
    timeout = _TIMEOUT if settings.timeout is None else httpx2.Timeout(settings.timeout)

    def ours() -> httpx2.AsyncClient:
        return httpx2.AsyncClient(verify=tls, timeout=timeout, limits=_LIMITS)

    def make() -> tuple[Loop, Callable[[], Awaitable[object]] | None]:
        http, close = http_client(given, ours)
        return Loop(http), close

    return PerLoop(make)
