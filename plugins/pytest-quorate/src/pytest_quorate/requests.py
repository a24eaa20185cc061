"""What the scripted server remembers of each request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast


@dataclass(slots=True, kw_only=True)
class Request:
    """One request as it arrived, and what became of it.

    Attributes:
        method: the HTTP method.
        path: the path with its query, prefix included.
        headers: header values by lower-case name.
        body: the body, decoded when it is a JSON object, else the bytes.
        connection: the number of the connection it came on, from 1.
        received: when it was complete, in seconds of ``time.monotonic()``.
        answered: when the last byte of its answer was written; None before that.
        disconnected: when the client hung up before its answer was complete; None when it did not.
    """

    method: str
    path: str
    headers: dict[str, str] = field(repr=False)
    body: dict[str, Any] | bytes
    connection: int
    received: float
    answered: float | None = None
    disconnected: float | None = None

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The chat messages of the body; none when it has none."""
        return self.field("messages") or []

    @property
    def streaming(self) -> bool:
        """Whether the client asked for a stream."""
        return self.field("stream") is True

    @property
    def wants_usage(self) -> bool:
        """Whether the client asked for usage at the end of the stream (``stream_options.include_usage``)."""
        options: dict[str, Any] = self.field("stream_options") or {}
        return options.get("include_usage") is True

    def field(self, name: str) -> Any:
        """A field of the body; None when there is none, or no JSON object."""
        return None if isinstance(self.body, bytes) else self.body.get(name)


def decoded(body: bytes) -> dict[str, Any] | bytes:
    """The JSON object of a body, or the bytes when it holds none."""
    try:
        value: Any = json.loads(body)
    except ValueError:
        return body
    return cast("dict[str, Any]", value) if isinstance(value, dict) else body
