"""Where what agents say is shown, and where people's answers come from."""

from __future__ import annotations

from quorate_autogen_compat.io.base import InputStream, IOStream, OutputStream
from quorate_autogen_compat.io.console import IOConsole
from quorate_autogen_compat.io.websockets import IOWebsockets

__all__ = ["IOConsole", "IOStream", "IOWebsockets", "InputStream", "OutputStream"]
