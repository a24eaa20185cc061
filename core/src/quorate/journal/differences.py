"""Saying how a step differs from the recorded one, for a person who looks for what changed."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

LINES = 30
"""Lines of a difference that are shown."""


def difference(recorded: Mapping[str, Any], asked: Mapping[str, Any]) -> str:
    """The lines that differ, ``-`` as recorded and ``+`` as asked now, each with a line around it."""
    before, after = (_lines(request) for request in (recorded, asked))
    shown = list(difflib.unified_diff(before, after, "recorded", "now", lineterm="", n=1))
    left = len(shown) - LINES
    return "\n".join([*shown[:LINES], *([f"... and {left} more lines"] if left > 0 else [])])


def _lines(request: Mapping[str, Any]) -> list[str]:
    return json.dumps(request, ensure_ascii=False, indent=1, sort_keys=True).splitlines()
