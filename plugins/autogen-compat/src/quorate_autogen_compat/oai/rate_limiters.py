"""Keeping calls apart: ``api_rate_limit`` in a configuration, as calls a second."""

from __future__ import annotations

import threading
import time
from typing import Protocol

__all__ = ["RateLimiter", "TimeRateLimiter"]


class RateLimiter(Protocol):
    """Something that is asked before each call, and waits."""

    def sleep(self) -> None:
        """Wait until the next call may be made."""
        ...


class TimeRateLimiter:
    """Lets so many calls pass a second, evenly; threads share it.

    Args:
        rate: calls a second, above 0.

    Raises:
        ValueError: it is not.
    """

    def __init__(self, rate: float) -> None:
        if not rate > 0:
            msg = f"api_rate_limit: is a number of calls a second, above 0, not {rate!r}"
            raise ValueError(msg)
        self._apart = 1.0 / rate
        self._next = 0.0
        self._lock = threading.Lock()

    def sleep(self) -> None:
        """Wait until the next call may be made."""
        with self._lock:
            now = time.monotonic()
            begin = max(now, self._next)
            self._next = begin + self._apart
        time.sleep(begin - now)
