"""Choosing entries of a config list, and saying why one was dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from quorate.config.entries import read
from quorate.config.guards import is_collection, is_mapping
from quorate.config.keys import KNOWN, OLD_NAMES, is_secret, nearest
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

E = TypeVar("E", bound=Mapping[str, Any])


def filter_config(config_list: Iterable[E], filter_dict: Mapping[str, Any] | None, exclude: bool = False) -> list[E]:
    """The entries that fit every criterion, as a new list; the entries themselves are not copied.

    Args:
        config_list: the entries.
        filter_dict: for each key the acceptable values, a list or a set; one value may stand for itself
            (``{"tags": "tool"}``). None among them accepts an entry without that key. A key that holds a list
            (``tags``) fits when any of its members is acceptable. None or ``{}`` accepts everything.
        exclude: drop the entries that fit *any* criterion instead.

    Raises:
        ConfigError: no entry has a key of the filter, and it resembles one that exists.
    """
    entries = list(config_list)
    wanted = check_filter(entries, filter_dict)
    return [entry for entry in entries if dropped_because(entry, wanted, exclude=exclude) is None]


def check_filter(entries: Iterable[Mapping[str, Any]], filter_dict: object) -> Mapping[str, Any]:
    """The filter as a mapping, once its keys make sense for these entries.

    Raises:
        ConfigError: it is no mapping, or a key is probably mistyped.
    """
    if filter_dict is None:
        return {}
    if not is_mapping(filter_dict):
        msg = f'filter_dict: must be a dict such as {{"tags": ["tool"]}}, not {type(filter_dict).__name__}'
        raise ConfigError(msg)
    known = {key for entry in entries for key in entry} | KNOWN | OLD_NAMES.keys()
    for key in filter_dict:
        if near := nearest(str(key), known):
            msg = f"filter_dict.{key}: no entry has this key; did you mean {near!r}?"
            raise ConfigError(msg)
    return filter_dict


def dropped_because(entry: Mapping[str, Any], filter_dict: Mapping[str, Any], *, exclude: bool = False) -> str | None:
    """Why the filter drops this entry, in words; None when it keeps it. A secret's value is not told."""
    for key, accepted in filter_dict.items():
        values = _values(accepted)
        if _fits(read(entry, key), values) is exclude:
            verb = "which the filter excludes" if exclude else f"and the filter wants {_told(key, values)}"
            return f"{key} is {_told(key, [read(entry, key)])}, {verb}"
    return None


def _values(accepted: object) -> list[Any]:
    return list(accepted) if is_collection(accepted) else [accepted]


def _fits(value: object, accepted: list[Any]) -> bool:
    members = list(value) if is_collection(value) else [] if value is None else [value]
    if not members:
        return None in accepted
    # A value that is itself a list (price) may also be asked for as a whole.
    return value in accepted or any(member in accepted for member in members)


def _told(key: str, values: list[Any]) -> str:
    if is_secret(key):
        return "missing" if values == [None] else "a secret"
    words = ["missing" if value is None else repr(value) for value in values]
    return " or ".join(sorted(words)) or "nothing"
