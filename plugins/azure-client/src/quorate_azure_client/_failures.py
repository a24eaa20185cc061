"""What the SDK and its HTTP library raise, as the core's failures; the originals hold the key and go no further.

Azure's own error codes decide what to advise, never the wording of its messages.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import openai

from quorate.models.failures import error_object, failure, status_failure
from quorate.models.transport import named, transport_failure
from quorate.models.wire_json import is_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from quorate.errors import FailureKind, ModelError
    from quorate.models.wire import Endpoint

CAUGHT = (openai.OpenAIError, httpx2.RequestError, httpx2.InvalidURL)
"""What :func:`failure_of` understands."""

_TIMEOUTS = (openai.APITimeoutError, httpx2.TimeoutException)
_UNREADABLE = (httpx2.DecodingError, httpx2.TooManyRedirects)

_RESULTS = ("content_filter_result", "content_filter_results")


def failure_of(error: Exception, endpoint: Endpoint, version: str) -> ModelError:
    """The core's failure for one of ours.

    Args:
        error: one of ``CAUGHT``.
        endpoint: where the request went.
        version: the API version asked for.
    """
    if isinstance(error, openai.APIStatusError):
        response = error.response
        said = _error_of(response.content)
        advice = {**endpoint.advice, **_advice(response.status_code, said, endpoint, version)}
        return status_failure(
            replace(endpoint, advice=advice), response.status_code, response.headers, response.content
        )
    # The SDK wraps what its HTTP library raised.
    inner = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    if isinstance(inner, openai.OpenAIError) and not isinstance(inner, openai.APIConnectionError):
        return failure(endpoint, "bug", f"the openai SDK failed ({named(inner)})")
    return transport_failure(endpoint, inner, timeouts=_TIMEOUTS, unreadable=_UNREADABLE)


def _error_of(body: bytes) -> Mapping[str, Any]:
    try:
        return error_object(json.loads(body)) or {}
    except (ValueError, RecursionError):
        return {}


def _advice(status: int, error: Mapping[str, Any], endpoint: Endpoint, version: str) -> Mapping[FailureKind, str]:
    """What to do about what Azure says (the codes of https://learn.microsoft.com/azure/ai-services/openai/reference)."""
    if error.get("code") == "DeploymentNotFound":
        return {"bad_request": _unknown_deployment(endpoint.model)}
    if status == 404:
        text = f"check that this resource knows api_version {version}, and that base_url is its endpoint"
        return {"bad_request": text}
    if categories := ", ".join(_filtered(error)):
        where = "rephrase the messages, or relax the content filter of this deployment"
        return {"content_filter": f"the content filter of this deployment blocked {categories}; {where}"}
    return {}


def _unknown_deployment(name: str) -> str:
    text = f"{name!r} must be the name of a deployment of this resource, not of a model; a new one takes some minutes"
    old = f"; AutoGen 0.2 took the dots out of names: {name.replace('.', '')!r} may be what it is called"
    return text + (old if "." in name else "")


def _filtered(error: Mapping[str, Any]) -> Iterator[str]:
    """The categories that blocked a request, with their severity where they have one.

    https://learn.microsoft.com/azure/ai-services/openai/concepts/content-filter#content-filtering-scenarios
    """
    for holder in (error.get("innererror"), error):
        if not is_object(holder):
            continue
        for results in filter(is_object, map(holder.get, _RESULTS)):
            for name, found in results.items():
                if is_object(found) and found.get("filtered"):
                    severity = found.get("severity")
                    yield f"{name} ({severity})" if severity else str(name)
