"""A notice for shell code that is seldom meant: no boundary, only a second look, as AutoGen 0.2 took one."""

from __future__ import annotations

import re
from typing import Final

SHELLS: Final = ("sh", "bash")
"""The languages that are looked at."""

_BEGIN: Final = r"(?:^|[;&|({`]|\bsudo\b|\bthen\b|\bdo\b)\s*"
_PATTERNS: Final = (
    (_BEGIN + r"rm\s+(?=(?:-\S+\s+)*-\S*r)(?=(?:-\S+\s+)*-\S*f)", "`rm -rf` removes without asking"),
    (_BEGIN + r"mv\s[^>]*\s/dev/null\b", "moving to /dev/null loses the file"),
    (_BEGIN + r"dd\s", "`dd` overwrites what it is pointed at"),
    (r">\s*/dev/(?:sd[a-z]|nvme\d|vd[a-z])", "writing to a disk device destroys what is on it"),
    (r":\s*\(\s*\)\s*\{\s*:\s*\|\s*:\s*&\s*\}\s*;\s*:", "this is a fork bomb"),
)


def noticed(code: str) -> str | None:
    """Say what is dangerous about shell code; None when nothing is noticed."""
    return next((reason for pattern, reason in _PATTERNS if re.search(pattern, code, re.MULTILINE)), None)
