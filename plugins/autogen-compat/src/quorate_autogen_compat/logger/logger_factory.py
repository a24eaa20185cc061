"""Makes loggers by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.errors import ConfigError
from quorate_autogen_compat.logger.file_logger import FileLogger
from quorate_autogen_compat.logger.sqlite_logger import SqliteLogger

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate_autogen_compat.logger.base_logger import BaseLogger

__all__ = ["LoggerFactory"]

_LOGGERS = {"file": FileLogger, "sqlite": SqliteLogger}


class LoggerFactory:
    """Makes loggers by name."""

    @staticmethod
    def get_logger(logger_type: str = "sqlite", config: Mapping[str, Any] | None = None) -> BaseLogger:
        """A logger, not started.

        Args:
            logger_type: ``sqlite`` or ``file``.
            config: ``dbname`` for the one, ``filename`` for the other.

        Raises:
            ConfigError: no such type; a ``ValueError``, as 0.2 raises.
        """
        if logger_type not in _LOGGERS:
            msg = f"logger_type: must be one of {', '.join(_LOGGERS)}, not {logger_type!r}"
            raise ConfigError(msg)
        return _LOGGERS[logger_type](config)
