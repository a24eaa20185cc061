"""The functions that make config lists; each asks a config loader of quorate's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quorate import config_lists
from quorate.config_lists import (
    config_list_from_dotenv,
    config_list_from_json,
    config_list_from_models,
    config_list_gpt4_gpt35,
    filter_config,
    get_config,
)
from quorate_autogen_compat._refusals import RefusedConfig, raised_as

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.config import ConfigEntry

__all__ = [
    "DEFAULT_AZURE_API_VERSION",
    "NON_CACHE_KEY",
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "filter_config",
    "get_config",
    "get_config_list",
    "get_key",
]

DEFAULT_AZURE_API_VERSION = "2024-02-01"
NON_CACHE_KEY = [
    "api_key",
    "base_url",
    "api_type",
    "api_version",
    "azure_ad_token",
    "azure_ad_token_provider",
    "credentials",
    "tool_config",
]
"""What 0.2's cache left out of its keys; quorate's keeps endpoints apart, so this serves :func:`get_key` alone."""


def get_config_list(
    api_keys: Sequence[str],
    base_urls: Sequence[str] | None = None,
    api_type: str | None = None,
    api_version: str | None = None,
) -> list[ConfigEntry]:
    """One entry per key; see :func:`quorate.get_config_list`.

    Raises:
        ConfigError: keys and endpoints differ in number (an AssertionError too), or one is malformed.
    """
    with raised_as(RefusedConfig):
        return config_lists.get_config_list(api_keys, base_urls, api_type, api_version)


def config_list_openai_aoai(
    key_file_path: str | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    openai_api_base_file: str | None = "base_openai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: str | None = None,
) -> list[ConfigEntry]:
    """One entry per key in key files and the environment; see :func:`quorate.config_list_openai_aoai`.

    Raises:
        ConfigError: keys and endpoints differ in number (an AssertionError too), or one is malformed.
    """
    files: Any = (openai_api_key_file, aoai_api_key_file, openai_api_base_file, aoai_api_base_file, exclude)
    with raised_as(RefusedConfig):
        return config_lists.config_list_openai_aoai(key_file_path, *files)


def get_key(config: Mapping[str, Any]) -> str:
    """A configuration as text, without what does not change the answer; the configuration is not changed."""
    return json.dumps({key: value for key, value in config.items() if key not in NON_CACHE_KEY}, sort_keys=True)
