"""``quorate plugins``: every plugin, where it is from, whether it works, and what it offers."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from quorate._plugins import PluginInfo


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def plugins(*, as_json: bool) -> None:
    """Show every plugin: distribution, version, origin, status, what it offers, load time."""
    from quorate.errors import PluginWarning
    from quorate.kernel import Kernel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)  # shown below, with the rest
        infos = Kernel().plugins()
    if as_json:
        click.echo(json.dumps([_as_data(info) for info in infos], indent=2))
    else:
        click.echo("\n".join(line for info in infos for line in _lines(info)))


def _as_data(info: PluginInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "origin": info.origin,
        "status": info.status,
        "error": info.error,
        "load_ms": round(info.load_ms, 3),
        "offers": [
            {"kind": kind, "name": record.name, "aliases": list(record.aliases), "summary": record.summary}
            for kind, record in info.offers
        ],
    }


def _lines(info: PluginInfo) -> list[str]:
    origin = f"{info.distribution} {info.version}" if info.distribution else info.origin
    state = info.status if info.status != "active" else f"{info.load_ms:.1f} ms"
    lines = [f"{click.style(info.name, bold=True)}  {origin}  {click.style(state, fg=_colour(info))}"]
    if info.error:
        lines.append(f"  {info.error}")
    lines += [f"  {kind:<14}  {record.name:<22}  {record.summary}".rstrip() for kind, record in info.offers]
    return lines


def _colour(info: PluginInfo) -> str | None:
    return {"broken": "red", "disabled": "yellow"}.get(info.status)
