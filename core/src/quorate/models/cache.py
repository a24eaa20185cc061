"""The response cache: answers to requests that were made before, in an SQLite file. AutoGen 0.2's ``Cache``."""

from __future__ import annotations

import json
import sqlite3
import threading
import warnings
from contextvars import ContextVar, Token
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
    """The cache could not be read or written; the call went to the model instead."""


class Cache:
    """Stored answers. What cannot be read or written is reported as a :class:`CacheWarning` and never stops a chat.

    As a context manager it serves every model call made below it; ``initiate_chat(cache=...)`` does so for one chat.

    Args:
        path: the SQLite file; made when it is absent.
        seed: answers of one seed are not given for another.
    """

    def __init__(self, path: Path, seed: int | str) -> None:
        self.path = path
        self.seed = str(seed)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._tokens: list[Token[Cache | None]] = []

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
        except ValueError as error:
            self._warn(error)
            return default

    def set(self, key: str, value: Any) -> None:
        """Store a value, which is JSON data, under a key."""
        try:
            text = json.dumps(value, ensure_ascii=False)
            text.encode()
        except (TypeError, ValueError) as error:
            self._warn(error)
            return
        self._guarded(lambda connection: connection.execute(_WRITE, (self.seed, key, text)))

    def close(self) -> None:
        """Close the file; it is opened again when it is needed."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _guarded(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        try:
            with self._lock:
                return work(self._open())
        except (sqlite3.Error, OSError) as error:
            self.close()
            self._warn(error)
            return None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Without a transaction of its own each write is durable and visible to other processes at once.
            connection = sqlite3.connect(self.path, LOCK_WAIT, isolation_level=None, check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(_SCHEMA)
            self._connection = connection
        return self._connection

    def _warn(self, error: Exception) -> None:
        warnings.warn(f"the response cache {self.path} was passed over: {error}", CacheWarning, stacklevel=4)

    def __enter__(self) -> Self:
        self._tokens.append(_current.set(self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._tokens.pop())
        self.close()


_current: ContextVar[Cache | None] = ContextVar("quorate_cache", default=None)


def current_cache() -> Cache | None:
    """The cache that serves model calls here, if one is open."""
    return _current.get()
