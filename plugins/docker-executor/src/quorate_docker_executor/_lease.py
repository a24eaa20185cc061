"""Whose container one is: a label that other processes can check, and the end of containers whose owner has died."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from docker.errors import APIError

if TYPE_CHECKING:
    from quorate_docker_executor._api import Api

LABEL: Final = "quorate.owner"
"""The label of our containers; its value is what :func:`owner` gives."""

_ENDED: Final = frozenset({"exited", "dead"})


def owner() -> str:
    """Name this process so that another on the same machine can tell whether it lives; elsewhere nobody can.

    On Linux: the boot, the process-ID namespace, the process ID and its start, which tells it from a later process
    with the same ID.
    """
    process = str(os.getpid())
    return " ".join((*_place(), process, _start(process))) if sys.platform == "linux" else f"{sys.platform} {process}"


def reap(api: Api) -> None:
    """Remove the containers of quorate that have ended, and those whose owner surely has.

    A container ends by itself when the process that holds its standard input does; what is left for this are those
    that were made and never started, and those of an engine that does not close standard input.
    """
    place = " ".join(_place())
    for container in api.containers(all=True, filters={"label": LABEL}):
        if container["State"] in _ENDED or _is_orphan(container["Labels"][LABEL], place):
            with suppress(APIError):  # another process reaps it at this moment
                api.remove_container(container["Id"], v=True, force=True)


def _place() -> tuple[str, ...]:
    if sys.platform != "linux":
        return ()
    boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return boot, Path("/proc/self/ns/pid").readlink().name


def _is_orphan(named: str, place: str) -> bool:
    home, _, process = named.rpartition(" ")[0].rpartition(" ")
    return bool(place) and home == place and _start(process) != named.rpartition(" ")[2]


def _start(process: str) -> str:
    """When a process was started, in ticks since the boot (proc_pid_stat(5)); "" when there is none."""
    with suppress(OSError):
        return Path("/proc", process, "stat").read_bytes().rpartition(b") ")[2].split()[19].decode()
    return ""
