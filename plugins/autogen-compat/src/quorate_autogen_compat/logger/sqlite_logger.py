"""Takes a session down in a database, in 0.2's tables."""

from __future__ import annotations

import sqlite3
import threading
import uuid
from typing import TYPE_CHECKING, Any

from quorate_autogen_compat.logger._rows import RowLogger

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["SqliteLogger"]

_TABLES = {
    "chat_completions": "id INTEGER PRIMARY KEY, invocation_id TEXT, client_id INTEGER, wrapper_id INTEGER, "
    "session_id TEXT, source_name TEXT, request TEXT, response TEXT, is_cached INTEGER, cost REAL, start_time TEXT, "
    "end_time TEXT DEFAULT CURRENT_TIMESTAMP",
    "agents": "id INTEGER PRIMARY KEY, agent_id INTEGER, wrapper_id INTEGER, session_id TEXT, name TEXT, class TEXT, "
    "init_args TEXT, timestamp TEXT DEFAULT CURRENT_TIMESTAMP, UNIQUE(agent_id, session_id, name)",
    "oai_wrappers": "id INTEGER PRIMARY KEY, wrapper_id INTEGER, session_id TEXT, init_args TEXT, "
    "timestamp TEXT DEFAULT CURRENT_TIMESTAMP, UNIQUE(wrapper_id, session_id)",
    "oai_clients": "id INTEGER PRIMARY KEY, client_id INTEGER, wrapper_id INTEGER, session_id TEXT, class TEXT, "
    "init_args TEXT, timestamp TEXT DEFAULT CURRENT_TIMESTAMP, UNIQUE(client_id, session_id)",
    "events": "id INTEGER PRIMARY KEY, session_id TEXT, event_name TEXT, source_id INTEGER, source_name TEXT, "
    "agent_module TEXT DEFAULT NULL, agent_class_name TEXT DEFAULT NULL, json_state TEXT, "
    "timestamp TEXT DEFAULT CURRENT_TIMESTAMP",
    "function_calls": "source_id INTEGER, source_name TEXT, function_name TEXT, args TEXT DEFAULT NULL, "
    "returns TEXT DEFAULT NULL, timestamp TEXT DEFAULT CURRENT_TIMESTAMP",
    "version": "id INTEGER PRIMARY KEY CHECK (id = 1), version_number INTEGER NOT NULL",
}
"""The tables and columns that programs read."""

_VERSION = 1


class SqliteLogger(RowLogger):
    """Takes a session down in a SQLite database.

    Args:
        config: ``dbname``, the database's file; ``logs.db`` by default.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = dict(config or {})
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def start(self) -> str:
        """Open the database and begin a session.

        Raises:
            sqlite3.Error: it cannot be opened.
        """
        self.session_id = str(uuid.uuid4())
        connection = sqlite3.connect(str(self.config.get("dbname", "logs.db")), check_same_thread=False)
        try:
            with connection:
                for table, columns in _TABLES.items():
                    connection.execute(f"CREATE TABLE IF NOT EXISTS {table}({columns})")
                connection.execute("INSERT OR IGNORE INTO version (id, version_number) VALUES (1, ?)", (_VERSION,))
        except BaseException:
            connection.close()
            raise
        self._connection = connection
        return self.session_id

    def write(self, table: str, row: Mapping[str, Any]) -> None:
        """Write a row; one that is there already stays as it is.

        Raises:
            sqlite3.Error: it cannot be written, or the session is over.
        """
        if self._connection is None:
            msg = "the session is over, or has not begun; call start() first"
            raise sqlite3.ProgrammingError(msg)
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        with self._lock, self._connection:
            self._connection.execute(
                f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})",  # noqa: S608 - our own names
                tuple(row.values()),
            )

    def stop(self) -> None:
        """Close the database."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def get_connection(self) -> sqlite3.Connection | None:
        """The open database; None before the start and after the end."""
        return self._connection
