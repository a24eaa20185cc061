"""The SDK's client, told everything it needs so that it reads nothing from the environment, one per event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import openai
from openai import AsyncOpenAI, DefaultAsyncHttpxClient, Omit, not_given

from quorate.models.loops import PerLoop
from quorate.models.transport import http_client, tls_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quorate_openai_client._settings import Settings


class _Sdk(AsyncOpenAI):
    """An ``AsyncOpenAI`` whose headers are ours.

    The SDK's own would add what ``OPENAI_ORG_ID``, ``OPENAI_PROJECT_ID`` and ``OPENAI_CUSTOM_HEADERS`` say to
    requests of every origin.
    """

    own_headers: dict[str, str | Omit]

    @property
    def default_headers(self) -> dict[str, str | Omit]:
        return {
            "Accept": "application/json",
            "Content-Type": "application/json",
            "User-Agent": f"AsyncOpenAI/Python {openai.__version__}",
            **self.platform_headers(),
            **self.own_headers,
        }


def sdk_clients(settings: Settings) -> PerLoop[_Sdk]:
    """One SDK client per event loop, each with connections of its own.

    Args:
        settings: what the clients are made of.
    """
    given = settings.http_client
    tls = tls_context(settings.base_url, httpx2.create_ssl_context) if given is None else True

    def ours() -> httpx2.AsyncClient:
        # The SDK's own wrapper would close itself on whatever loop the garbage collector meets.
        return DefaultAsyncHttpxClient(verify=tls, **_timeout(settings))

    def make() -> tuple[_Sdk, Callable[[], Awaitable[object]] | None]:
        http, close = http_client(given, ours)
        return _make(settings, http), close

    return PerLoop(make)


def _timeout(settings: Settings) -> dict[str, Any]:
    return {} if settings.timeout is None else {"timeout": settings.timeout}


def _make(settings: Settings, http: httpx2.AsyncClient) -> _Sdk:
    client = _Sdk(
        # An empty key, where None would have the SDK read the environment's; the header is left out per request.
        api_key=settings.key or "",
        admin_api_key="",
        webhook_secret="",
        base_url=settings.base_url,
        timeout=not_given if settings.timeout is None else settings.timeout,
        max_retries=0,
        default_query=settings.query,
        http_client=http,
    )
    client.own_headers = dict(settings.headers)
    return client
