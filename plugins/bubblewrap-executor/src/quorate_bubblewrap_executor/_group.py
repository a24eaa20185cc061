"""A control group that limits how many processes there are, for root, whom resource limits do not bind.

A group is a folder of the kernel's; it is removed when the executor stops, and one that a killed process left is removed
by the next to start.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from quorate.errors import ExecutorError

_PREFIX: Final = "quorate-bubblewrap-"
_JOIN: Final = 'echo 0 >"$0" && exec "$@"'
"""Moves itself into the group and becomes the program."""
_MOUNT: Final = Path("/sys/fs/cgroup")


def limiting_place(of_us: str, mount: Path = _MOUNT) -> Path | None:
    """Where groups can be made that limit processes (cgroups(7)); None where this process cannot make any.

    Args:
        of_us: the text of ``/proc/self/cgroup``.
        mount: where the groups are.
    """
    named = {kinds: path for _, kinds, path in (line.split(":", 2) for line in of_us.splitlines())}
    first = next((path for kinds, path in named.items() if "pids" in kinds.split(",")), None)
    if first is not None:
        place = mount / "pids" / first.lstrip("/")
        return place if os.access(place, os.W_OK) else None
    # In the second version a group either has processes or hands controllers on: so ours is made beside our own.
    own = mount / named.get("", "/").lstrip("/")
    for place in (own, *own.parents):
        if not place.is_relative_to(mount):
            break
        handed_on = place / "cgroup.subtree_control"
        with contextlib.suppress(OSError):
            if "pids" in handed_on.read_text(encoding="utf-8").split() and os.access(place, os.W_OK):
                return place
    return None


class ProcessGroup:
    """One control group.

    Args:
        most: how many processes and threads there may be in it.

    Raises:
        ExecutorError: this machine does not let us make one.
    """

    def __init__(self, most: int) -> None:
        place = limiting_place(Path("/proc/self/cgroup").read_text(encoding="utf-8"))
        if place is None:
            msg = (
                "the bubblewrap executor cannot limit the processes of root: no control group for it can be made below "
                f"{_MOUNT}. Run as another user, or give processes=None, with which its isolation is 'process'"
            )
            raise ExecutorError(msg)
        _reap(place)
        self._most = most
        self._path = place / f"{_PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        self._make()

    def enter(self) -> list[str]:
        """The words before a command that make it run in the group."""
        if not self._path.is_dir():  # a process that cannot see ours took it for left behind
            self._make()
        return ["/bin/sh", "-c", _JOIN, str(self._path / "cgroup.procs")]

    def close(self) -> None:
        """Remove it."""
        with contextlib.suppress(OSError):
            self._path.rmdir()

    def _make(self) -> None:
        try:
            self._path.mkdir(exist_ok=True)
            (self._path / "pids.max").write_text(str(self._most), encoding="ascii")
        except OSError as error:
            self.close()
            msg = (
                f"the bubblewrap executor cannot limit processes by the control group {self._path}: {error}; run as "
                "another user, or give processes=None"
            )
            raise ExecutorError(msg) from error


def _reap(place: Path) -> None:
    """Remove the groups of processes that are gone; one in which something still runs cannot be removed."""
    for left in place.glob(f"{_PREFIX}*"):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            with contextlib.suppress(OSError):
                left.rmdir()
