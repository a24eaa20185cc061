"""What clients over HTTP have in common, whatever library sends their requests: its answers, errors and clients."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from quorate.models.failures import failure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable, Callable, Mapping

    from quorate.errors import FailureKind, ModelError
    from quorate.models.wire import Endpoint

NETWORK = ("aiohttp", "anyio", "httpcore", "httpcore2", "httpx", "httpx2")
"""Libraries whose errors wrap what the operating system said about a connection."""


class Response(Protocol):
    """A response as HTTP libraries of httpx's family have it."""

    @property
    def content(self) -> bytes:
        """The body, once it has been read."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        ...

    @property
    def stream(self) -> Any:
        """The body as it comes over the network."""
        ...

    def aiter_bytes(self) -> AsyncIterator[bytes]:
        """The body as it comes, decompressed."""
        ...

    async def aclose(self) -> None:
        """Close the connection, or give it back."""
        ...


class ResponseAnswer:
    """A response whose status was good, as :class:`quorate.models.wire_client.Answer`.

    Args:
        response: the response.
        caught: what the library may raise while the body is read.
        failure_of: the core's failure for one of these.
    """

    def __init__(
        self,
        response: Response,
        caught: tuple[type[Exception], ...],
        failure_of: Callable[[Exception], ModelError],
    ) -> None:
        self._response = response
        self._caught = caught
        self._failure_of = failure_of

    async def read(self) -> bytes:
        """The whole body, which the library has read."""
        return self._response.content

    async def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it comes."""
        failed: ModelError | None = None
        chunks = aiter(self._bytes())
        try:
            async for chunk in chunks:
                yield chunk
        except self._caught as error:
            failed = self._failure_of(error)
        finally:
            if (close := getattr(chunks, "aclose", None)) is not None:
                await close()
        # Outside the handler: the library's error holds the request, and with it the key.
        if failed is not None:
            raise failed

    def _bytes(self) -> AsyncIterable[bytes]:
        # aiter_bytes costs three generators more per token, and only decompression needs it.
        if self._response.headers.get("content-encoding"):
            return self._response.aiter_bytes()
        stream: AsyncIterable[bytes] = self._response.stream
        return stream

    async def aclose(self) -> None:
        """Close the connection, or give it back when the body has been read."""
        await self._response.aclose()


def transport_failure(
    endpoint: Endpoint,
    error: BaseException,
    *,
    timeouts: tuple[type[BaseException], ...],
    unreadable: tuple[type[BaseException], ...],
) -> ModelError:
    """The failure that an error of an HTTP library means: the answer was late or unreadable, or the connection failed.

    Args:
        endpoint: where the request went.
        error: what the library raised.
        timeouts: what it raises when time has run out.
        unreadable: what it raises over an answer that is there.
    """
    kind: FailureKind
    if isinstance(error, timeouts):
        kind, what = "timeout", f"no answer in time ({type(error).__name__})"
    elif isinstance(error, unreadable):
        kind, what = "bad_response", f"the answer cannot be read ({named(error)})"
    else:
        kind, what = "network", f"the connection failed ({named(_root(error))})"
    return failure(endpoint, kind, what)


def named(error: BaseException) -> str:
    """An error for people: its type, and its message where it has one."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _root(error: BaseException) -> BaseException:
    """What started it: the operating system's error says more than those wrapped around it.

    HTTP libraries cut the chain of causes, so contexts are followed too, but only through errors of the network: what
    a caller was handling when it asked us is none of them.
    """
    while (below := error.__cause__ or error.__context__) is not None and _of_network(below):
        error = below
    return error


def _of_network(error: BaseException) -> bool:
    library = type(error).__module__.partition(".")[0]
    return bool(str(error)) and (isinstance(error, OSError) or library in NETWORK)


class HttpClient(Protocol):
    """An HTTP client that can be closed."""

    async def aclose(self) -> None:
        """Close its connections."""
        ...


H = TypeVar("H", bound=HttpClient)


def http_client(
    given: H | Callable[[], H] | None, make: Callable[[], H]
) -> tuple[H, Callable[[], Awaitable[object]] | None]:
    """The HTTP client to use, and how it is closed, which for a client of the user's own is not at all.

    Args:
        given: the user's client, or what makes one; None for ours.
        make: makes ours.
    """
    if given is not None and not callable(given):
        return given, None
    client = make() if given is None else given()
    return client, client.aclose


def tls_context(url: str, trusting: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """One TLS context for all clients of an endpoint; loading the authorities takes 25 ms, so ``http://`` trusts nobody.

    Args:
        url: the endpoint's address.
        trusting: makes a context that trusts the usual authorities.
    """
    return trusting() if url.lower().startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
