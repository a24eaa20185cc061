"""Where what agents say is shown, and where people's answers come from."""

from __future__ import annotations

import io
import sys
import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TextIO, cast, runtime_checkable

from quorate import Console, default_kernel

if TYPE_CHECKING:
    from collections.abc import Generator

__all__ = ["IOStream", "InputStream", "OutputStream"]


@runtime_checkable
class OutputStream(Protocol):
    """Shows text."""

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        """Show objects as ``print`` does."""
        ...


@runtime_checkable
class InputStream(Protocol):
    """Asks a person."""

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """Show a prompt and wait for a line."""
        ...


@runtime_checkable
class IOStream(InputStream, OutputStream, Protocol):
    """Both. What the default kernel's agents say is printed to the current one, and its people are asked through it."""

    @staticmethod
    def set_global_default(stream: IOStream) -> None:
        """Make a stream the current one wherever no other is set."""
        _global.append(stream)
        del _global[:-1]
        show_events()

    @staticmethod
    def get_global_default() -> IOStream:
        """The one that is current wherever no other is set; the terminal at first."""
        if not _global:
            from quorate_autogen_compat.io.console import IOConsole

            return IOConsole()
        return _global[0]

    @staticmethod
    def get_default() -> IOStream:
        """The current one."""
        return _current.get() or IOStream.get_global_default()

    @staticmethod
    @contextmanager
    def set_default(stream: IOStream | None) -> Generator[None]:
        """Make a stream the current one for what is done inside; None for the global one."""
        show_events()
        token = _current.set(stream)
        try:
            yield
        finally:
            _current.reset(token)


_current: ContextVar[IOStream | None] = ContextVar("quorate_autogen_compat_io", default=None)
_global: list[IOStream] = []
_lock = threading.Lock()


class CurrentOutput(io.TextIOBase):
    """Text that is written here is printed to the current stream."""

    def write(self, text: str, /) -> int:
        """Print a text as it is."""
        IOStream.get_default().print(text, end="", flush=True)
        return len(text)

    def isatty(self) -> bool:
        """Whether it is a terminal that text comes to."""
        from quorate_autogen_compat.io.console import IOConsole

        return isinstance(IOStream.get_default(), IOConsole) and sys.stdout.isatty()


def show_events(kernel: Any = None) -> None:
    """Let the console of a kernel, the default one if none is given, write to the current stream instead of a terminal."""
    with _lock:
        for observer in (kernel or default_kernel()).observers:
            if isinstance(observer, Console) and observer.out is None:
                observer.out = cast("TextIO", CurrentOutput())


def ask(prompt: str) -> str:
    """Ask a person through the current stream."""
    return IOStream.get_default().input(prompt)
