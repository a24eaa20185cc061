"""The config loader ``dotenv``: one entry per model whose key a ``.env`` file or the environment holds."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from dotenv import dotenv_values, find_dotenv

from quorate.config.entries import ConfigEntry
from quorate.config.files import read_text
from quorate.config.filters import filter_config
from quorate.config.guards import is_mapping
from quorate.errors import ConfigError, ConfigFileNotFound, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_KEY = "OPENAI_API_KEY"
DEFAULT_MODELS = ("gpt-4", "gpt-3.5-turbo")
"""Models that AutoGen 0.2 adds to every map."""

_EXPANDED = ("base_url", "api_type", "api_version")  # values that may name a variable, as in 0.2


class _Variables(NamedTuple):
    """What the ``.env`` file and the environment hold together; the file may be none."""

    file: Path | None
    values: Mapping[str, str | None]

    def get(self, name: str) -> tuple[str, str] | None:
        """A variable's value and where it came from. The environment wins; a blank variable is not set."""
        if found := os.environ.get(name, "").strip():
            return found, f"environment variable {name}"
        if found := (self.values.get(name) or "").strip():
            return found, f"variable {name} in file {self.file}"
        return None


def load_dotenv_config(
    dotenv_file_path: str | os.PathLike[str] | None = None,
    model_api_key_map: Mapping[str, str | Mapping[str, Any]] | None = None,
    filter_dict: Mapping[str, Any] | None = None,
) -> list[ConfigEntry]:
    """Make a config list from the keys in a ``.env`` file. ``os.environ`` and the caller's map are never written.

    A variable that the environment already holds wins over the file, as in AutoGen 0.2. gpt-4 and gpt-3.5-turbo are
    added to the map with ``OPENAI_API_KEY`` unless it has them; a model without a key is left out, with a warning
    when the caller named it.

    Args:
        dotenv_file_path: the file; None searches for ``.env`` from the working directory upwards.
        model_api_key_map: for each model the name of the variable with its key, or a dict with ``api_key_env_var``
            (default ``OPENAI_API_KEY``) and other keys of the entry. ``base_url``, ``api_type`` and ``api_version``
            may also be names of variables.
        filter_dict: which entries to keep; see :func:`quorate.config.filter_config`.

    Raises:
        ConfigFileNotFound: a ConfigError and a FileNotFoundError: the file is not there.
        ConfigError: the file is no text, or the map or an entry is wrong; names place and key.
    """
    if model_api_key_map is not None and not is_mapping(model_api_key_map):
        msg = f"model_api_key_map: must be a dict of model: variable, not {type(model_api_key_map).__name__}"
        raise ConfigError(msg)
    variables = _read(dotenv_file_path)
    named = dict(model_api_key_map or {})
    wanted = {**named, **{model: DEFAULT_KEY for model in DEFAULT_MODELS if model not in named}}
    found = [
        _entry(model, value, variables, quiet=bool(named) and model not in named) for model, value in wanted.items()
    ]
    entries = [entry for entry in found if entry is not None]
    if not entries:
        msg = f"{_name(variables)}: no configuration found; no model's key is set there or in the environment"
        warnings.warn(msg, ConfigWarning, stacklevel=3)
    return filter_config(entries, filter_dict)


def _read(dotenv_file_path: str | os.PathLike[str] | None) -> _Variables:
    # usecwd: without it python-dotenv would search beside this very file.
    path = Path(dotenv_file_path).expanduser() if dotenv_file_path else Path(find_dotenv(usecwd=True))
    if not dotenv_file_path and path == Path():
        msg = f"no .env file in {Path.cwd()} or above it; only the environment is read"
        warnings.warn(msg, ConfigWarning, stacklevel=4)
        return _Variables(None, {})
    if not path.exists():
        msg = f"{path}: no such .env file; give the path of one, or None to search from the working directory upwards"
        raise ConfigFileNotFound(msg)
    read_text(path)  # for its errors, which name the file and hold none of it
    return _Variables(path, dotenv_values(path, encoding="utf-8-sig"))


def _entry(model: str, value: object, variables: _Variables, *, quiet: bool) -> ConfigEntry | None:
    """The entry for one model; None when its key is not set."""
    at = f"model_api_key_map[{model!r}]"
    if isinstance(value, str):
        value = {"api_key_env_var": value}
    if not is_mapping(value):
        msg = f"{at}: must be the name of a variable, or a dict with api_key_env_var, not {type(value).__name__}"
        raise ConfigError(msg)
    rest = {key: each for key, each in value.items() if key != "api_key_env_var"}
    variable = value.get("api_key_env_var", DEFAULT_KEY)
    if not isinstance(variable, str) or not variable.strip():
        msg = f"{at}.api_key_env_var: must be the name of a variable"
        raise ConfigError(msg)
    held = (rest.pop("api_key"), at) if rest.get("api_key") is not None else variables.get(variable)
    if held is None:
        if not quiet:
            msg = f"{_name(variables)}: {variable} is not set there or in the environment; {model} is left out"
            warnings.warn(msg, ConfigWarning, stacklevel=4)
        return None
    sources = dict.fromkeys((*rest, "model"), at) | {"api_key": held[1]}
    for key in _EXPANDED:
        if isinstance(rest.get(key), str) and (expanded := variables.get(rest[key])):
            rest[key], sources[key] = expanded
    return ConfigEntry.checked({"model": model, "api_key": held[0], **rest}, place=at, sources=sources)


def _name(variables: _Variables) -> str:
    return str(variables.file or "the environment")
