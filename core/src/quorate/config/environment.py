"""The config loader ``environment``: keys and endpoints from key files and environment variables, by model.

The variable and file names are those of AutoGen 0.2, whose programs rely on them.
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from quorate.config.entries import ConfigEntry
from quorate.config.files import read_text
from quorate.config.guards import is_text
from quorate.errors import ConfigError, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AZURE_API_VERSION = "2024-02-01"
"""The version that AutoGen 0.2.40 gives an Azure entry when nothing else names one."""

_VERSION_ENV = ("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")


class _Lines(NamedTuple):
    """The lines of a file or variable, its name, and where that is."""

    lines: list[str]
    name: str
    source: str
    in_file: bool


class _Service(NamedTuple):
    """Where the keys and endpoints of one service may stand."""

    key_file: str | None
    key_env: str
    base_file: str | None
    base_env: str
    azure: bool


def load_environment(
    key_file_path: str | os.PathLike[str] | None = None,
    openai_api_key_file: str | None = "key_openai.txt",
    aoai_api_key_file: str | None = "key_aoai.txt",
    openai_api_base_file: str | None = "base_openai.txt",
    aoai_api_base_file: str | None = "base_aoai.txt",
    exclude: Literal["openai", "aoai"] | None = None,
    model_list: Sequence[str] | None = None,
) -> list[ConfigEntry]:
    """One entry per key, or per model and key: OpenAI's first, then Azure's. ``os.environ`` is never written.

    A file beats its environment variable. Several keys, and their endpoints, stand on lines of their own. A key from
    the environment is not given to an endpoint from a file (a stray file must not redirect it): such an entry has no
    key, and gets one only where :func:`quorate.config.resolve` allows it.

    Args:
        key_file_path: the directory of the files; None for environment variables only.
        openai_api_key_file: file with keys; else ``OPENAI_API_KEY``.
        aoai_api_key_file: file with keys; else ``AZURE_OPENAI_API_KEY``.
        openai_api_base_file: file with endpoints; else ``OPENAI_API_BASE``.
        aoai_api_base_file: file with endpoints; else ``AZURE_OPENAI_API_BASE``.
        exclude: ``openai`` or ``aoai`` leaves that service out.
        model_list: models; every key is offered for each of them, the first model's entries first.

    Raises:
        ConfigError: keys and endpoints do not pair up, or one is malformed.
    """
    if exclude not in (None, "openai", "aoai"):
        msg = f'exclude: must be "openai", "aoai" or None, not {exclude!r}'
        raise ConfigError(msg)
    if is_text(model_list):
        msg = "model_list: must be a list of model names, not one text"
        raise ConfigError(msg)
    services = {
        "openai": _Service(openai_api_key_file, "OPENAI_API_KEY", openai_api_base_file, "OPENAI_API_BASE", azure=False),
        "aoai": _Service(
            aoai_api_key_file, "AZURE_OPENAI_API_KEY", aoai_api_base_file, "AZURE_OPENAI_API_BASE", azure=True
        ),
    }
    folder = None if key_file_path is None else Path(key_file_path)
    found = [entry for name, each in services.items() if name != exclude for entry in _entries(each, folder)]
    if not found:
        looked = ", ".join(each.key_env for name, each in services.items() if name != exclude)
        files = "" if folder is None else f", and no key file in {folder.absolute()}"
        msg = f"the config list is empty: none of {looked} is set{files}"
        warnings.warn(msg, ConfigWarning, stacklevel=3)
    return [_for_model(entry, model) for model in model_list for entry in found] if model_list else found


def _entries(service: _Service, folder: Path | None) -> Iterable[ConfigEntry]:
    keys = _read(folder, service.key_file, service.key_env)
    bases = _read(folder, service.base_file, service.base_env)
    if keys is None:
        return
    if bases is not None and len(bases.lines) != len(keys.lines):
        msg = (
            f"{keys.name} has {len(keys.lines)} keys and {bases.name} has {len(bases.lines)} endpoints; "
            "write one of each per line (a blank line for none)"
        )
        raise ConfigError(msg)
    mixed = bases is not None and bases.in_file and not keys.in_file
    if mixed and bases is not None:
        msg = f"{keys.name} is not paired with the endpoints in {bases.name}: put the key in a file beside them"
        warnings.warn(msg, ConfigWarning, stacklevel=4)
    for index, key in enumerate(keys.lines):
        base = bases.lines[index] if bases is not None else ""
        values: dict[str, str] = {}
        sources: dict[str, str] = {}
        if key and not mixed:
            values["api_key"], sources["api_key"] = key, keys.source
        if base and bases is not None:
            values["base_url"], sources["base_url"] = base, bases.source
        if service.azure:
            values |= {"api_type": "azure"}
            values["api_version"], sources["api_version"] = _api_version()
        if key:
            yield ConfigEntry.checked(
                values, place=f"{keys.name}[{index}]", sources=dict.fromkeys(values, keys.source) | sources
            )


def _read(folder: Path | None, file: str | None, variable: str) -> _Lines | None:
    """The lines of the file, or else of the variable; None when neither is there."""
    if folder is not None and file is not None and (path := folder / file).exists():
        text, name, source, in_file = read_text(path), str(path), f"file {path}", True
    else:
        text, name = os.environ.get(variable, ""), variable
        source, in_file = f"environment variable {variable}", False
    lines = [line.strip() for line in text.strip().split("\n")]
    return _Lines(lines, name, source, in_file) if any(lines) else None


def _api_version() -> tuple[str, str]:
    """Azure's API version and where it came from."""
    named = {name: os.environ[name] for name in _VERSION_ENV if os.environ.get(name)}
    if len(set(named.values())) > 1:
        msg = f"{' and '.join(named)} differ; {next(iter(named))} is used"
        warnings.warn(msg, ConfigWarning, stacklevel=5)
    for name, value in named.items():
        return value, f"environment variable {name}"
    return AZURE_API_VERSION, "default"


def _for_model(entry: ConfigEntry, model: str) -> ConfigEntry:
    return ConfigEntry({**entry, "model": model}, place=entry.place, sources=entry.sources | {"model": "model_list"})
