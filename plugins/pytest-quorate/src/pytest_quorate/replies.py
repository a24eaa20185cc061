"""Replies of the scripted server, as data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NEVER = float("inf")
Call: TypeAlias = "tuple[str, Mapping[str, Any] | str] | Mapping[str, Any]"
"""A tool call in a script: a tool's name and arguments, or a wire tool call."""
Piece: TypeAlias = "str | Mapping[str, Any] | bytes | float"
"""A piece of a scripted stream: text, a wire ``delta``, bytes sent as they are, or seconds of silence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer; sent whole or as a stream, as the request asks.

    Attributes:
        text: what the model says. None beside tool calls means null on the wire.
        tool_calls: what the model asks for: a tool's name with its arguments (a mapping, or JSON text),
            or a whole wire tool call. Several are streamed with their deltas interleaved.
        thought: reasoning, sent as ``reasoning_content``.
        refusal: a refusal, sent beside null content.
        others: texts of further choices (``n`` > 1).
        chunks: the stream's pieces; by default the text, word by word. A request without ``stream`` gets
            their text and deltas put together.
        finish_reason: by default ``tool_calls`` beside tool calls, else ``stop``.
        usage: the wire usage; ``"auto"`` counts words, None leaves it out. A stream carries it only
            when the request asks for it.
        logprobs: whether token log probabilities are sent, one token per piece.
        model: the model's name; None echoes the request's.
        status: the HTTP status.
        headers: further response headers.
        body: bytes sent as the whole body instead of a chat completion.
        content_type: the body's type when ``body`` is given.
        raw: bytes sent instead of an HTTP response; the connection closes after them.
        delay: seconds before the first byte; infinity never answers.
        pause: seconds before each piece of a stream.
        cut: the connection closes after this many bytes of the body; -1 closes before the response's head.
        write_size: the stream is written in parts of this many bytes, whatever they cut through.
        done: whether the stream ends with ``data: [DONE]``.
        newline: what ends a line of the stream.
    """

    text: str | None = None
    tool_calls: Sequence[Call] = ()
    thought: str | None = None
    refusal: str | None = None
    others: Sequence[str] = ()
    chunks: Sequence[Piece] = ()
    finish_reason: str | None = None
    usage: Mapping[str, Any] | str | None = "auto"
    logprobs: bool = False
    model: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    content_type: str = "application/json"
    raw: bytes | None = None
    delay: float = 0.0
    pause: float = 0.0
    cut: int | None = None
    write_size: int | None = None
    done: bool = True
    newline: str = "\n"
