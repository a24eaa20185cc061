"""Durations as people write them: ``10m``, ``1h30m``, ``45s``."""

from __future__ import annotations

import math
import re
from datetime import timedelta

from quorate.errors import AgentError

_UNITS = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_PART = r"(\d+(?:\.\d+)?)\s*(ms|[dhms])\s*"
_WHOLE = re.compile(rf"\s*(?:{_PART})+", re.IGNORECASE)
_EACH = re.compile(_PART, re.IGNORECASE)


def seconds_of(duration: str | float | timedelta) -> float:
    """The seconds of a duration.

    Args:
        duration: text such as ``1h30m``, ``10m``, ``45s`` or ``500ms``, a number of seconds, or a timedelta.

    Raises:
        AgentError: it is none of these, or not above 0.
    """
    seconds = _seconds(duration)
    if not (seconds > 0 and math.isfinite(seconds)):
        msg = f"a duration is text such as '10m' or '1h30m', or a number of seconds above 0, not {duration!r}"
        raise AgentError(msg)
    return seconds


def _seconds(duration: object) -> float:
    if isinstance(duration, timedelta):
        return duration.total_seconds()
    if isinstance(duration, str) and _WHOLE.fullmatch(duration):
        return sum(float(number) * _UNITS[unit.lower()] for number, unit in _EACH.findall(duration))
    if isinstance(duration, int | float) and not isinstance(duration, bool):
        return float(duration)
    return 0.0


def as_duration(seconds: float) -> str:
    """A number of seconds as people write it."""
    parts: list[str] = []
    left = round(seconds * 1000)
    for unit, size in _UNITS.items():
        count, left = divmod(left, round(size * 1000))
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or f"{seconds}s"
