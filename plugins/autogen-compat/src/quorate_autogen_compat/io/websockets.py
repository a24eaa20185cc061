"""A WebSocket as a stream: what agents say is sent, and what is received answers for a person."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from quorate.errors import MissingDependency
from quorate_autogen_compat.io.base import IOStream

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

__all__ = ["IOWebsockets"]


class IOWebsockets(IOStream):
    """Shows text at the other end of a WebSocket, and asks there.

    Args:
        websocket: the connection, of the library websockets (its ``sync`` side).
    """

    def __init__(self, websocket: Any) -> None:
        self._websocket = websocket

    @staticmethod
    @contextmanager
    def run_server_in_thread(
        *,
        host: str = "127.0.0.1",
        port: int = 8765,
        on_connect: Callable[[IOWebsockets], None],
        ssl_context: Any = None,
        **kwargs: Any,
    ) -> Generator[str]:
        """Serve in a thread, while the program is inside.

        Args:
            host: where to listen.
            port: the port; 0 takes a free one.
            on_connect: called for each connection, in a thread of its own, with the connection as the current stream.
                The first exception of it is raised here, at the end.
            ssl_context: for ``wss``.
            **kwargs: further arguments of ``websockets.sync.server.serve``.

        Yields:
            The server's address.

        Raises:
            MissingDependency: websockets is not installed.
            OSError: the port is taken.
        """
        failures: list[Exception] = []
        handler = partial(_handle, on_connect, failures)
        with _serve()(handler, host, port, ssl=ssl_context, **kwargs) as server:
            thread = threading.Thread(target=server.serve_forever, name="quorate-websockets")
            thread.start()
            try:
                yield f"{'wss' if ssl_context else 'ws'}://{host}:{server.socket.getsockname()[1]}"
            finally:
                server.shutdown()
                thread.join()
        if failures:
            raise failures[0]

    @property
    def websocket(self) -> Any:
        """The connection."""
        return self._websocket

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        """Send objects as ``print`` would write them."""
        del flush
        self._websocket.send(sep.join(map(str, objects)) + end)

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """Send a prompt, and wait for a message; what is typed for a password is the other end's to hide."""
        del password
        if prompt:
            self._websocket.send(prompt)
        received: str | bytes = self._websocket.recv()
        return received.decode() if isinstance(received, bytes) else received


def _handle(on_connect: Callable[[IOWebsockets], None], failures: list[Exception], websocket: Any) -> None:
    stream = IOWebsockets(websocket)
    try:
        with IOStream.set_default(stream):
            on_connect(stream)
    except Exception as error:  # noqa: BLE001 - raised where the server is run
        failures.append(error)
        websocket.close(1011)


def _serve() -> Callable[..., Any]:
    try:
        from websockets.sync.server import serve
    except ImportError as error:
        msg = "IOWebsockets needs the library websockets, version 11 or later: pip install websockets"
        raise MissingDependency(msg) from error
    return serve
