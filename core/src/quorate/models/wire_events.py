"""Server-sent events: bytes in any cut to the data of each event.

They are read as https://html.spec.whatwg.org/multipage/server-sent-events.html says, except that a lone carriage
return does not end a line (no endpoint sends one), and that only ``data`` is kept.
"""

from __future__ import annotations


class EventDecoder:
    """Cuts a byte stream into the data of its server-sent events.

    Bytes may be fed in any cut: in the middle of a line, of a line end, or of a character. White space
    around a line's data is dropped, which JSON does not mind.
    """

    __slots__ = ("_data", "_partial")

    def __init__(self) -> None:
        self._partial: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that these bytes complete."""
        if b"\n" not in chunk:  # joined once per line, else a long line in small cuts costs its square
            self._partial.append(chunk)
            return []
        if self._partial:
            chunk = b"".join(self._partial) + chunk
        lines = chunk.split(b"\n")
        last = lines.pop()
        self._partial = [last] if last else []
        return self._events(lines)

    def flush(self) -> list[bytes]:
        """The data of an event that the end of the stream left without its blank line."""
        return self.feed(b"\n\n")

    def _events(self, lines: list[bytes]) -> list[bytes]:
        events: list[bytes] = []
        for line in lines:
            if line[:5] == b"data:":
                self._data.append(line[5:].strip())
            elif self._data and (not line or line == b"\r"):
                events.append(self._data[0] if len(self._data) == 1 else b"\n".join(self._data))
                self._data = []
        return events
