"""Names: what they may look like, and what to say about one that nobody offers."""

from __future__ import annotations

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
    ("code executor", "bubblewrap"): "quorate-bubblewrap-executor",
    ("code executor", "jupyter"): "quorate-jupyter-executor",
    ("price source", "genai-prices"): "quorate-genai-prices",
}
"""Which distribution of ours brings a record: only for the hint in an error."""


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


def unknown_name(kind: str, name: str, known: Iterable[str], left_out: Iterable[str]) -> str:
    """What to say when no plugin offers a name: what is there, what was left out, and how to get it."""
    import difflib

    record, plugin = split_owner(name)
    names = sorted(set(known))
    parts = [f"no {kind} is named {name!r}"]
    if plugin and record in names:
        parts.append(f"the plugin {plugin!r} does not offer {record!r}")
    parts.append(f"installed: {', '.join(names) or 'none'}")
    if record not in names and (near := difflib.get_close_matches(record, names, n=1)):
        parts.append(f"did you mean {near[0]!r}?")
    out = sorted(left_out)
    parts += _left_out(out)
    dist = FIRST_PARTY.get((kind, record))
    if dist and record not in names and not any(f"({dist} " in label for label in out):
        parts.append(f"it comes with: pip install {dist}")
    return "; ".join(parts)


def no_default(known: Iterable[str], left_out: Iterable[str]) -> str:
    """What to say when a configuration names no model client, and none answers by default."""
    kind = "model client"
    parts = [
        "this configuration names no model client, and no installed one answers by default",
        f'write "client": NAME (installed: {", ".join(sorted(set(known))) or "none"})',
    ]
    parts += _left_out(sorted(left_out))
    dist = next(dist for (offered, _), dist in FIRST_PARTY.items() if offered == kind)
    parts.append(f"or install one, such as: pip install {dist}")
    return "; ".join(parts)


def _left_out(labels: list[str]) -> list[str]:
    return [f"left out: {', '.join(labels)}; see: quorate plugins"] if labels else []
