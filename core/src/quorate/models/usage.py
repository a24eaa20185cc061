"""Counting what model calls used and cost."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from quorate.models.results import Usage

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from quorate.models.results import CreateResult

MODES = ("actual", "total")
"""What can be summed up: without answers from the response cache, and with them."""


class UsageSummary:
    """Tokens and cost by model. A model with an answer whose price is not known is *unpriced*: its cost is None."""

    def __init__(self) -> None:
        self._tokens: dict[str, Usage] = {}
        self._cost: dict[str, float | None] = {}
        self._sources: dict[str, None] = {}
        self._lock = threading.Lock()

    def __bool__(self) -> bool:
        return bool(self._tokens)

    def add(self, result: CreateResult) -> None:
        """Count one answer."""
        with self._lock:
            self._count(result.model or "unknown", result.usage or Usage(), result.cost)
            if result.price_source is not None:
                self._sources[result.price_source] = None

    def merge(self, other: UsageSummary) -> None:
        """Count what another summary holds."""
        with self._lock:
            for model, usage in list(other._tokens.items()):
                self._count(model, usage, other._cost[model])
            self._sources |= other._sources

    def _count(self, model: str, usage: Usage, cost: float | None) -> None:
        before = self._cost.get(model, 0.0)
        self._cost[model] = None if before is None or cost is None else before + cost
        self._tokens[model] = self._tokens.get(model, Usage()) + usage

    @property
    def total_cost(self) -> float | None:
        """US dollars; None when any of it is unpriced."""
        costs = [cost for cost in self._cost.values() if cost is not None]
        return sum(costs) if len(costs) == len(self._cost) else None

    @property
    def price_sources(self) -> tuple[str, ...]:
        """Where the costs are known from, in the order in which they came."""
        return tuple(self._sources)

    def as_dict(self) -> dict[str, Any]:
        """As AutoGen 0.2 shapes it: ``total_cost``, and per model its cost and tokens."""
        summary: dict[str, Any] = {"total_cost": self.total_cost}
        for model, usage in self._tokens.items():
            summary[model] = {
                "cost": self._cost[model],
                "prompt_tokens": usage.prompt_tokens,
                "completion_tokens": usage.completion_tokens,
                "total_tokens": usage.total_tokens,
            }
        return summary


class Tally:
    """What was used since it was opened: with answers from the response cache, and without."""

    def __init__(self, parent: Tally | None = None) -> None:
        self.parent = parent
        self.total = UsageSummary()
        self.actual = UsageSummary()

    def add(self, result: CreateResult) -> None:
        """Count one answer here and in every tally around this one."""
        self.total.add(result)
        if not result.cached:
            self.actual.add(result)
        if self.parent is not None:
            self.parent.add(result)

    def merge(self, other: Tally) -> None:
        """Count what another tally holds, here alone."""
        self.total.merge(other.total)
        self.actual.merge(other.actual)

    def summaries(self, mode: str | Sequence[str] = MODES) -> dict[str, dict[str, Any] | None]:
        """One summary for each mode that is named; None for one that counted nothing.

        Raises:
            ValueError: a mode is neither ``actual`` nor ``total``, or none is named.
        """
        named = [mode] if isinstance(mode, str) else list(mode)
        if not named or not set(named) <= set(MODES):
            msg = f"mode is 'actual', 'total', or a list of them, not {mode!r}"
            raise ValueError(msg)
        return {each: summary.as_dict() if (summary := getattr(self, each)) else None for each in named}

    def as_dict(self) -> dict[str, Any]:
        """As AutoGen 0.2's ``ChatResult.cost`` has it."""
        return {
            "usage_including_cached_inference": self.total.as_dict(),
            "usage_excluding_cached_inference": self.actual.as_dict(),
        }


_tally: ContextVar[Tally | None] = ContextVar("quorate_tally", default=None)


@contextmanager
def open_tally() -> Generator[Tally]:
    """Count the model calls made below, nested chats included."""
    tally = Tally(_tally.get())
    token = _tally.set(tally)
    try:
        yield tally
    finally:
        _tally.reset(token)


def count(result: CreateResult) -> None:
    """Count an answer in the tally that is open here, if any."""
    if (tally := _tally.get()) is not None:
        tally.add(result)
