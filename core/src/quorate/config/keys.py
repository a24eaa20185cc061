"""The keys of a configuration entry: the known ones, their old names, near misses, and which hold secrets."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

KNOWN = frozenset(
    {
        "model",
        "client",
        "model_client_cls",
        "api_key",
        "base_url",
        "api_version",
        "timeout",
        "max_retries",
        "price",
        "tags",
        "stream",
    }
)
"""Keys that quorate reads itself; every other key goes to the model client."""

OLD_NAMES = {"api_type": "client", "api_base": "base_url"}
"""AutoGen 0.2's and openai<1's names for two of them."""

MASK = "**********"
"""What stands where a secret would; the same text as pydantic's ``SecretStr`` shows."""

# Whole names only: ``max_tokens``, ``eos_token`` and ``logit_bias`` are no secrets.
_SECRET = re.compile(
    r"(^|_)(api_?key|access_key(_id)?|secret(_key|_access_key)?|password|passwd|credentials?|authorization"
    r"|(ad|access|auth|session|hf|api|bearer|refresh)_token|headers)$|^token$",
    re.IGNORECASE,
)
_NEAR = 0.8  # difflib's ratio; lower, and ``http_client`` or ``model_info`` would be taken for typing mistakes


def is_secret(key: str) -> bool:
    """Whether the value under this key is never shown (``api_key``, ``azure_ad_token``, ``default_headers``, ...)."""
    return _SECRET.search(key.replace("-", "_")) is not None


def nearest(key: str, known: Iterable[str]) -> str | None:
    """The known key that this one was probably meant to be; None when it resembles none, or is one."""
    known = sorted(known)
    if key in known:
        return None
    found = get_close_matches(key.lower().replace("-", "_"), known, n=1, cutoff=_NEAR)
    return found[0] if found else None
