"""AutoGen 0.2's functions that make config lists; each asks a config loader of the default kernel."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal, cast

from quorate.config.filters import filter_config

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.config import ConfigEntry

__all__ = [
    "config_list_from_dotenv",
    "config_list_from_json",
    "config_list_from_models",
    "config_list_gpt4_gpt35",
    "config_list_openai_aoai",
    "filter_config",
    "get_config",
    "get_config_list",
]


def config_list_from_json(
    env_or_file: str, file_location: str | os.PathLike[str] | None = "", filter_dict: Mapping[str, Any] | None = None
) -> list[ConfigEntry]:
    """Read a config list from JSON, ``//`` comments allowed.

    Args:
        env_or_file: an environment variable that holds the JSON or the path of a file with it, when it is set;
            else a file's name.
        file_location: the directory of that file.
        filter_dict: which entries to keep; see :func:`filter_config`.

    Raises:
        ConfigError: the JSON or an entry is wrong; names file, line and column, or file, index and key.
        ConfigFileNotFound: a ConfigError and a FileNotFoundError: neither variable nor file is there.
    """
    return _load("json", env_or_file=env_or_file, file_location=file_location, filter_dict=filter_dict)


def config_list_from_dotenv(
    dotenv_file_path: str | os.PathLike[str] | None = None,
    model_api_key_map: Mapping[str, str | Mapping[str, Any]] | None = None,
    filter_dict: Mapping[str, Any] | None = None,
) -> list[ConfigEntry]:
    """Make a config list from a ``.env`` file; needs the plugin ``quorate-dotenv-config``.

    Args:
        dotenv_file_path: the file; None searches from the working directory upwards.
        model_api_key_map: for each model the variable that holds its key, or a dict with ``api_key_env_var`` and
            other keys of the entry.
        filter_dict: which entries to keep; see :func:`filter_config`.

    Raises:
        UnknownName: the plugin is not installed; says how to get it.
        ConfigError: the file is missing, or the map is wrong.
    """
    arguments = {"dotenv_file_path": dotenv_file_path, "model_api_key_map": model_api_key_map}
    return _load("dotenv", **arguments, filter_dict=filter_dict)


def config_list_openai_aoai(
    key_file_path: str | os.PathLike[str] | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    openai_api_base_file: str | None = "base_openai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Literal["openai", "aoai"] | None = None,
) -> list[ConfigEntry]:
    """One entry per key found in key files and the environment; see ``quorate.config.environment`` for the rules.

    Args:
        key_file_path: the directory of the files; None for environment variables only.
        openai_api_key_file: file with keys; else ``OPENAI_API_KEY``.
        aoai_api_key_file: file with keys; else ``AZURE_OPENAI_API_KEY``.
        openai_api_base_file: file with endpoints; else ``OPENAI_API_BASE``.
        aoai_api_base_file: file with endpoints; else ``AZURE_OPENAI_API_BASE``.
        exclude: ``openai`` or ``aoai`` leaves that service out.

    Raises:
        ConfigError: keys and endpoints do not pair up, or one is malformed.
    """
    return _load(
        "environment",
        key_file_path=key_file_path,
        openai_api_key_file=openai_api_key_file,
        aoai_api_key_file=aoai_api_key_file,
        openai_api_base_file=openai_api_base_file,
        aoai_api_base_file=aoai_api_base_file,
        exclude=exclude,
    )


def config_list_from_models(
    key_file_path: str | os.PathLike[str] | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Literal["openai", "aoai"] | None = None,
    model_list: Sequence[str] | None = None,
) -> list[ConfigEntry]:
    """As :func:`config_list_openai_aoai`, once for each model: the first model's entries come first.

    Raises:
        ConfigError: keys and endpoints do not pair up, or one is malformed.
    """
    return _load(
        "environment",
        key_file_path=key_file_path,
        openai_api_key_file=openai_api_key_file,
        aoai_api_key_file=aoai_api_key_file,
        aoai_api_base_file=aoai_api_base_file,
        exclude=exclude,
        model_list=model_list,
    )


def config_list_gpt4_gpt35(
    key_file_path: str | os.PathLike[str] | None = ".",
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Literal["openai", "aoai"] | None = None,
) -> list[ConfigEntry]:
    """:func:`config_list_from_models` for the two models that AutoGen 0.2 names here: gpt-4 and gpt-3.5-turbo."""
    models = ["gpt-4", "gpt-3.5-turbo"]
    return config_list_from_models(
        key_file_path, openai_api_key_file, aoai_api_key_file, aoai_api_base_file, exclude, models
    )


def get_config_list(
    api_keys: Sequence[str],
    base_urls: Sequence[str] | None = None,
    api_type: str | None = None,
    api_version: str | None = None,
) -> list[ConfigEntry]:
    """One entry per key that is not blank.

    Args:
        api_keys: the keys.
        base_urls: an endpoint for each key.
        api_type: the model client for all of them.
        api_version: the protocol version for all of them.

    Raises:
        ConfigError: keys and endpoints differ in number, or one is malformed.
    """
    return _load("keys", api_keys=api_keys, base_urls=base_urls, api_type=api_type, api_version=api_version)


def get_config(
    api_key: str, base_url: str | None = None, api_type: str | None = None, api_version: str | None = None
) -> ConfigEntry:
    """One entry. Each value but the key may also be the name of an environment variable that holds it.

    Raises:
        ConfigError: the key is blank, or a value is malformed.
    """
    from quorate.errors import ConfigError

    url, kind, version = (value and os.environ.get(value, value) for value in (base_url, api_type, api_version))
    found = get_config_list([api_key], [url] if url else None, kind, version)
    if not found:
        msg = "api_key: is blank"
        raise ConfigError(msg)
    return found[0]


def _load(loader: str, **arguments: Any) -> list[ConfigEntry]:
    from quorate.kernel import default_kernel

    return cast("list[ConfigEntry]", default_kernel().factory("config loader", loader)(**arguments))
