"""A run has one owner at a time: a lock that the operating system takes back when the owner is dead."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from quorate.errors import RunInUse

if TYPE_CHECKING:
    from pathlib import Path


class Lease:
    """The right to write a run, held until it is given back or the process ends, however it ends.

    It is an exclusive lock of SQLite on an empty file of its own, beside the journal: held between processes, between
    threads and between containers that share the folder, and not handed on to a forked child.

    Raises:
        RunInUse: somebody else holds it.
        JournalError: the file cannot be made; see :func:`quorate.journal.store.told`.
    """

    def __init__(self, journal: Path, number: int, owner: str) -> None:
        path = journal.with_name(f"{journal.name}-run-{number}.lease")
        self._connection = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            self._connection.close()
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                raise
            msg = f"{owner}; a run has one owner at a time: wait for it to end, end it, or name another run"
            raise RunInUse(msg) from error

    def give_back(self) -> None:
        """Let others have it."""
        self._connection.close()
