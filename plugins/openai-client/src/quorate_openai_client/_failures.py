"""What the SDK and its HTTP library raise, as the core's failures; the originals hold the key and go no further."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2
import openai

from quorate.models.failures import failure, status_failure
from quorate.models.transport import named, transport_failure

if TYPE_CHECKING:
    from quorate.errors import ModelError
    from quorate.models.wire import Endpoint

CAUGHT = (openai.OpenAIError, httpx2.RequestError, httpx2.InvalidURL)
"""What :func:`failure_of` understands."""

_TIMEOUTS = (openai.APITimeoutError, httpx2.TimeoutException)
_UNREADABLE = (httpx2.DecodingError, httpx2.TooManyRedirects)


def failure_of(error: Exception, endpoint: Endpoint) -> ModelError:
    """The core's failure for one of ours.

    Args:
        error: one of ``CAUGHT``.
        endpoint: where the request went.
    """
    if isinstance(error, openai.APIStatusError):
        response = error.response
        return status_failure(endpoint, response.status_code, response.headers, response.content)
    # The SDK wraps what its HTTP library raised.
    inner = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    if isinstance(inner, openai.OpenAIError) and not isinstance(inner, openai.APIConnectionError):
        return failure(endpoint, "bug", f"the openai SDK failed ({named(inner)})")
    return transport_failure(endpoint, inner, timeouts=_TIMEOUTS, unreadable=_UNREADABLE)
