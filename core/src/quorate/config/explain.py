"""What an entry of a config list comes to: every value with its provenance, never a key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate.config.credentials import resolve
from quorate.config.filters import dropped_because
from quorate.config.keys import MASK, is_secret
from quorate.config.llm_config import check_entry
from quorate.config.model_config import ModelConfig
from quorate.config.origins import shown
from quorate.errors import QuorateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.config.entries import ConfigEntry
    from quorate.records import ModelClientRecord

    Offer: TypeAlias = Callable[[ModelConfig], tuple[str, ModelClientRecord]]

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Explained:
    """A value as it may be shown, and where it came from."""

    value: Any
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One entry, explained.

    Attributes:
        place: where it stands.
        label: client and model, for people.
        dropped: why the filter drops it; None when it stays.
        problem: why it cannot be used; None when it can.
        values: what it comes to: ``client``, ``plugin``, ``model``, ``base_url``, ``api_key``, limits and price.
        params: what goes to the client beside that; numbers and flags are shown, of anything else only the type.
    """

    place: str
    label: str
    dropped: str | None
    problem: str | None
    values: dict[str, Explained] = field(default_factory=dict[str, Explained])
    params: dict[str, Explained] = field(default_factory=dict[str, Explained])


def explain(entry: ConfigEntry, filter_dict: Mapping[str, Any], offer: Offer) -> Explanation:
    """Explain one entry.

    Args:
        entry: the entry.
        filter_dict: the filter it has to pass; see :func:`quorate.config.filter_config`.
        offer: gives the plugin's label and the model client's record that a configuration means.
    """
    config = ModelConfig.parse(entry, place=entry.place)
    problem, plugin = None, ""
    try:
        if config.model_client_cls is None:
            plugin, record = offer(config)
            config = resolve(_named(config, record), record)
            check_entry(config, record)
    except QuorateError as error:
        problem = str(error).removeprefix(entry.place).lstrip(".: ")
    values = _values(config)
    if plugin:
        values = {"client": values["client"], "plugin": Explained(plugin, "offers this client"), **values}
    return Explanation(
        place=entry.place,
        label=config.label,
        dropped=dropped_because(entry, filter_dict),
        problem=problem,
        values=values,
        params={name: Explained(_shown(name, value), _source(config, name)) for name, value in config.params.items()},
    )


def _named(config: ModelConfig, record: ModelClientRecord) -> ModelConfig:
    """The configuration with its client's name, and without a model in words."""
    sources = dict(config.sources)
    if not config.model:
        sources["model"] = "none named" + ("" if record.model_required else f": {record.name} finds out by itself")
    return config.model_copy(update={"client": config.client or record.name, "sources": sources})


def _values(config: ModelConfig) -> dict[str, Explained]:
    values = {
        "client": config.client,
        "model_client_cls": config.model_client_cls,
        "model": config.model or None,
        "base_url": config.base_url and shown(config.base_url),
        "api_key": None if config.api_key is None else MASK,
        "api_version": config.api_version,
        "timeout": config.timeout,
        "max_retries": config.max_retries,
        "price": config.price and list(config.price),
        "tags": list(config.tags) or None,
        "stream": config.stream,
    }
    optional = {"model_client_cls", "api_version", "tags", "stream"}
    if config.model_client_cls:  # a class of the program's own asks for none of these unless it says so
        optional |= {"client", "base_url", "api_key"}
    return {
        name: Explained(value, _source(config, name))
        for name, value in values.items()
        if value is not None or name not in optional
    }


def _source(config: ModelConfig, name: str) -> str:
    return config.sources.get(name, DEFAULT)


def _shown(name: str, value: object) -> Any:
    # A client's own keys may hold secrets under names that we do not know, and no number is a secret.
    if is_secret(name):
        return MASK
    return value if value is None or isinstance(value, bool | int | float) else f"<{type(value).__name__}>"
