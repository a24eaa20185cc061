"""Configuration entries: dicts that know where each of their values came from, and never show a key."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self, TypeAlias

from quorate.config.guards import is_list, is_mapping, is_text
from quorate.config.keys import MASK, OLD_NAMES, is_secret
from quorate.config.origins import shown
from quorate.errors import ConfigError

PROGRAM = "the program"
"""The source of a value that code set after loading."""

Sources: TypeAlias = Mapping[str, str] | str
"""Where each value came from, or one text for all of them."""


class SecretDict(dict[str, Any]):
    """A dict whose ``repr`` hides what secret keys hold, and which is not pickled while it holds a secret.

    Values of other keys are shown by ``repr``; nothing is hidden from a program that reads a value.
    """

    def __repr__(self) -> str:
        return repr({key: masked(str(key), value) for key, value in self.items()})

    def __reduce_ex__(self, protocol: Any) -> Any:
        if secret := next((key for key, value in self.items() if value is not None and is_secret(key)), None):
            msg = f"a configuration that holds {secret} cannot be pickled; load it again where it is needed"
            raise TypeError(msg)
        return type(self), (dict(self),), vars(self) or None

    def __copy__(self) -> Self:
        return self.copy()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        twin = self.copy()
        merged: dict[str, Any] = twin
        merged |= {key: copy.deepcopy(value, memo) for key, value in self.items()}  # not update: the sources stay
        return twin

    def copy(self) -> Self:
        """A shallow copy of the same type."""
        return type(self)(self)


class ConfigEntry(SecretDict):
    """One entry of a config list, as loaders give it: a plain dict to read, with the provenance of every value.

    Text under a secret key (``api_key``, ``azure_ad_token``, ...) is held as a pydantic ``SecretStr``;
    ``entry["api_key"].get_secret_value()`` reads it. ``copy.deepcopy`` works; pickling an entry that holds a secret
    does not.

    Args:
        values: what the entry says.
        place: where the entry stands, as error messages name it: ``OAI_CONFIG_LIST[2]``.
        sources: where each value came from, or one text for all of them:
            ``{"api_key": "environment variable OPENAI_API_KEY"}``.
    """

    def __init__(
        self, values: Mapping[str, Any] = MappingProxyType({}), /, *, place: str = "", sources: Sources = PROGRAM
    ) -> None:
        super().__init__({key: _held(key, value) for key, value in values.items()})
        self.place = place
        self.sources: dict[str, str] = dict(dict.fromkeys(values, sources) if isinstance(sources, str) else sources)

    @classmethod
    def checked(cls, values: object, /, *, place: str, sources: Sources) -> Self:
        """An entry whose values were validated; loaders make theirs with it.

        A missing ``model`` is fine here: it may stand beside the ``config_list``.

        Raises:
            ConfigError: it is no mapping, or a value is wrong; names place and key, never a value.
        """
        from quorate.config.model_config import ModelConfig

        if not is_mapping(values):
            msg = f'{place}: must be an object such as {{"model": "..."}}, not {type(values).__name__}'
            raise ConfigError(msg)
        ModelConfig.parse(values, place=place)
        entry = cls(values, place=place, sources=sources)
        if "api_base" in entry:
            old, source = entry.pop("api_base"), entry.sources.pop("api_base", PROGRAM)
            if entry.get("base_url") is None:
                entry["base_url"] = old
                entry.sources["base_url"] = source
        return entry

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, _held(key, value))
        self.sources[key] = PROGRAM

    def update(self, *args: Any, **kwargs: Any) -> None:
        """As ``dict.update``; the new values' source is the program."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value

    def copy(self) -> Self:
        """A shallow copy with the same place and sources."""
        return type(self)(self, place=self.place, sources=self.sources)


def read(entry: Mapping[str, Any], key: str) -> Any:
    """The value under a key or its old or new name, in clear; None when the entry has neither."""
    names = [key, OLD_NAMES.get(key), next((old for old, new in OLD_NAMES.items() if new == key), None)]
    value = next((entry[name] for name in names if name is not None and entry.get(name) is not None), None)
    clear = getattr(value, "get_secret_value", None)
    return value if clear is None else clear()


def masked(key: str, value: Any) -> Any:
    """The value under a key as it may be shown: no secret in it, however deep, and no part of a URL that can be one."""
    if is_secret(key):
        return MASK
    if is_mapping(value):
        return {name: masked(str(name), one) for name, one in value.items()}
    if is_list(value):
        return [masked(key, one) for one in value]
    # A client may know further names for its endpoint (``base_url_keys``); a URL under any of them can hold a key.
    if is_text(value) and (OLD_NAMES.get(key, key) == "base_url" or "://" in value):
        return shown(value)
    return value


def _held(key: str, value: Any) -> Any:
    """A secret's text as a ``SecretStr``, anything else as it is."""
    if isinstance(value, str) and is_secret(key):
        from quorate.config.model_config import ApiKey

        return ApiKey(value)
    return value
