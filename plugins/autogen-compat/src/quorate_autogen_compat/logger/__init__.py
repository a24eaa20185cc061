"""Loggers of what agents do."""

from __future__ import annotations

from quorate_autogen_compat.logger.file_logger import FileLogger
from quorate_autogen_compat.logger.logger_factory import LoggerFactory
from quorate_autogen_compat.logger.sqlite_logger import SqliteLogger

__all__ = ["FileLogger", "LoggerFactory", "SqliteLogger"]
