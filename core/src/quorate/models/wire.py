"""The OpenAI chat-completions wire format, shared by every client that speaks it; needs no SDK.

A client builds its request with :func:`build_request` and :func:`encode_request`, sends the bytes any way
it likes, and hands the answer's bytes to :func:`decode_response` or a :class:`StreamDecoder`. Failures are
made by :mod:`quorate.models.failures`.
"""

from __future__ import annotations

from quorate.models.failures import Endpoint
from quorate.models.wire_events import EventDecoder
from quorate.models.wire_requests import build_request, encode_request, wire_messages
from quorate.models.wire_responses import decode_response, result_of
from quorate.models.wire_stream import StreamDecoder

__all__ = [
    "Endpoint",
    "EventDecoder",
    "StreamDecoder",
    "build_request",
    "decode_response",
    "encode_request",
    "result_of",
    "wire_messages",
]
