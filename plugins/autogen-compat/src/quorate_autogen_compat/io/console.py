"""The terminal as a stream."""

from __future__ import annotations

import getpass
from typing import Any

from quorate_autogen_compat.io.base import IOStream

__all__ = ["IOConsole"]


class IOConsole(IOStream):
    """Shows text in the terminal, and asks there."""

    def print(self, *objects: Any, sep: str = " ", end: str = "\n", flush: bool = False) -> None:
        """Print to standard output."""
        print(*objects, sep=sep, end=end, flush=flush)  # noqa: T201 - this is the terminal

    def input(self, prompt: str = "", *, password: bool = False) -> str:
        """Ask for a line; with ``password``, one that is not shown."""
        return getpass.getpass(prompt or "Password: ") if password else input(prompt)
