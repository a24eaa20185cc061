"""What is taken down, as data."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_collection, is_mapping
from quorate.config.keys import is_secret

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["get_current_ts", "to_dict"]


def get_current_ts() -> str:
    """The time now, in UTC, as text: ``2024-05-31 12:00:00.000000``."""
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def to_dict(obj: Any, exclude: Collection[str] = (), no_recursive: tuple[type, ...] = ()) -> Any:
    """An object as data that JSON can hold: its attributes, or a text of it. Secrets are left out.

    Args:
        obj: the object.
        exclude: names that are left out, too.
        no_recursive: types of which only the name is given.
    """
    return _data(obj, exclude, no_recursive, ())


def _data(obj: Any, exclude: Collection[str], named: tuple[type, ...], above: tuple[int, ...]) -> Any:
    if obj is None or isinstance(obj, bool | int | float | str):
        return obj
    if named and isinstance(obj, named):
        return str(getattr(obj, "name", type(obj).__name__))
    if callable(obj) or id(obj) in above:
        return getattr(obj, "__name__", None) or type(obj).__name__
    inside = (*above, id(obj))
    if hasattr(obj, "model_dump"):
        obj = obj.model_dump()
    if is_mapping(obj):
        kept = {str(key): value for key, value in obj.items() if str(key) not in exclude and not is_secret(str(key))}
        return {key: _data(value, exclude, named, inside) for key, value in kept.items()}
    if is_collection(obj):
        return [_data(one, exclude, named, inside) for one in obj]
    if own := {key: value for key, value in getattr(obj, "__dict__", {}).items() if not key.startswith("_")}:
        return _data(own, exclude, named, inside)
    return type(obj).__name__


def as_json(obj: Any) -> str:
    """An object as JSON text; secrets are left out."""
    return json.dumps(to_dict(obj), ensure_ascii=False)
