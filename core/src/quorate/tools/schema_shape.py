"""A JSON schema as a model reads it best: without titles, and with definitions written where they are used."""

from __future__ import annotations

from typing import Any

from quorate.models.wire_json import is_array, is_object

_REF = "#/$defs/"
_MAPS = ("properties", "patternProperties")
_DROPPED = ("title", "$defs", "discriminator")  # a discriminator maps to definitions, which are gone


def tidied(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with each ``$ref`` replaced by what it means, except in definitions that contain themselves.

    Chat templates and several endpoints show a model ``$ref`` as it stands, or refuse it.
    """
    defs: dict[str, Any] = schema.get("$defs", {})
    recursive = {name for name in defs if _reaches(defs[name], name, defs, set())}
    whole: dict[str, Any] = _node(schema, defs, recursive)
    if recursive:
        whole["$defs"] = {name: _node(defs[name], defs, recursive) for name in defs if name in recursive}
    return whole


def _node(schema: Any, defs: dict[str, Any], recursive: set[str]) -> Any:
    if is_array(schema):
        return [_node(item, defs, recursive) for item in schema]
    if not is_object(schema):
        return schema
    node: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _DROPPED:
            continue
        if key == "$ref" and (name := str(value).removeprefix(_REF)) not in recursive:
            node = {**_node(defs[name], defs, recursive), **node}
        elif key in _MAPS:
            node[key] = {name: _node(one, defs, recursive) for name, one in value.items()}
        else:
            node[key] = value if key in ("default", "const", "enum", "examples") else _node(value, defs, recursive)
    return node


def _reaches(schema: Any, wanted: str, defs: dict[str, Any], seen: set[str]) -> bool:
    """Whether a definition can be come to from here."""
    if is_array(schema):
        return any(_reaches(item, wanted, defs, seen) for item in schema)
    if not is_object(schema):
        return False
    ref = schema.get("$ref")
    if isinstance(ref, str):
        name = ref.removeprefix(_REF)
        if name == wanted:
            return True
        if name not in seen:
            seen.add(name)
            if _reaches(defs[name], wanted, defs, seen):
                return True
    return any(_reaches(value, wanted, defs, seen) for key, value in schema.items() if key != "$ref")
