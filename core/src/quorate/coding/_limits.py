"""Resource limits of each process that an executor starts on this machine, as setrlimit(2) knows them."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Final

from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_KINDS: Final = {"memory": "AS", "cpu_seconds": "CPU", "file_size": "FSIZE", "processes": "NPROC"}
_ULIMITS: Final = {"CPU": ("-t", 1), "FSIZE": ("-f", 512), "NPROC": ("-u", 1), "AS": ("-v", 1024)}
"""The shell's option for each, and the bytes or seconds of its unit."""


def limits_of(label: str, **wanted: Any) -> dict[str, tuple[int, int]]:
    """Soft and hard limits by the names of setrlimit(2) without ``RLIMIT_``.

    Args:
        label: how messages call the executor.
        **wanted: ``memory``, ``cpu_seconds``, ``file_size``, ``processes``; None for no limit.

    Raises:
        ConfigError: one is no whole number above 0, or this platform or user cannot be limited so.
    """
    made: dict[str, tuple[int, int]] = {}
    for name, value in wanted.items():
        if value is None:
            continue
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            msg = f"{label}: {name} is a whole number above 0, not {value!r}"
            raise ConfigError(msg)
        if sys.platform == "win32" or (sys.platform == "darwin" and name == "memory"):
            msg = f"{label}: {name} cannot be limited on this platform; use a container, or leave it out"
            raise ConfigError(msg)
        if name == "processes" and os.geteuid() == 0:
            msg = f"{label}: processes of root cannot be limited; run as another user, or use a container"
            raise ConfigError(msg)
        # A second more until SIGKILL: the first signal, SIGXCPU, says why.
        made[_KINDS[name]] = (value, value + (name == "cpu_seconds"))
    return made


def words_of(limits: Mapping[str, tuple[int, int]]) -> str:
    """The limits as one argument of the keeper."""
    return " ".join(f"{name}={soft}:{hard}" for name, (soft, hard) in limits.items())


def limited(command: Sequence[str], limits: Mapping[str, tuple[int, int]]) -> list[str]:
    """The command under a shell that sets the limits, for platforms without the keeper."""
    if not limits:
        return list(command)
    sets = [f"ulimit {_ULIMITS[name][0]} {-(-soft // _ULIMITS[name][1])}" for name, (soft, _) in limits.items()]
    return ["/bin/sh", "-c", " && ".join([*sets, 'exec "$0" "$@"']), *command]
