"""quorate's plugin for ``.env`` files: the config loader ``dotenv``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import ConfigLoaderRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def quorate_config_loaders() -> Iterator[ConfigLoaderRecord]:
    """The loader ``dotenv``; python-dotenv is imported on first use."""
    yield ConfigLoaderRecord(
        name="dotenv",
        factory="quorate_dotenv_config._loader:load_dotenv_config",
        summary="Keys from a .env file, by model (python-dotenv)",
    )
