"""The one seam to installed distributions' metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from quorate._names import normalized
from quorate.errors import InvalidPlugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from importlib_metadata import EntryPoint

GROUP = "quorate"
"""The entry-point group of quorate plugins."""

UNKNOWN = "unknown"
"""Stands for a name or version that a distribution does not tell."""


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
    from importlib_metadata import entry_points  # pyright: ignore[reportUnknownVariableType] - it types no keywords

    try:
        found = list(map(_of_point, cast("Iterable[EntryPoint]", entry_points(group=GROUP))))
    except Exception:  # noqa: BLE001 - one unreadable distribution, whosever it is, must not hide all plugins
        found = _one_by_one()
    unique = {(each.name, each.distribution, each.value): each for each in reversed(found)}
    return [unique[key] for key in sorted(unique)]


def _one_by_one() -> list[Installed]:
    """As the above, but slower: each distribution is asked by itself, and an unreadable one is a broken plugin."""
    from importlib_metadata import distributions  # pyright: ignore[reportUnknownVariableType] - it types no keywords

    found: list[Installed] = []
    seen: set[str] = set()
    for dist in distributions():
        name = normalized(_identity(dist)[0])
        if name in seen:  # Python imports the first one on its path
            continue
        seen.update({name} - {UNKNOWN})
        try:
            found += [_of_point(point) for point in dist.entry_points.select(group=GROUP)]
        except Exception as error:  # noqa: BLE001 - raised again when the plugin is loaded, where it is reported
            found += [_unreadable(dist, error)] if _is_ours(dist) else []
    return found


def _of_point(point: EntryPoint) -> Installed:
    name, version = _identity(point.dist) if point.dist else (UNKNOWN, UNKNOWN)
    return Installed(point.name, point.value, name, version, point.load)


def _unreadable(dist: Any, error: Exception) -> Installed:
    def fail() -> object:
        msg = f"its entry_points.txt cannot be read ({type(error).__name__}: {error})"
        raise InvalidPlugin(msg) from error

    name, version = _identity(dist)
    return Installed(normalized(name), "", name, version, fail)


def _is_ours(dist: Any) -> bool:
    header = f"[{GROUP}]"
    try:
        return header in (dist.read_text("entry_points.txt") or "")
    except UnicodeDecodeError as error:
        return header.encode() in error.object


def _identity(dist: Any) -> tuple[str, str]:  # the class differs between versions of importlib_metadata
    """A distribution's name and version; its metadata may lack them, or be missing altogether."""
    try:
        metadata = dist.metadata
    except Exception:  # noqa: BLE001 - each version of importlib_metadata has its own way to say so
        return UNKNOWN, UNKNOWN
    return metadata.get("Name") or UNKNOWN, metadata.get("Version") or UNKNOWN


def version_of(distribution: str) -> str:
    """The installed version of a distribution, or ``unknown``."""
    from importlib_metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return UNKNOWN
