"""Model requests and results as JSON data: what the response cache stores, and finds answers by."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any, cast, get_args

from quorate.models.results import CreateResult, FinishReason, Usage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_STORED = tuple(field.name for field in fields(CreateResult) if field.name not in ("raw", "attempts", "cached"))


def as_data(result: CreateResult) -> dict[str, Any]:
    """A result as JSON data: everything but the endpoint's raw answer and what the call itself went through."""
    data = {name: getattr(result, name) for name in _STORED}
    return {**data, "usage": asdict(result.usage) if result.usage is not None else None}


def from_data(data: object) -> CreateResult:
    """The result that :func:`as_data` was given.

    Raises:
        ValueError: the data is something else.
    """
    if not isinstance(data, dict):
        msg = f"a stored result is an object, not {type(data).__name__}"
        raise ValueError(msg)  # noqa: TRY004 - whatever is wrong with data is one error
    stored = cast("dict[str, Any]", data)
    if stored.keys() != set(_STORED):
        msg = f"a stored result has other keys: {', '.join(sorted(stored.keys() ^ set(_STORED)))}"
        raise ValueError(msg)
    wrong = [name for name, fits in _FITS.items() if not fits(stored[name])]
    if wrong:
        msg = f"a stored result has other values of {', '.join(wrong)}"
        raise ValueError(msg)
    usage = None if stored["usage"] is None else Usage(**stored["usage"])
    sequences = {name: tuple(stored[name]) for name in ("choices", "notes")}
    values: dict[str, Any] = {**stored, "usage": usage, **sequences}
    return CreateResult(**values)


def _is_text(value: object) -> bool:
    return value is None or isinstance(value, str)


def _is_objects(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in cast("list[object]", value))


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_usage(value: object) -> bool:
    if not isinstance(value, dict):
        return value is None
    counts = cast("dict[str, object]", value)
    return counts.keys() == {field.name for field in fields(Usage)} and all(map(_is_count, counts.values()))


def _is_cost(value: object) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(cast("float", value)))


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "content": lambda value: isinstance(value, str) or (_is_objects(value) and bool(value)),
    "finish_reason": lambda value: isinstance(value, str) and value in get_args(FinishReason),
    "usage": _is_usage,
    "cost": _is_cost,
    "model": lambda value: isinstance(value, str),
    "thought": _is_text,
    "text": _is_text,
    "choices": lambda value: isinstance(value, list | tuple) and _is_objects(list(cast("list[object]", value))),
    "price_source": _is_text,
    "notes": lambda value: isinstance(value, list | tuple) and all(isinstance(each, str) for each in value),  # pyright: ignore[reportUnknownVariableType]
}
"""What each stored value must be for a conversation to go on with it."""


def fingerprint(request: Mapping[str, Any]) -> str | None:
    """A digest that is equal for equal requests, whatever the order of their keys.

    Returns:
        None when the request holds something that is no data (an object of the program's own), so that nothing could
        be told of its equality tomorrow.
    """
    try:
        text = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_schema)
    except (TypeError, ValueError, RecursionError):  # no data, data that holds itself, or nested without end
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _schema(value: object) -> Any:
    """A pydantic class, given as ``response_format``, is what its schema says."""
    schema = getattr(value, "model_json_schema", None)
    if isinstance(value, type) and schema is not None:
        return schema()
    raise TypeError
