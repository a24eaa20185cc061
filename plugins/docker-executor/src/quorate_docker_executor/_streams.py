"""The raw connections of the SDK: reading what a command writes, and closing them for good."""

from __future__ import annotations

import contextlib
import socket
from typing import TYPE_CHECKING, Any, cast

from docker.utils.socket import frames_iter  # pyright: ignore[reportUnknownVariableType] - its stub has no types

if TYPE_CHECKING:
    from collections.abc import Iterator


class Stream:
    """A connection that the engine keeps open: the input of a container, or the output of a command.

    Args:
        raw: what the SDK gives for ``socket=True``: it keeps the HTTP response, which owns the connection.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def __iter__(self) -> Iterator[bytes]:
        """What the command writes, until every process that could write has ended or the connection has."""
        with contextlib.suppress(OSError):
            frames: Iterator[tuple[int, bytes]] = cast("Any", frames_iter)(self._raw, tty=False)
            for _, data in frames:
                yield data

    def cut(self) -> None:
        """Make another thread that reads stop; the connection is not closed yet."""
        with contextlib.suppress(OSError):
            getattr(self._raw, "_sock", self._raw).shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection; closing what the SDK gave would leave it to the response."""
        with contextlib.suppress(OSError):
            self._raw._response.close()  # noqa: SLF001 - the SDK keeps it there and closes it nowhere
