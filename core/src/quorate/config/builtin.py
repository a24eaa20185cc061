"""The config loaders that come with the core, offered through the same hook as any plugin's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import ConfigLoaderRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def quorate_config_loaders() -> Iterator[ConfigLoaderRecord]:
    """The loaders ``json``, ``environment`` and ``keys``."""
    yield ConfigLoaderRecord(
        name="json",
        factory="quorate.config.json_loader:load_json",
        summary="A JSON list in an environment variable or a file, // comments allowed",
    )
    yield ConfigLoaderRecord(
        name="environment",
        factory="quorate.config.environment:load_environment",
        summary="Keys and endpoints from key files and environment variables",
    )
    yield ConfigLoaderRecord(
        name="keys",
        factory="quorate.config.key_list:load_keys",
        summary="One entry per key given by the program",
    )
