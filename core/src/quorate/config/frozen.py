"""Turning a configuration's values into something hashable, without keeping a secret in clear."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list, is_mapping
from quorate.config.keys import is_secret

if TYPE_CHECKING:
    from collections.abc import Hashable

# New in every process: a digest that got out tells nothing, not even whether a guessed key is right.
_SALT = secrets.token_bytes(32)


class Same:
    """Stands for an object that is not data: equal to itself only. Holds it, so that its id is not used again."""

    __slots__ = ("_it",)

    def __init__(self, it: object) -> None:
        self._it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other._it is self._it

    def __hash__(self) -> int:
        return id(self._it)

    def __repr__(self) -> str:
        return f"<{type(self._it).__name__}>"


def secret_digest(value: str) -> str:
    """A digest of a secret: equal for equal secrets, within this process."""
    return blake2b(value.encode(), key=_SALT, digest_size=16).hexdigest()


def freeze(value: Any) -> Hashable:
    """A hashable that is equal for equal data; other objects count by identity, text under secret keys by digest."""
    if is_mapping(value):
        pairs = ((str(key), _frozen_item(str(key), each)) for key, each in value.items())
        return ("dict", *sorted(pairs, key=lambda pair: pair[0]))
    if is_list(value):
        return ("list", *map(freeze, value))
    if isinstance(value, bool):
        return ("bool", value)
    return value if value is None or isinstance(value, str | int | float) else Same(value)


def _frozen_item(key: str, value: Any) -> Hashable:
    if is_secret(key):
        return ("secret", secret_digest(value)) if isinstance(value, str) else _hidden(value)
    return freeze(value)


def _hidden(value: Any) -> Hashable:
    """As :func:`freeze`, for what lies below a secret key (``default_headers``): every text is a digest."""
    if is_mapping(value):
        return ("dict", *sorted((str(key), _hidden(each)) for key, each in value.items()))
    return ("secret", secret_digest(value)) if isinstance(value, str) else freeze(value)
