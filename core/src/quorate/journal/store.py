"""The store of a journal: one SQLite file with the steps of any number of runs."""

from __future__ import annotations

import hashlib
import json
import os
import socket
import sqlite3
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from quorate.errors import JournalError
from quorate.journal.lease import Lease
from quorate.journal.results import as_json, storable
from quorate.journal.schema import APPLICATION, FIND, OWNER, SCHEMAS
from quorate.journal.scrubbing import Scrubber

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path

LOCK_WAIT = 10.0
"""Seconds that a write waits for another process."""

_SHARED = ("messages", "tools")
"""Parts of a request that other requests of the run have, too."""


class Found(NamedTuple):
    """A recorded step; ``data`` and ``failed`` are None when it has no result."""

    intent: int
    kind: str
    fingerprint: str
    request: str
    failed: bool | None
    data: str | None


class Store:
    """One run in a journal's file, to be written (``name`` is made when it is not there), or only read.

    Threads may share it; a forked child may not.

    Raises:
        JournalError: the file is none, is locked or damaged, cannot be written, or has no such run to read.
        RunInUse: somebody else records this run now.
    """

    def __init__(self, path: Path, name: str, *, read_only: bool = False) -> None:
        self.path = path
        self.name = name
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._scrub = Scrubber()
        self._lease: Lease | None = None
        with told(path):
            self._connection = _opened(path, read_only=read_only)
        try:
            with told(path):
                self._run = self._run_of(name, read_only=read_only)
                if not read_only:
                    self._take(name)
        except BaseException:
            self._connection.close()
            raise

    def _run_of(self, name: str, *, read_only: bool) -> int:
        if not read_only:
            self._connection.execute("INSERT OR IGNORE INTO run (name, began) VALUES (?, ?)", (name, time.time()))
        row = self._connection.execute("SELECT id FROM run WHERE name = ?", (name,)).fetchone()
        if row is None:
            there = ", ".join(repr(each) for (each,) in self._connection.execute("SELECT name FROM run ORDER BY id"))
            msg = f"{self.path}: no run is named {name!r}; there are: {there or 'none'}"
            raise JournalError(msg)
        return int(row[0])

    def _take(self, name: str) -> None:
        owner = self._connection.execute(OWNER, (self._run,)).fetchone() or (None, "", 0.0)
        since = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(owner[2]))
        whose = f"{self.path}: the run {name!r} is being recorded by process {owner[0]} on {owner[1]}, since {since}"
        self._lease = Lease(self.path, self._run, whose)
        row = (self._run, time.time(), socket.gethostname(), self._process)
        made = self._connection.execute("INSERT INTO opening (run, began, host, process) VALUES (?, ?, ?, ?)", row)
        self._opening = made.lastrowid

    def find(self, address: str) -> Found | None:
        """The step at an address, with its last result if it has one."""
        with self._used() as connection:
            row = connection.execute(FIND, (self._run, address)).fetchone()
        return None if row is None else Found(*row)

    def addresses(self) -> dict[str, str]:
        """The kinds of all recorded steps by their addresses, in the order in which they began."""
        with self._used() as connection:
            rows = connection.execute("SELECT address, kind FROM intent WHERE run = ? ORDER BY id", (self._run,))
            return dict(rows.fetchall())

    def prepared(self, request: Mapping[str, Any]) -> tuple[str, dict[str, str], str]:
        """A request as it is stored: scrubbed text, the parts it shares with others by digest, and its fingerprint."""
        parts: dict[str, str] = {}
        own = dict(request)
        for key in _SHARED:
            if isinstance(shared := own.get(key), list):
                own[key] = [self._part(each, parts) for each in shared]  # pyright: ignore[reportUnknownVariableType]
        text = self._text(own)
        return text, parts, _digest(text)

    def _text(self, data: Any) -> str:
        return self._scrub(storable(json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))))

    def _part(self, data: Any, parts: dict[str, str]) -> str:
        text = self._text(data)
        digest = _digest(text)
        parts[digest] = text
        return digest

    def request_of(self, text: str, parts: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A stored request with its parts in their places."""
        request: dict[str, Any] = json.loads(text)
        for key in _SHARED:
            if isinstance(digests := request.get(key), list):
                request[key] = [json.loads((parts or {}).get(each) or self._stored(each)) for each in digests]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return request

    def _stored(self, digest: str) -> str:
        with self._used() as connection:
            return str(connection.execute("SELECT data FROM part WHERE digest = ?", (digest,)).fetchone()[0])

    def intend(self, address: str, kind: str, prepared: tuple[str, dict[str, str], str]) -> int:
        """Write that a step is about to be performed; on the disk when this returns. Gives the intent's number."""
        text, parts, fingerprint = prepared
        row = (self._run, address, kind, fingerprint, text, time.time())
        with self._used() as connection, _transaction(connection):
            connection.executemany("INSERT OR IGNORE INTO part VALUES (?, ?)", parts.items())
            columns = "run, address, kind, fingerprint, request, began"
            made = connection.execute(f"INSERT INTO intent ({columns}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
        return int(made.lastrowid or 0)

    def keep(self, intent: int, data: Any, *, failed: bool) -> None:
        """Write what a step gave; on the disk when this returns.

        Raises:
            TypeError: it is no JSON data.
            ValueError: the same.
        """
        row = (intent, failed, self._scrub(as_json(data)), time.time())
        with self._used() as connection:
            connection.execute("INSERT INTO result VALUES (?, ?, ?, ?)", row)

    @contextmanager
    def _used(self) -> Generator[sqlite3.Connection]:
        if self._process != os.getpid():
            msg = f"{self.path}: the run {self.name!r} belongs to process {self._process}, which this one was forked from; record another run here"
            raise JournalError(msg)
        with self._lock, told(self.path):
            yield self._connection

    def close(self, error: BaseException | None) -> None:
        """Say how the run ended for now, and give it back; what a forked child has of it is left alone."""
        if self._process != os.getpid():
            return
        with self._lock:
            if self._lease is not None:
                row = (self._opening, time.time(), None if error is None else type(error).__name__)
                with suppress(sqlite3.Error):  # whoever reads it sees that nothing was said of the end
                    self._connection.execute("INSERT INTO closing VALUES (?, ?, ?)", row)
            self._connection.close()
            if self._lease is not None:
                self._lease.give_back()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _opened(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """A connection to a journal, with its tables as this version has them."""
    if read_only:
        if not path.is_file():
            msg = f"{path}: there is no such journal"
            raise JournalError(msg)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
    uri = f"{path.as_uri()}?mode={'ro' if read_only else 'rwc'}"
    if read_only and not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists():
        uri += "&immutable=1"  # SQLite reads a file in WAL mode with files beside it, which cannot be made here
    connection = sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT, isolation_level=None, check_same_thread=False)
    try:
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")  # a step is on the disk, not only with the system
        _check(connection, path, read_only=read_only)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path, *, read_only: bool) -> None:
    (version,), (application,) = (
        connection.execute(f"PRAGMA {name}").fetchone() for name in ("user_version", "application_id")
    )
    if application != APPLICATION and connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        msg = f"{path}: this SQLite file is no journal of quorate; name another file"
        raise JournalError(msg)
    if version > len(SCHEMAS):
        msg = (
            f"{path}: a newer quorate wrote this journal (version {version}, and {len(SCHEMAS)} is known here); upgrade"
        )
        raise JournalError(msg)
    if read_only and version == 0:
        msg = f"{path}: this journal is empty"
        raise JournalError(msg)
    if read_only or version == len(SCHEMAS):
        return
    with _transaction(connection):
        (version,) = connection.execute("PRAGMA user_version").fetchone()  # another process may have been quicker
        for statement in "".join(SCHEMAS[version:]).split(";"):
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(SCHEMAS)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Generator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # a full disk has rolled it back already
            connection.execute("ROLLBACK")
        raise


_SAFE = "what was recorded before is safe"
_WHY = {
    sqlite3.SQLITE_BUSY: f"another process has held it locked for {LOCK_WAIT:g} seconds; end that process, or wait",
    sqlite3.SQLITE_READONLY: "it cannot be written; give this user the right to write the file and its folder",
    sqlite3.SQLITE_FULL: f"the disk is full; {_SAFE}: make room and run the program again, and it goes on from there",
    sqlite3.SQLITE_IOERR: f"the disk failed or is full; {_SAFE}: see to it and run the program again",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened; see that the folder is there and that this user may write it",
    sqlite3.SQLITE_NOTADB: "it is no SQLite file; name another, or put back what was there",
    sqlite3.SQLITE_CORRUPT: "it is damaged; move it away, and take out what can be read with `sqlite3 FILE .recover`",
}
"""What to do about SQLite's primary result codes, https://www.sqlite.org/rescode.html."""


@contextmanager
def told(path: Path) -> Generator[None]:
    """Turn what SQLite and the system raise into errors that say what to do.

    Raises:
        JournalError: instead of theirs.
    """
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        msg = f"the journal {path}: {_WHY.get(code, 'SQLite failed')} ({error})"
        raise JournalError(msg) from error
    except OSError as error:
        msg = f"the journal {path}: its folder cannot be made or used: {error}"
        raise JournalError(msg) from error
