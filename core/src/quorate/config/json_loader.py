"""The config loader ``json``: a config list from an environment variable or a file, with ``//`` comments."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from quorate.config.entries import ConfigEntry
from quorate.config.files import read_text
from quorate.config.filters import filter_config
from quorate.config.guards import is_list
from quorate.errors import ConfigError, ConfigFileNotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

# A string (the rest of the text, when it does not end) or a comment: whichever starts first wins.
_STRING_OR_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*+"?|//[^\r\n]*', re.DOTALL)
# Shown in an error only when it can be nothing but a path: a key may have been put into the wrong variable.
_PATH = re.compile(r"(?:[./~]|[A-Za-z]:[\\/])?[^\r\n]*\.[A-Za-z]{2,5}|(?:\.{0,2}/|~/|[A-Za-z]:\\)[^\r\n]*")


class _Text(NamedTuple):
    """JSON text, what to call its entries, and where it came from."""

    text: str
    place: str
    source: str


def load_json(
    env_or_file: str, file_location: str | os.PathLike[str] | None = "", filter_dict: Mapping[str, Any] | None = None
) -> list[ConfigEntry]:
    """Read a config list from JSON; ``//`` comments outside strings are ignored.

    Args:
        env_or_file: an environment variable that holds the JSON or the path of a file with it, when it is set;
            else a file's name.
        file_location: the directory of that file.
        filter_dict: which entries to keep; see :func:`quorate.config.filter_config`.

    Raises:
        ConfigError: the text is no JSON list of objects (names file, line and column), or an entry is wrong (names
            file, index and key).
        ConfigFileNotFound: a ConfigError and a FileNotFoundError: neither variable nor file is there.
    """
    found = _from_environment(env_or_file) or _from_file(Path(file_location or "", env_or_file), env_or_file)
    entries = [
        ConfigEntry.checked(values, place=f"{found.place}[{index}]", sources=found.source)
        for index, values in enumerate(_list(found))
    ]
    return filter_config(entries, filter_dict)


def without_comments(text: str) -> str:
    """The text with ``//`` comments blanked out; everything else keeps its line and column."""
    return _STRING_OR_COMMENT.sub(lambda found: _blank(found[0]), text)


def _blank(token: str) -> str:
    return token if token.startswith('"') else " " * len(token)


def _from_environment(name: str) -> _Text | None:
    value = os.environ.get(name, "").strip()
    if not value:
        return None
    path = Path(value).expanduser() if "\n" not in value and "\0" not in value else None
    if path is not None and _exists(path):
        return _Text(read_text(path), str(path), f"file {path}, named by the environment variable {name}")
    if without_comments(value).lstrip().startswith(("[", "{")):
        return _Text(value, name, f"environment variable {name}")
    if _PATH.fullmatch(value):
        msg = f"the environment variable {name} names the file {value}, which does not exist"
        raise ConfigFileNotFound(msg)
    msg = f"the environment variable {name} holds neither JSON nor the path of a file that exists"
    raise ConfigError(msg)


def _from_file(path: Path, name: str) -> _Text:
    path = path.expanduser()
    if not _exists(path):
        msg = f"{path}: no such file, and no environment variable {name} is set; put the list into one of them"
        raise ConfigFileNotFound(msg)
    return _Text(read_text(path), str(path), f"file {path}")


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # JSON text that is too long for a file name
        return False


def _list(found: _Text) -> list[Any]:
    try:
        values = json.loads(without_comments(found.text))
    except json.JSONDecodeError as error:
        problem = f"{found.place}, line {error.lineno}, column {error.colno}: not JSON: {error.msg}"
    except RecursionError:
        problem = f"{found.place}: nested too deeply"
    else:
        if is_list(values):
            return list(values)
        problem = f"{found.place}: must be a list of entries, [{{...}}, ...], not {_json_type(values)}"
    # Outside the handler: the decoder's error carries the whole text, keys included.
    raise ConfigError(problem)


def _json_type(value: object) -> str:
    names: dict[type, str] = {dict: "an object", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")
