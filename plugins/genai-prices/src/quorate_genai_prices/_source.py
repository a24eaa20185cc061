"""The price source ``genai-prices``: looks a call up in the tables that the installed package brings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, cast

import genai_prices
from genai_prices import data  # the tables, a large module: loaded with this one, so that no answer waits for them
from genai_prices.data_snapshot import get_snapshot

from quorate.models.prices import Price

if TYPE_CHECKING:
    from quorate.config import ModelConfig
    from quorate.models import CreateResult

# genai-prices dates its tables only in its remarks on them: "Batch rates verified on 2026-10-14 at ...".
_CHECKED = re.compile(r"(?:checked|verified)\D{0,40}(20\d\d-\d\d-\d\d)", re.IGNORECASE)


def price_of(result: CreateResult, config: ModelConfig, client: str) -> Price | None:
    """What a call cost at list price.

    Args:
        result: the answer, with its usage and the model that gave it.
        config: the configuration, with the endpoint; an endpoint that belongs to no provider in the tables has no price.
        client: the model client's name; without an endpoint, the provider of exactly this name.

    Returns:
        The price; None when the tables have no such provider or model.

    Raises:
        ValueError: the usage contradicts itself, such as more cached tokens than tokens read.
    """
    usage = result.usage
    if usage is None:
        return None
    snapshot = get_snapshot()
    if config.base_url is None and all(provider.id != client for provider in snapshot.providers):
        return None  # asked for by a name that merely resembles its own, the tables would guess
    counted = genai_prices.Usage(
        input_tokens=usage.prompt_tokens,
        cache_read_tokens=usage.cached_tokens,
        output_tokens=usage.completion_tokens,
        output_reasoning_tokens=usage.reasoning_tokens,
    )
    provider = client if config.base_url is None else None
    model = result.model or config.model
    try:
        found = snapshot.calc(counted, model, provider, config.base_url, None, _context(result))
    except LookupError:
        return None
    updated = found.auto_update_timestamp  # only when the program itself keeps the tables up to date
    return Price(float(found.total_price), _named(data_date() if updated is None else updated.date().isoformat()))


def _context(result: CreateResult) -> dict[str, str] | None:
    """The service tier that the endpoint says it used; some cost less, some more."""
    raw = result.raw
    tier = cast("Mapping[str, object]", raw).get("service_tier") if isinstance(raw, Mapping) else None
    return {"service_tier": tier} if isinstance(tier, str) else None


@cache
def data_date() -> str | None:
    """The latest day on which the installed tables say that a price was checked (ISO 8601); None if they do not say."""
    remarks = [provider.price_comments for provider in data.providers]
    remarks += [model.price_comments for provider in data.providers for model in provider.models]
    return max((date for remark in remarks if remark for date in _CHECKED.findall(remark)), default=None)


def _named(date: str | None) -> str:
    return f"genai-prices {genai_prices.__version__}" + (f" ({date})" if date else "")
