"""Names: what they may look like, and what to say about one that nobody offers."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = re.compile(r"[a-z0-9]+(?:[-_.][a-z0-9]+)*")
"""Plugin and record names: lower-case letters and digits, joined by single ``-``, ``_`` or ``.``."""

FIRST_PARTY = {
    ("model client", "openai"): "quorate-openai-client",
    ("model client", "azure"): "quorate-azure-client",
    ("model client", "vllm"): "quorate-vllm-client",
    ("model client", "hf-local"): "quorate-hf-local-client",
    ("model client", "tiny"): "quorate-tiny-model",
    ("config loader", "dotenv"): "quorate-dotenv-config",
    ("code executor", "docker"): "quorate-docker-executor",
}
"""Which distribution of ours brings a record: only for the hint in an error."""


def install_hint(kind: str) -> str:
    """A distribution of ours that brings a record of this kind."""
    return next(dist for (offered, _), dist in FIRST_PARTY.items() if offered == kind)


def is_name(name: object) -> bool:
    """Whether it can name a plugin or a record."""
    return isinstance(name, str) and NAME.fullmatch(name) is not None


def split_owner(name: str) -> tuple[str, str]:
    """``openai@rival`` as record name and plugin name; the plugin is empty when none is named."""
    record, _, plugin = name.partition("@")
    return record, plugin


def normalized(distribution: str) -> str:
    """A distribution's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()


def unknown_name(kind: str, name: str, known: Iterable[str], broken: Iterable[str]) -> str:
    """What to say when no plugin offers a name: what is there, what was skipped, and how to get it."""
    record, plugin = split_owner(name)
    names = sorted(known)
    parts = [f"no {kind} is named {name!r}"]
    if plugin and record in names:
        parts.append(f"the plugin {plugin!r} does not offer {record!r}")
    parts.append(f"installed: {', '.join(names) or 'none'}")
    if near := difflib.get_close_matches(record, names, n=1):
        parts.append(f"did you mean {near[0]!r}?")
    if skipped := sorted(broken):
        parts.append(f"skipped as broken: {', '.join(skipped)} (see: quorate plugins)")
    if dist := FIRST_PARTY.get((kind, record)):
        parts.append(f"it comes with: pip install {dist}")
    return "; ".join(parts)
