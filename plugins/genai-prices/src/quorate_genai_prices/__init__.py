"""quorate's plugin for the price tables of genai-prices: the price source ``genai-prices``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import PriceSourceRecord

if TYPE_CHECKING:
    from collections.abc import Iterator


@hookimpl
def quorate_price_sources() -> Iterator[PriceSourceRecord]:
    """The price source ``genai-prices``; the tables are imported when the first answer needs a price."""
    yield PriceSourceRecord(
        name="genai-prices",
        factory="quorate_genai_prices._source:price_of",
        summary="List prices of hosted models, from the installed genai-prices package",
    )
