"""Requests to one server, its answers as bytes, and its failures as the core's."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import httpx2

from quorate.errors import ModelError
from quorate.models.failures import error_object, failure, status_failure
from quorate_vllm_client._complaints import complaint
from quorate_vllm_client._loops import Loops

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from quorate.errors import FailureKind
    from quorate.models.wire import Endpoint
    from quorate_vllm_client._settings import Settings

CAUGHT = (httpx2.RequestError, httpx2.InvalidURL)
_JSON = {"Accept": "application/json", "Content-Type": "application/json"}


class Transport:
    """Sends requests with the configured headers; redirects are refused, for they would take the key along.

    Args:
        settings: where requests go and with what.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.loops = Loops(settings.base_url, settings.timeout, settings.http_client)

    async def open(
        self,
        method: str,
        url: str,
        body: bytes | None,
        endpoint: Endpoint,
        *,
        stream: bool = False,
        params: Mapping[str, Any] | None = None,
    ) -> WireAnswer:
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
    ) -> WireAnswer | ModelError:
        here = await self.loops.here()
        extra: Mapping[str, str] = params.get("extra_headers") or {}
        headers = {**_JSON, **self._settings.headers, **extra}
        given: dict[str, Any] = {} if params.get("timeout") is None else {"timeout": params["timeout"]}
        try:
            request = here.http.build_request(method, url, content=body, headers=headers, **given)
            response = await here.http.send(request, stream=stream, follow_redirects=False)
            if response.is_success:
                return WireAnswer(response, endpoint)
            try:
                await response.aread()
            finally:
                await response.aclose()
        except CAUGHT as error:
            return failure_of(error, endpoint)
        return refusal(endpoint, response.status_code, response.headers, response.content)


class WireAnswer:
    """A response of the HTTP library.

    Args:
        response: the response.
        endpoint: what errors name.
    """

    def __init__(self, response: httpx2.Response, endpoint: Endpoint) -> None:
        self._response = response
        self._endpoint = endpoint

    async def read(self) -> bytes:
        """The whole body; it has been read."""
        return self._response.content

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it comes."""
        failed = None
        try:
            async for chunk in self._bytes():
                yield chunk
        except CAUGHT as error:
            failed = failure_of(error, self._endpoint)
        # Outside the handler: the library's error holds the request, and with it the key.
        if failed is not None:
            raise failed

    def _bytes(self) -> AsyncGenerator[bytes]:
        # aiter_bytes costs three generators more per token, and only decompression needs it.
        if self._response.headers.get("content-encoding"):
            return self._response.aiter_bytes()
        return cast("AsyncGenerator[bytes]", aiter(cast("httpx2.AsyncByteStream", self._response.stream)))

    async def aclose(self) -> None:
        """Close the connection, or give it back when the body has been read."""
        await self._response.aclose()


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
    kind, what = _kind(error)
    return failure(endpoint, kind, what)


def _kind(error: BaseException) -> tuple[FailureKind, str]:
    if isinstance(error, httpx2.TimeoutException):
        return "timeout", f"no answer in time ({type(error).__name__})"
    if isinstance(error, httpx2.DecodingError | httpx2.TooManyRedirects):
        return "bad_response", f"the answer cannot be read ({_said(error)})"
    return "network", f"the connection failed ({_said(_root(error))})"


def _root(error: BaseException) -> BaseException:
    """What started it: the operating system's error says more than those wrapped around it.

    The HTTP library cuts the chain of causes, so contexts are followed too, but only through errors of the
    network: what a caller was handling when it asked us is none of them.
    """
    while (below := error.__cause__ or error.__context__) is not None and _of_network(below):
        error = below
    return error


def _of_network(error: BaseException) -> bool:
    library = type(error).__module__.partition(".")[0]
    return bool(str(error)) and (isinstance(error, OSError) or library in ("anyio", "httpcore2", "httpx2"))


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
