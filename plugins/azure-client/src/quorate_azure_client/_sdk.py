"""The SDK's client, told everything it needs so that it reads nothing from the environment, one per event loop."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

import httpx2
import openai
from openai import AsyncAzureOpenAI, DefaultAsyncHttpxClient, Omit, not_given

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from quorate_azure_client._settings import Settings


class _Sdk(AsyncAzureOpenAI):
    """An ``AsyncAzureOpenAI`` whose headers and query are ours.

    The SDK's own would add what ``OPENAI_ORG_ID``, ``OPENAI_PROJECT_ID`` and ``OPENAI_CUSTOM_HEADERS`` say to
    requests of every origin, and a dated ``api-version`` to those of the v1 endpoint.
    """

    own_headers: dict[str, str | Omit]
    own_query: dict[str, object]

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"AsyncAzureOpenAI/Python {openai.__version__}",
            **self.platform_headers(),
            **self.own_headers,
        }

    @property
    def default_query(self) -> dict[str, object]:
        return self.own_query


class LoopClients:
    """One SDK client per event loop, made when a loop first needs it.

    Connections belong to the loop that opened them. A loop that ends orderly (``asyncio.run``) closes its own
    through an asynchronous generator that it knows; one that was closed without that is forgotten.

    Args:
        settings: what the clients are made of.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tls = _tls(settings.route.base_url) if settings.http_client is None else None
        self._clients: dict[asyncio.AbstractEventLoop, tuple[_Sdk, AsyncGenerator[None]]] = {}

    async def here(self) -> AsyncAzureOpenAI:
        """The running loop's client."""
        loop = asyncio.get_running_loop()
        held = self._clients.get(loop)
        if held is not None and not held[0].is_closed():
            return held[0]
        self._forget_dead_loops()
        http = self._http_client()
        client = _make(self._settings, http)
        closing = _closes(None if http is self._settings.http_client else http)
        self._clients[loop] = (client, closing)
        await anext(closing)
        return client

    async def close(self) -> None:
        """Close every loop's connections, each on its own loop."""
        self._forget_dead_loops()
        here = asyncio.get_running_loop()
        for loop in tuple(self._clients):
            if loop is not here and not loop.is_running():
                continue  # it closes them itself when it ends
            _, closing = self._clients.pop(loop, (None, None))
            if closing is None:
                continue
            if loop is here:
                await closing.aclose()
            else:
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_ended(closing), loop))

    def _forget_dead_loops(self) -> None:
        for loop in tuple(self._clients):
            if loop.is_closed():
                self._clients.pop(loop, None)

    def _http_client(self) -> httpx2.AsyncClient:
        given = self._settings.http_client
        if given is None:
            # The SDK's own wrapper would close itself on whatever loop the garbage collector meets.
            return DefaultAsyncHttpxClient(verify=self._tls or True, **_timeout(self._settings))
        return given() if callable(given) else given


async def _closes(http: httpx2.AsyncClient | None) -> AsyncGenerator[None]:
    """Close the HTTP client when this generator is closed: by us, or by its loop when that ends."""
    try:
        yield
    finally:
        if http is not None:
            await http.aclose()


async def _ended(closing: AsyncGenerator[None]) -> None:
    await closing.aclose()


def _tls(base_url: str) -> ssl.SSLContext:
    """One TLS context for all loops; loading the authorities takes 25 ms, so ``http://`` gets one that trusts nobody."""
    if base_url.lower().startswith("https:"):
        return httpx2.create_ssl_context()
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _timeout(settings: Settings) -> dict[str, Any]:
    return {} if settings.timeout is None else {"timeout": settings.timeout}


def _make(settings: Settings, http: httpx2.AsyncClient) -> _Sdk:
    client = _Sdk(
        # An empty key, where None would have the SDK read the environment's; each request carries its credential.
        api_key="",
        admin_api_key="",
        organization="",
        project="",
        webhook_secret="",
        base_url=settings.route.base_url,
        api_version=settings.route.version,
        max_retries=0,
        http_client=http,
        timeout=not_given if settings.timeout is None else settings.timeout,
    )
    client.own_headers = dict(settings.headers)
    client.own_query = dict(settings.query)
    return client
