"""A directory for a kernel's sockets and connection file, which only this user can enter.

It is locked while its process lives, so that the next to start can tell those that a killed process left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

_PREFIX: Final = "quorate-jupyter-"
_LONGEST: Final = 80
"""Bytes; a socket's path may have 104 (macOS) or 108 (Linux), and names are added to the directory's."""


class PrivateDir:
    """A private directory; what dead processes left beside it is removed."""

    def __init__(self) -> None:
        place = next(place for place in (tempfile.gettempdir(), "/tmp") if _fits(place))  # noqa: S108
        for left in Path(place).glob(f"{_PREFIX}*"):
            _reap(left)
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=place))
            self._lock = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if self.path.is_dir():  # else another process took it for left behind before it was locked
                return
            os.close(self._lock)

    def remove(self) -> None:
        """Remove it with all that is in it."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._lock)


def _fits(place: str) -> bool:
    return len(os.fsencode(place)) + len(_PREFIX) <= _LONGEST or place == "/tmp"  # noqa: S108


def _reap(left: Path) -> None:
    with contextlib.suppress(OSError):
        lock = os.open(left, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            if os.fstat(lock).st_uid == os.geteuid():
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(lock)
