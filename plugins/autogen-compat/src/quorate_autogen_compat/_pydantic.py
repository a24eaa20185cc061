"""What 0.2 used to work with pydantic 1 and 2; here it is always 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

if TYPE_CHECKING:
    from pydantic import BaseModel

__all__ = ["PYDANTIC_V1", "JsonSchemaValue", "model_dump", "model_dump_json", "type2schema"]

PYDANTIC_V1 = False
JsonSchemaValue = dict[str, Any]


def model_dump(model: BaseModel) -> dict[str, Any]:
    """A model as a dict."""
    return model.model_dump()


def model_dump_json(model: BaseModel) -> str:
    """A model as JSON."""
    return model.model_dump_json()


def type2schema(t: Any) -> JsonSchemaValue:
    """The JSON schema of a type."""
    return TypeAdapter(t).json_schema()
