"""Takes a session down in a file, one JSON object a line."""

from __future__ import annotations

import json
import threading
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from quorate_autogen_compat.logger._rows import RowLogger

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FileLogger"]

_FOLDER = "autogen_logs"


class FileLogger(RowLogger):
    """Takes a session down in a file in ``autogen_logs``: what the tables of a database would hold, and ``table``.

    Args:
        config: ``filename``, the file; ``runtime.log`` by default.
    """

    def __init__(self, config: Mapping[str, Any] | None = None) -> None:
        self.config = dict(config or {})
        self.session_id = str(uuid.uuid4())
        self.log_file = str(Path(_FOLDER).absolute() / str(self.config.get("filename") or "runtime.log"))
        self._file: TextIO | None = None
        self._lock = threading.Lock()

    def start(self) -> str:
        """Open the file and begin a session.

        Raises:
            OSError: it cannot be opened.
        """
        Path(self.log_file).parent.mkdir(parents=True, exist_ok=True)
        self._file = Path(self.log_file).open("a", encoding="utf-8")  # noqa: SIM115 - open until it is stopped
        self.write("session", {"session_id": self.session_id})
        return self.session_id

    def write(self, table: str, row: Mapping[str, Any]) -> None:
        """Write a row.

        Raises:
            OSError: it cannot be written, or the session is over.
        """
        with self._lock:
            if self._file is None:
                msg = "the session is over, or has not begun; call start() first"
                raise OSError(msg)
            self._file.write(json.dumps({"table": table, **row}, ensure_ascii=False) + "\n")
            self._file.flush()

    def stop(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def get_connection(self) -> None:
        """None: a file is no database."""
        return
