"""What executed code wrote, kept within a limit while it is read."""

from __future__ import annotations

import codecs
from typing import Final

_CONTINUATION: Final = range(0x80, 0xC0)
"""Bytes that continue a UTF-8 character."""


class BoundedOutput:
    """Keeps the first and the last part of a stream of bytes, and counts what it leaves out.

    Args:
        limit: bytes to keep, half of them from the beginning and half from the end.
    """

    def __init__(self, limit: int) -> None:
        self._half = max(limit // 2, 1)
        self._head = bytearray()
        self._tail = bytearray()
        self._left_out = 0

    def add(self, data: bytes) -> None:
        """Take the next bytes."""
        room = self._half - len(self._head)
        self._head += data[:room] if room > 0 else b""
        self._tail += data[max(room, 0) :]
        # Cut in strides, so that many small writes do not each move the whole tail.
        if len(self._tail) > 2 * self._half:
            self._cut()

    def say(self, text: str) -> None:
        """Take a remark of ours; it begins a line of its own."""
        written = self._tail or self._head
        begun = bool(written) and not written.endswith(b"\n")
        self.add(f"{chr(10) * begun}{text}\n".encode())

    def text(self) -> str:
        """Give what was kept as text; bytes that are not UTF-8 become U+FFFD, and a cut is marked."""
        self._cut()
        if not self._left_out:
            return (self._head + self._tail).decode("utf-8", "replace")
        head = codecs.getincrementaldecoder("utf-8")("replace").decode(bytes(self._head))
        start = next((n for n, byte in enumerate(self._tail[:4]) if byte not in _CONTINUATION), 0)
        tail = self._tail[start:].decode("utf-8", "replace")
        return f"{head}\n[... {self._left_out + start} bytes of output left out ...]\n{tail}"

    def _cut(self) -> None:
        excess = len(self._tail) - self._half
        if excess > 0:
            del self._tail[:excess]
            self._left_out += excess
