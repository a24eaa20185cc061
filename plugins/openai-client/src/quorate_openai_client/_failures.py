"""What the SDK and its HTTP library raise, as the core's failures; the originals hold the key and go no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import openai

from quorate.models.failures import failure, status_failure

if TYPE_CHECKING:
    from quorate.errors import FailureKind, ModelError
    from quorate.models.wire import Endpoint

CAUGHT = (openai.OpenAIError, httpx2.RequestError, httpx2.InvalidURL)
"""What :func:`failure_of` understands."""


def failure_of(error: Exception, endpoint: Endpoint, *, output_started: bool = False) -> ModelError:
    """The core's failure for one of ours.

    Args:
        error: one of ``CAUGHT``.
        endpoint: where the request went.
        output_started: whether part of the answer had been given out.
    """
    if isinstance(error, openai.APIStatusError):
        response = error.response
        return status_failure(endpoint, response.status_code, response.headers, response.content)
    # The SDK wraps what its HTTP library raised.
    inner = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    kind, what = _kind(inner)
    return failure(endpoint, kind, what, output_started=output_started)


def _kind(error: BaseException) -> tuple[FailureKind, str]:
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        return "timeout", f"no answer in time ({type(error).__name__})"
    if isinstance(error, httpx2.DecodingError | httpx2.TooManyRedirects):
        return "bad_response", f"the answer cannot be read ({_said(error)})"
    if isinstance(error, openai.OpenAIError) and not isinstance(error, openai.APIConnectionError):
        return "bug", f"the openai SDK failed ({_said(error)})"
    return "network", f"the connection failed ({_said(_root(error))})"


def _root(error: BaseException) -> BaseException:
    """What started it: the operating system's error says more than those wrapped around it.

    The HTTP library cuts the chain of causes, so contexts are followed too, but only through errors of
    the network: what a caller was handling when it asked us is none of them.
    """
    while (below := error.__cause__ or error.__context__) is not None and _of_network(below):
        error = below
    return error


def _of_network(error: BaseException) -> bool:
    library = type(error).__module__.partition(".")[0]
    return bool(str(error)) and (isinstance(error, OSError) or library in ("anyio", "httpcore2", "httpx2"))


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
