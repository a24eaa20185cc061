"""Starts IPython's kernel, as ``python -m ipykernel_launcher`` does, but without a port, and without a debugger.

The port is that of forked processes, is open to every user of the machine, and is needed only where output is told by
messages; the debugger takes a quarter of the time to start. The file is run by its path, with the Python that runs the
code.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from ipykernel import iostream, kernelapp

_app: Any = kernelapp
_iostream: Any = iostream


def quiet_thread(socket: Any, **settings: Any) -> Any:
    """What tells the things that cells display; it listens to nobody."""
    return _iostream.IOPubThread(socket, **{**settings, "pipe": False})


def without_debugger() -> None:
    """Let the kernel find no debugger, and the code one, if it wants it."""
    modules: dict[str, Any] = sys.modules
    modules["debugpy"] = None
    import_module("ipykernel.debugger")  # which looks for one once
    del modules["debugpy"]


if __name__ == "__main__":
    del sys.path[0]  # our own folder
    without_debugger()
    _app.IOPubThread = quiet_thread
    _app.launch_new_instance()
