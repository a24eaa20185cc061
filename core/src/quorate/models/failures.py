"""Failures of a model endpoint: what kind each is, how long to wait, and an error that says what to do.

The kinds are decided by status and error code where these are documented
(https://platform.openai.com/docs/guides/error-codes), by wording only where nothing else tells.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from quorate.errors import ModelError
from quorate.models.wire_json import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.errors import FailureKind

_EXCERPT = 300
_SHORTEST_SECRET = 6

_BY_CODE: dict[str, FailureKind] = {
    "insufficient_quota": "quota",
    "billing_hard_limit_reached": "quota",
    "billing_not_active": "quota",
    "context_length_exceeded": "context_overflow",
    "string_above_max_length": "context_overflow",
    "content_filter": "content_filter",
    "content_policy_violation": "content_filter",
    "responsibleaipolicyviolation": "content_filter",
    "invalid_api_key": "auth",
    "authentication_error": "auth",
    "permission_error": "auth",
    "rate_limit_exceeded": "rate_limit",
    "rate_limit_error": "rate_limit",
    "overloaded_error": "overload",
    "server_error": "overload",
    "timeout": "timeout",
}
_BY_STATUS: dict[int, FailureKind] = {
    401: "auth",
    402: "quota",
    403: "auth",
    407: "network",
    408: "timeout",
    409: "overload",
    413: "context_overflow",
    425: "overload",
    429: "rate_limit",
}
# vLLM, SGLang, llama.cpp and others say it in words only, with status 400 and no code.
_OVERFLOW = re.compile(
    r"(maximum|max|available) (model |input )?context|context (length|window|size)[^.]{0,60}exceed"
    r"|exceed[^.]{0,60}context (length|window|size)|longer than the maximum model length|prompt is too long",
    re.IGNORECASE,
)
_ADVICE: dict[FailureKind, str] = {
    "rate_limit": "wait, lower the request rate, or add another configuration to fall back to",
    "quota": "check the account's plan and billing, or use another key or configuration",
    "auth": "check the api_key of this configuration and what the key may do",
    "timeout": "raise timeout in the configuration, or check the endpoint's load",
    "network": "check that base_url is right, that the server is up, and proxy settings",
    "overload": "the endpoint has trouble; try again later or add another configuration to fall back to",
    "context_overflow": "shorten the conversation, limit max_tokens, or use a model with a longer context",
    "content_filter": "the endpoint's content filter refused it; rephrase the messages",
    "bad_request": "check the request's parameters against what this endpoint accepts",
    "bad_response": "check that base_url is a chat-completions endpoint (it usually ends in /v1)",
    "bug": "please report it, with this message",
}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What an error names: where a request went, for which model.

    Attributes:
        url: the endpoint's base URL; a user and password in it are never shown.
        model: the model asked for.
        secrets: values that must not appear in any message, such as the key.
        advice: what to do next for some kinds, better than the general advice.
    """

    url: str
    model: str
    secrets: tuple[str, ...] = field(default=(), repr=False)
    advice: Mapping[FailureKind, str] = field(default_factory=dict["FailureKind", str], repr=False)

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        shown = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
        return f"{shown} (model {self.model})"

    def scrub(self, text: str) -> str:
        """The text with every secret replaced by ``***``, as given and as JSON would write it."""
        for secret in self.secrets:
            # A placeholder such as EMPTY is no secret, and replacing it would only garble messages.
            if len(secret) >= _SHORTEST_SECRET:
                text = text.replace(secret, "***").replace(json.dumps(secret)[1:-1], "***")
        return text


def failure(
    endpoint: Endpoint,
    kind: FailureKind,
    what: str,
    *,
    status: int | None = None,
    retry_after: float | None = None,
    output_started: bool = False,
) -> ModelError:
    """A ModelError that names endpoint and model, says what happened and what to do next, and holds no secret.

    Args:
        endpoint: where the request went.
        kind: how it failed.
        what: what happened, in a few words.
        status: the HTTP status, when there was one.
        retry_after: seconds the endpoint asked to wait.
        output_started: whether part of the answer had been given out.
    """
    started = " after part of the answer had arrived" if output_started else ""
    wait = "" if retry_after is None else f" (it asks to wait {retry_after:g} s)"
    advice = endpoint.advice.get(kind) or _ADVICE[kind]
    message = endpoint.scrub(f"{endpoint}: {what}{started}{wait}; {advice}")
    return ModelError(message, kind=kind, status=status, retry_after=retry_after, output_started=output_started)


def bare(error: ModelError) -> ModelError:
    """A failure without its traceback and chain: their frames hold what the endpoint sent, which may echo the key."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def status_failure(endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes) -> ModelError:
    """The failure that an HTTP status other than success means.

    Args:
        endpoint: where the request went.
        status: the HTTP status.
        headers: the response's headers, by lower-case name or case-insensitively.
        body: the response's body.
    """
    if 300 <= status < 400:
        target = urlsplit(headers.get("location", "?"))._replace(query="", fragment="").geturl()
        what = f"HTTP {status} redirects to {target}, and redirects are not followed (they would take the key along)"
        return failure(endpoint, "bad_response", what, status=status)
    error = error_object(_json(body))
    said = _said(error) if error else excerpt(body)
    what = f"HTTP {status}" + (f": {said}" if said else "")
    kind = classify(status, error)
    return failure(endpoint, kind, what, status=status, retry_after=retry_after(headers))


def error_failure(endpoint: Endpoint, error: Mapping[str, Any], *, output_started: bool = False) -> ModelError:
    """The failure that an error object inside a successful response or a stream means."""
    code = error.get("code")
    status = code if isinstance(code, int) and not isinstance(code, bool) and 400 <= code < 600 else None
    kind = classify(status, error) if status else _coded(error) or "bad_response"
    what = f"an error instead of an answer: {_said(error)}"
    return failure(endpoint, kind, what, status=status, output_started=output_started)


def classify(status: int, error: Mapping[str, Any] | None = None) -> FailureKind:
    """The kind of failure that a status and an error object (``code``, ``type``, ``message``) mean."""
    if error and (kind := _coded(error)):
        return kind
    if kind := _BY_STATUS.get(status):
        return kind
    if status >= 500:
        return "overload"
    return "context_overflow" if error and _OVERFLOW.search(str(error.get("message"))) else "bad_request"


def _coded(error: Mapping[str, Any]) -> FailureKind | None:
    inner = error.get("innererror")
    nested = inner.get("code") if is_object(inner) else None
    for code in (error.get("code"), nested, error.get("type")):
        if kind := _BY_CODE.get(str(code).lower()):
            return kind
    return None


def error_object(body: Any) -> dict[str, Any] | None:
    """The error object of a decoded body, in the forms seen; None when there is none.

    OpenAI: ``{"error": {"message", "type", "code"}}``; some proxies: ``{"error": "text"}``; older vLLM:
    ``{"object": "error", "message", ...}``; FastAPI: ``{"detail": ...}``.
    """
    if not is_object(body):
        return None
    error = body.get("error")
    if is_object(error):
        return error
    if isinstance(error, str) and error:
        return {"message": error}
    if body.get("object") == "error":
        return body
    detail = body.get("detail")
    return {"message": detail if isinstance(detail, str) else json.dumps(detail)} if detail else None


def _said(error: Mapping[str, Any]) -> str:
    message = str(error.get("message") or json.dumps(error, default=str))
    code = error.get("code") or error.get("type")
    shown = f"{message.strip()} [{code}]" if code and str(code) not in message else message.strip()
    return _shortened(shown, 4 * _EXCERPT)


def excerpt(body: bytes | str) -> str:
    """The beginning of a body, on one line, for an error message."""
    text = body[: 4 * _EXCERPT].decode("utf-8", "replace") if isinstance(body, bytes) else body
    return _shortened(" ".join(text.split()), _EXCERPT)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit] + "..."


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that the endpoint asks to wait; None when it does not say, or says it in no known form.

    ``retry-after-ms`` (Azure, OpenAI) is the most exact and wins; ``Retry-After`` is seconds or an HTTP
    date (RFC 9110, section 10.2.3).

    Args:
        headers: the response's headers, by lower-case name or case-insensitively.
        now: the time that a date is compared with; by default the present.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    if (seconds := _number(value)) is not None:
        return seconds
    from email.utils import parsedate_to_datetime  # here, for it costs more to import than all the rest

    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
