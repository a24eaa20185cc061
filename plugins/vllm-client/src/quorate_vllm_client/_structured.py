"""Constraints on the answer, in the parameter that the server's version has; the others are silently ignored there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.models.wire_json import is_object
from quorate.models.wire_schema import json_schema_format

if TYPE_CHECKING:
    from collections.abc import Mapping

    Version = tuple[int, ...]

NESTED_SINCE: Version = (0, 11)
"""The first version with ``structured_outputs``; since 0.12 what was before it is ignored.

https://docs.vllm.ai/en/latest/features/structured_outputs/
"""

GUIDED: Mapping[str, str] = {
    "json": "guided_json",
    "regex": "guided_regex",
    "choice": "guided_choice",
    "grammar": "guided_grammar",
    "whitespace_pattern": "guided_whitespace_pattern",
    "structural_tag": "structural_tag",
}
"""The keys of ``structured_outputs``, and the parameters that were before them."""

_NESTED = "structured_outputs"
_DROPPED = "guided_decoding_backend"  # has no successor: the server chooses
_ALL = frozenset({_NESTED, _DROPPED, *GUIDED.values()})


def is_constrained(params: Mapping[str, Any]) -> bool:
    """Whether the parameters hold a constraint in either form, at the top or in ``extra_body``."""
    return any(_ALL & {key for key, value in each.items() if value is not None} for each in _places(params))


def constrained(params: Mapping[str, Any], version: Version | None) -> dict[str, Any]:
    """The parameters that say the same to a server of this version; the older form is None in them.

    Args:
        params: request parameters.
        version: the server's; None when it is not known, then it counts as recent.

    Raises:
        ModelError: an old server has no such constraint (kind ``bad_request``).
    """
    wanted: dict[str, Any] = {}
    for each in _places(params):
        wanted |= {new: each[old] for new, old in GUIDED.items() if each.get(old) is not None}
        if is_object(nested := each.get(_NESTED)):
            wanted |= nested
    if isinstance(wanted.get("json"), type):
        wanted["json"] = json_schema_format(wanted["json"])["json_schema"]["schema"]
    said: dict[str, Any] = {key: None for key in _ALL if key in params}
    if params.get("extra_body"):
        said["extra_body"] = {key: value for key, value in params["extra_body"].items() if key not in _ALL}
    if version is None or version >= NESTED_SINCE:
        return said | {_NESTED: wanted or None}
    if unknown := wanted.keys() - GUIDED.keys():
        shown = ".".join(map(str, version))
        msg = f"vLLM {shown} cannot constrain by {', '.join(sorted(unknown))}; it has {', '.join(GUIDED)}"
        raise ModelError(msg, kind="bad_request")
    return said | {GUIDED[key]: value for key, value in wanted.items()}


def _places(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [params, params.get("extra_body") or {}]
