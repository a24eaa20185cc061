"""What is used when a command names no configuration."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from quorate.config.entries import ConfigEntry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.records import ModelClientRecord

LIST = "OAI_CONFIG_LIST"
"""The environment variable or file of the working directory that holds the config list, as in AutoGen 0.2."""

DEMONSTRATION = "tiny"
"""The model client that needs no key, no network and no GPU."""


def default_entries(records: Iterable[ModelClientRecord]) -> list[ConfigEntry]:
    """The config list of somebody who named none: the first of these that is there.

    1. the variable or file ``OAI_CONFIG_LIST``;
    2. a key or an endpoint in the environment that a client with a default model knows (``ModelClientRecord``'s
       ``api_key_env`` and ``base_url_env``), with the model that ``QUORATE_MODEL`` names, else that default;
    3. the demonstration model.

    Args:
        records: the model clients on offer.

    Raises:
        ConfigError: ``OAI_CONFIG_LIST`` is there and cannot be used.
    """
    if os.environ.get(LIST, "").strip() or Path(LIST).is_file():
        from quorate.config.json_loader import load_json

        return load_json(LIST)
    for record in records:
        for variable in (*record.api_key_env, *record.base_url_env) if record.model else ():
            if os.environ.get(variable, "").strip():
                return [_from_environment(record, variable)]
    source = "default: nothing else is named"
    entry = {"client": DEMONSTRATION, "model": DEMONSTRATION}
    return [ConfigEntry(entry, place="default", sources=dict.fromkeys(entry, source))]


def _from_environment(record: ModelClientRecord, variable: str) -> ConfigEntry:
    named = os.environ.get("QUORATE_MODEL", "").strip()
    sources = {
        "client": f"environment variable {variable}",
        "model": "environment variable QUORATE_MODEL" if named else f"default of {record.name}",
    }
    return ConfigEntry({"client": record.name, "model": named or record.model}, place=variable, sources=sources)
