"""Structured output: the wire ``response_format`` of a pydantic class.

Strict mode wants every object closed and every property required, see
https://platform.openai.com/docs/guides/structured-outputs#supported-schemas.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from quorate.errors import ModelError
from quorate.models.wire_json import is_array, is_object


def json_schema_format(response_format: Any) -> Any:
    """The wire form: a pydantic class becomes a JSON schema, strict where it can be; a mapping stays.

    Raises:
        ModelError: it is neither (kind ``bad_request``).
    """
    if isinstance(response_format, Mapping):
        return cast("Mapping[str, Any]", response_format)
    schema_of = getattr(response_format, "model_json_schema", None)
    if not isinstance(response_format, type) or schema_of is None:
        msg = f"response_format is a pydantic class or a wire response_format (a dict), not {response_format!r:.80}"
        raise ModelError(msg, kind="bad_request")
    schema: dict[str, Any] = schema_of()
    strict = not _has_open_object(schema)
    name = re.sub(r"[^a-zA-Z0-9_-]", "_", response_format.__name__)[:64]
    described = {"name": name, "schema": _closed(schema) if strict else schema, "strict": strict}
    return {"type": "json_schema", "json_schema": described}


def _has_open_object(schema: Any) -> bool:
    """Whether some object takes keys of any name (a ``dict`` field): strict mode cannot say that."""
    if is_array(schema):
        return any(map(_has_open_object, schema))
    if not is_object(schema):
        return False
    return schema.get("additionalProperties") not in (None, False) or any(map(_has_open_object, schema.values()))


def _closed(schema: Any) -> Any:
    if is_array(schema):
        return [_closed(item) for item in schema]
    if not is_object(schema):
        return schema
    node = {key: _closed(value) for key, value in schema.items()}
    if is_object(node.get("properties")) and node.get("type") == "object":
        # A default makes no sense where everything is required, and strict mode refuses it.
        for item in node["properties"].values():
            item.pop("default", None)
        node |= {"additionalProperties": False, "required": list(node["properties"])}
    return node
