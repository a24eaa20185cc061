"""The one seam to installed distributions' metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

GROUP = "quorate"
"""The entry-point group of quorate plugins."""


@dataclass(frozen=True, slots=True)
class Installed:
    """One entry point of an installed distribution.

    Attributes:
        name: the entry point's name, which is the plugin's.
        value: ``module`` or ``module:attribute``.
        distribution: the distribution's name.
        version: its version.
        load: imports and gives the plugin.
    """

    name: str
    value: str
    distribution: str
    version: str
    load: Callable[[], object]


def installed_plugins() -> list[Installed]:
    """Every plugin that an installed distribution announces, by name; one seen twice on the path is listed once."""
    from importlib_metadata import entry_points

    found: dict[tuple[str, str, str], Installed] = {}
    for point in entry_points(group=GROUP):
        dist = point.dist
        name, version = (dist.name or "unknown", dist.version or "unknown") if dist else ("unknown", "unknown")
        found.setdefault((point.name, name, point.value), Installed(point.name, point.value, name, version, point.load))
    return [found[key] for key in sorted(found)]


def version_of(distribution: str) -> str:
    """The installed version of a distribution, or ``unknown``."""
    from importlib_metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return "unknown"
