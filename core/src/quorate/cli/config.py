"""``quorate config explain``: what a config list comes to, value by value, with the source of each."""

from __future__ import annotations

import json
import os
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from quorate.config.guards import is_list
from quorate.errors import ConfigError, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from quorate.config.entries import ConfigEntry
    from quorate.config.explain import Explanation
    from quorate.config.model_config import ModelConfig
    from quorate.kernel import Kernel
    from quorate.records import ModelClientRecord

_NAMES = {"base_url": "endpoint", "api_key": "key", "max_retries": "retries", "model_client_cls": "class"}


@click.group()
def config() -> None:
    """Look at model configurations."""


@config.command("explain")
@click.argument("source", required=False)
@click.option(
    "--filter", "criteria", multiple=True, metavar="KEY=VALUE", help="Keep entries with this value; repeatable."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain_command(source: str | None, criteria: tuple[str, ...], *, as_json: bool) -> None:
    """Show what each entry of SOURCE comes to, and where every value is from. No key is ever shown.

    SOURCE is an environment variable or file with a JSON list, or a .env file. Without it: what `quorate chat` uses.
    """
    filter_dict = _filter(criteria)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConfigWarning)
        explained = _explain(source, filter_dict)
    told = list(dict.fromkeys(str(each.message) for each in caught))
    if as_json:
        click.echo(json.dumps(_as_data(source, filter_dict, explained, told), indent=2))
        return
    for text in told:
        click.echo(f"warning: {text}", err=True)
    color = False if os.environ.get("NO_COLOR") else None
    click.echo("\n\n".join(map(_as_text, explained)), color=color)


def _explain(source: str | None, filter_dict: Mapping[str, Any]) -> list[Explanation]:
    from quorate.config.explain import explain
    from quorate.config.filters import check_filter
    from quorate.kernel import default_kernel

    kernel = default_kernel()
    entries = _entries(kernel, source)
    check_filter(entries, filter_dict)

    def offer(config: ModelConfig) -> tuple[str, ModelClientRecord]:
        return _offer(kernel, config)

    return [explain(entry, filter_dict, offer) for entry in entries]


def _entries(kernel: Kernel, source: str | None) -> list[ConfigEntry]:
    if source is None:
        return kernel.default_config_list()
    name = Path(source).name
    loader = "dotenv" if name.startswith(".env") or name.endswith(".env") else "json"
    entries: list[ConfigEntry] = kernel.factory("config loader", loader)(source)
    if not entries:
        msg = f"{source}: the list is empty"
        raise ConfigError(msg)
    return entries


def _offer(kernel: Kernel, config: ModelConfig) -> tuple[str, ModelClientRecord]:
    """The label of the plugin that brings this configuration's client, and the client's record."""
    record = kernel.model_record(config)
    labels = [info.label for info in kernel.plugins() if any(each is record for _, each in info.offers)]
    return labels[0], record


def _filter(criteria: Iterable[str]) -> dict[str, list[Any]]:
    """``key=value`` arguments as a filter: several values of one key are alternatives, none means missing."""
    found: dict[str, list[Any]] = {}
    for criterion in criteria:
        key, equals, value = criterion.partition("=")
        if not key or not equals:
            msg = f"--filter {criterion}: write KEY=VALUE, or KEY= for entries without that key"
            raise ConfigError(msg)
        found.setdefault(key, []).extend(_alternatives(value))
    return found


def _alternatives(value: str) -> list[Any]:
    """What a value on the command line may mean: the text, and the number or flag that it spells."""
    if not value:
        return [None]
    try:
        spelled = json.loads(value)
    except ValueError:
        return [value]
    return [value, spelled] if isinstance(spelled, bool | int | float) else [value]


def _as_data(
    source: str | None, filter_dict: Mapping[str, Any], explained: Iterable[Explanation], told: list[str]
) -> dict[str, Any]:
    entries = [{**asdict(each), "kept": each.dropped is None} for each in explained]
    return {"source": source, "filter": filter_dict, "entries": entries, "warnings": told}


def _as_text(explained: Explanation) -> str:
    lines = [click.style(f"{explained.place}: {explained.label}", bold=True)]
    if explained.dropped:
        lines.append(f"  DROPPED: {explained.dropped}")
    if explained.problem:
        lines.append(f"  PROBLEM: {explained.problem}")
    shown = [*explained.values.items(), *explained.params.items()]
    rows = [(_NAMES.get(name, name), _word(name, each.value), each.source) for name, each in shown]
    first, second = (min(48, max(len(row[column]) for row in rows)) for column in (0, 1))
    lines.extend(f"  {name:<{first}}  {word:<{second}}  {source}" for name, word, source in rows)
    return "\n".join(lines)


def _word(name: str, value: object) -> str:
    if name == "price" and is_list(value):
        return f"{value[0]:g} in, {value[1]:g} out (USD per 1000 tokens)"
    if is_list(value):
        return ", ".join(map(str, value))
    return "-" if value is None else str(value)
