"""Model requests and results as JSON data: what the response cache stores, and finds answers by."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from quorate.models.results import CreateResult, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping

_STORED = tuple(field.name for field in fields(CreateResult) if field.name not in ("raw", "attempts", "cached"))


def as_data(result: CreateResult) -> dict[str, Any]:
    """A result as JSON data: everything but the endpoint's raw answer and what the call itself went through."""
    data = {name: getattr(result, name) for name in _STORED}
    return {**data, "usage": asdict(result.usage) if result.usage is not None else None}


def from_data(data: Mapping[str, Any]) -> CreateResult:
    """The result that :func:`as_data` was given.

    Raises:
        ValueError: the data is something else.
    """
    if not isinstance(data, dict) or data.keys() != set(_STORED):
        msg = "not a stored result"
        raise ValueError(msg)
    usage = None if data["usage"] is None else Usage(**data["usage"])
    return CreateResult(**{**data, "usage": usage, "choices": tuple(data["choices"])})


def fingerprint(request: Mapping[str, Any]) -> str | None:
    """A digest that is equal for equal requests, whatever the order of their keys.

    Returns:
        None when the request holds something that is no data (an object of the program's own), so that nothing could
        be told of its equality tomorrow.
    """
    try:
        text = json.dumps(request, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_schema)
    except TypeError:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _schema(value: object) -> Any:
    """A pydantic class, given as ``response_format``, is what its schema says."""
    schema = getattr(value, "model_json_schema", None)
    if isinstance(value, type) and schema is not None:
        return schema()
    raise TypeError
