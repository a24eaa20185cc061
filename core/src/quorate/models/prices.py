"""What an answer cost: by the configuration's price, by its client's word, or as a price source knows."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate._drive import perform
from quorate.errors import PluginWarning

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate._plugins import PluginInfo
    from quorate.config import ModelConfig
    from quorate.models.client import ChatCompletionClient
    from quorate.models.results import CreateResult
    from quorate.records import Record


@dataclass(frozen=True, slots=True)
class Price:
    """What one answer cost.

    Attributes:
        usd: US dollars.
        source: where that is known from, and of what date: ``genai-prices 0.2.3 (2026-11-03)``.
    """

    usd: float
    source: str


PriceSource: TypeAlias = Callable[["CreateResult", "ModelConfig", str], "Price | None"]
"""See :class:`quorate.PriceSourceRecord`."""


class Prices:
    """Puts the cost on answers.

    The order is: the ``price`` of the configuration; what the client says (0.0 for one that is free); the price sources
    in the order of their names, the first that knows. An answer that none of them prices is unpriced.

    Args:
        offers: gives the price sources that plugins offer.
        load: imports one.
        name_of: gives the name of the client that a configuration asks for.
    """

    def __init__(
        self,
        offers: Callable[[], Iterable[tuple[PluginInfo, Record]]],
        load: Callable[[PluginInfo, Record], Any],
        name_of: Callable[[ModelConfig], str],
    ) -> None:
        self._offers = offers
        self._load = load
        self._name_of = name_of
        self._loaded: list[tuple[Record, PriceSource | None]] = []
        self._blamed: list[Record] = []

    async def put_on(self, result: CreateResult, config: ModelConfig, client: ChatCompletionClient) -> None:
        """Set the cost of a result, and where it is known from."""
        usage = result.usage
        if config.price is not None and usage is not None:
            read, written = config.price
            result.cost = (read * usage.prompt_tokens + written * usage.completion_tokens) / 1000
            result.price_source = f"price in {config.sources.get('price') or config.place or 'the configuration'}"
        elif result.cost is not None:
            result.price_source = result.price_source or f"declared by the client {self._name_of(config)}"
        elif usage is not None and (price := await self._known(result, config, client)):
            result.cost, result.price_source = price.usd, price.source

    async def _known(self, result: CreateResult, config: ModelConfig, client: ChatCompletionClient) -> Price | None:
        for info, record in sorted(self._offers(), key=lambda offer: (offer[1].name, offer[0].name)):
            source = await self._source(info, record)
            asked = with_endpoint(config, client)
            if source is not None and (price := self._ask(source, result, asked, info, record)) is not None:
                return price
        return None

    async def _source(self, info: PluginInfo, record: Record) -> PriceSource | None:
        """The source behind a record, imported when it is first asked; None for one that cannot be."""
        for known, source in self._loaded:
            if known is record:
                return source
        loaded: PriceSource | None = None
        try:
            loaded = await perform(self._load, info, record)
        except Exception as error:  # noqa: BLE001 - told in a warning; an answer is worth more than its price
            self._blame(info, record, error)
        self._loaded.append((record, loaded))
        return loaded

    def _ask(
        self, source: PriceSource, result: CreateResult, config: ModelConfig, info: PluginInfo, record: Record
    ) -> Price | None:
        try:
            return _checked(source(result, config, self._name_of(config)))
        except Exception as error:  # noqa: BLE001 - as above
            self._blame(info, record, error)
        return None

    def _blame(self, info: PluginInfo, record: Record, error: Exception) -> None:
        if any(known is record for known in self._blamed):
            return
        self._blamed.append(record)
        msg = (
            f"the price source {record.name!r} of the plugin {info.label} failed, and what it would have priced is "
            f"unpriced: {type(error).__name__}: {error}"
        )
        warnings.warn(msg, PluginWarning, stacklevel=2)


def _checked(price: object) -> Price | None:
    if price is None:
        return None
    if not isinstance(price, Price) or not (math.isfinite(price.usd) and price.usd >= 0):
        msg = f"it gave {price!r:.80}; it must give a quorate.Price of 0 US dollars or more, or None"
        raise TypeError(msg)
    return price


def with_endpoint(config: ModelConfig, client: ChatCompletionClient) -> ModelConfig:
    """The configuration with the endpoint that its client found for it in the environment or by default."""
    own = getattr(client, "config", None)
    # A client of the program's own may keep anything under this name.
    if config.base_url is not None or not isinstance(own, type(config)):
        return config
    return config.model_copy(update={"base_url": own.base_url})
