"""Requests to one server, its answers as bytes, and its failures as the core's."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2

from quorate.errors import ModelError
from quorate.models.failures import error_object, failure, status_failure
from quorate.models.transport import ResponseAnswer, transport_failure
from quorate_vllm_client._complaints import complaint
from quorate_vllm_client._loops import loops

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.models.wire import Endpoint
    from quorate_vllm_client._settings import Settings

CAUGHT = (httpx2.RequestError, httpx2.InvalidURL)
_UNREADABLE = (httpx2.DecodingError, httpx2.TooManyRedirects)
_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Transport:
    """Sends requests with the configured headers; redirects are refused, for they would take the key along.

    Args:
        settings: where requests go and with what.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.loops = loops(settings)

    async def open(
        self,
        method: str,
        url: str,
        body: bytes | None,
        endpoint: Endpoint,
        *,
        stream: bool = False,
        params: Mapping[str, Any] | None = None,
    ) -> ResponseAnswer:
        """Send a request; the answer, whose status was good.

        Args:
            method: the HTTP method.
            url: the whole address.
            body: JSON.
            endpoint: what errors name.
            stream: whether the answer is read as it comes.
            params: a call's ``extra_headers`` and ``timeout``.

        Raises:
            ModelError: the server could not be reached, or said no.
        """
        outcome = await self._send(method, url, body, endpoint, stream=stream, params=params or {})
        # Here, where no local variable holds a header: error reporters send those away.
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def _send(
        self, method: str, url: str, body: bytes | None, endpoint: Endpoint, *, stream: bool, params: Mapping[str, Any]
    ) -> ResponseAnswer | ModelError:
        here = await self.loops.here()
        extra: Mapping[str, str] = params.get("extra_headers") or {}
        headers = {**_JSON, **self._settings.headers, **extra}
        given: dict[str, Any] = {} if params.get("timeout") is None else {"timeout": params["timeout"]}
        try:
            request = here.http.build_request(method, url, content=body, headers=headers, **given)
            response = await here.http.send(request, stream=stream, follow_redirects=False)
            if response.is_success:
                return ResponseAnswer(response, CAUGHT, partial(failure_of, endpoint=endpoint))
            try:
                await response.aread()
            finally:
                await response.aclose()
        except CAUGHT as error:
            return failure_of(error, endpoint)
        return refusal(endpoint, response.status_code, response.headers, response.content)


def refusal(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
    """The failure that a bad status means; its advice names the server's flag where one is missing."""
    try:
        error = error_object(json.loads(body))
    except ValueError:
        error = None
    known = complaint(status, str((error or {}).get("message") or ""))
    if known is None:
        return status_failure(endpoint, status, headers, body)
    advised = replace(endpoint, advice={**endpoint.advice, known.kind: known.advice})
    failed = status_failure(advised, status, headers, body)
    if failed.kind == known.kind:
        return failed
    return failure(advised, known.kind, f"HTTP {status}: {(error or {}).get('message')}", status=status)


def failure_of(error: Exception, endpoint: Endpoint) -> ModelError:
    """The core's failure for one of ``CAUGHT``."""
    return transport_failure(endpoint, error, timeouts=(httpx2.TimeoutException,), unreadable=_UNREADABLE)
