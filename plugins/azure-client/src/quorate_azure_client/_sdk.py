"""The SDK's client, told everything it needs so that it reads nothing from the environment, one per event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import openai
from openai import AsyncAzureOpenAI, DefaultAsyncHttpxClient, Omit, not_given

from quorate.models.loops import PerLoop
from quorate.models.transport import http_client, tls_context

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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


def sdk_clients(settings: Settings) -> PerLoop[_Sdk]:
    """One SDK client per event loop, each with connections of its own.

    Args:
        settings: what the clients are made of.
    """
    given = settings.http_client
    tls = tls_context(settings.route.base_url, httpx2.create_ssl_context) if given is None else True

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
