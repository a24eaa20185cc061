"""Reading the files that configurations stand in, with errors that name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.errors import ConfigError, ConfigFileNotFound

if TYPE_CHECKING:
    from pathlib import Path


def read_text(path: Path) -> str:
    """The text of a file, UTF-8 with or without a byte order mark.

    Raises:
        ConfigError: it cannot be read, or is no UTF-8; ConfigFileNotFound when it is not there.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        problem: ConfigError = ConfigFileNotFound(f"{path}: no such file")
    except OSError as error:
        problem = ConfigError(f"{path}: cannot be read: {error.strerror or type(error).__name__}")
    except UnicodeDecodeError as error:
        problem = ConfigError(f"{path}: is not UTF-8 text (at byte {error.start}); save it as UTF-8")
    # Outside the handler: a decoding error carries the whole file, keys included.
    raise problem
