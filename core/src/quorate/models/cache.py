"""The response cache: answers to requests that were made before, in an SQLite file. AutoGen 0.2's ``Cache``."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
import warnings
import weakref
from contextlib import suppress
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

FILE = "responses.db"
LOCK_WAIT = 2.0
"""Seconds that a read or a write waits for another process before it goes on without the cache."""

_SCHEMA = "CREATE TABLE IF NOT EXISTS response (seed TEXT, key TEXT, value TEXT NOT NULL, PRIMARY KEY (seed, key))"
_READ = "SELECT value FROM response WHERE seed = ? AND key = ?"
_WRITE = "INSERT OR REPLACE INTO response VALUES (?, ?, ?)"


class CacheWarning(UserWarning):
    """The cache could not be read or written, or has no place for an answer; the call went to the model instead."""


class Cache:
    """Stored answers. What cannot be read or written is reported as a :class:`CacheWarning` and never stops a chat.

    As a context manager it serves every model call made below it; ``initiate_chat(cache=...)`` does so for one chat.
    Threads, tasks and processes may share one.

    Args:
        path: the SQLite file; made when it is first needed.
        seed: answers of one seed are not given for another.
    """

    def __init__(self, path: str | Path, seed: int | str) -> None:
        self.path = Path(path).absolute()
        self.seed = str(seed)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._closing: weakref.finalize[..., Cache] | None = None
        self._process = os.getpid()

    @staticmethod
    def disk(cache_seed: int | str = 42, cache_path_root: str | Path = ".cache") -> Cache:
        """The cache of a seed under a folder."""
        return Cache(Path(cache_path_root) / FILE, cache_seed)

    def get(self, key: str, default: Any = None) -> Any:
        """The stored value of a key."""
        text = self._guarded(lambda connection: connection.execute(_READ, (self.seed, key)).fetchone())
        if text is None:
            return default
        try:
            return json.loads(text[0])
        except (TypeError, ValueError) as error:
            self._warn(f"the entry {key} is damaged: {error}")
            return default

    def set(self, key: str, value: Any) -> None:
        """Store a value, which is JSON data, under a key."""
        try:
            text = json.dumps(value, ensure_ascii=False)
            text.encode()
        except (TypeError, ValueError, RecursionError) as error:
            self._warn(f"an answer cannot be stored: {error}")
            return
        self._guarded(lambda connection: connection.execute(_WRITE, (self.seed, key, text)))

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._closing is not None:
            if self._process == os.getpid():
                self._closing()
            else:  # SQLite: a connection is not to be carried over a fork, not even to close it
                self._closing.detach()
        self._connection = self._closing = None

    def _guarded(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            with self._lock:
                try:
                    return work(self._open())
                except sqlite3.Error:
                    self._close()
                    raise
        except (sqlite3.Error, OSError) as error:
            self._warn(f"{error}; if that stays, delete the file")
            return None

    def _open(self) -> sqlite3.Connection:
        if self._process != os.getpid():
            self._close()
            self._process = os.getpid()
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Without a transaction of its own each write is durable and visible to other processes at once.
            connection = sqlite3.connect(self.path, timeout=LOCK_WAIT, isolation_level=None, check_same_thread=False)
            self._connection, self._closing = connection, weakref.finalize(self, connection.close)
            connection.execute(_SCHEMA)
            # Refused at once, without the wait, while another process does the same; once is enough for all.
            with suppress(sqlite3.OperationalError):
                connection.execute("PRAGMA journal_mode = WAL")
        return self._connection

    def _warn(self, what: str) -> None:
        warnings.warn(f"the response cache {self.path} was passed over: {what}", CacheWarning, stacklevel=4)

    def __enter__(self) -> Self:
        _open_caches.set((*_open_caches.get(), self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _open_caches.set(_open_caches.get()[:-1])
        self.close()


_open_caches: ContextVar[tuple[Cache, ...]] = ContextVar("quorate_caches", default=())
"""What is open around the code that runs here, the innermost last: one cache may be open in several tasks."""


def current_cache() -> Cache | None:
    """The cache that serves model calls here, if one is open."""
    caches = _open_caches.get()
    return caches[-1] if caches else None
