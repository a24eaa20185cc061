"""Keeping secrets out of the journal: what looks like a credential, or is one in the environment, is never written."""

from __future__ import annotations

import json
import os
import re

SCRUBBED = "[scrubbed]"

_PATTERNS = (
    r"sk-[\w-]{16,}",  # OpenAI and others that took over its form
    r"gh[oprsu]_\w{20,}|github_pat_\w{20,}",
    r"hf_\w{20,}",
    r"AKIA[0-9A-Z]{16}",
    r"AIza[\w-]{35}",
    r"xox[a-z]-[\w-]{10,}",
    r"eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+",  # JSON web tokens
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----",
)
# Not inside a longer word, so that the text of an image is left alone.
_SECRET = re.compile(rf"(?<![\w+/-])(?:{'|'.join(_PATTERNS)})", re.DOTALL)
_BEARER = re.compile(r"(?i)(\bbearer )[\w.~+/=-]{16,}")

_NAMES = re.compile(r"(?i)(api_?key|token|password|secret|credential)$")
_SHORTEST = 12
"""Characters of a variable's value that is looked for; a shorter one may be a word."""


class Scrubber:
    """Takes secrets out of JSON text; the variables of the environment are those at the time it is made."""

    def __init__(self) -> None:
        values = [value for name, value in os.environ.items() if _NAMES.search(name) and len(value) >= _SHORTEST]
        self._values = sorted((json.dumps(value, ensure_ascii=False)[1:-1] for value in values), key=len, reverse=True)

    def __call__(self, text: str) -> str:
        """The text with ``[scrubbed]`` in the place of each secret; JSON stays JSON."""
        for value in self._values:
            text = text.replace(value, SCRUBBED)
        return _BEARER.sub(rf"\1{SCRUBBED}", _SECRET.sub(SCRUBBED, text))
