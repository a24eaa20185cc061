"""Counting what model calls used and cost."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from quorate.models.results import Usage

if TYPE_CHECKING:
    from collections.abc import Generator

    from quorate.models.results import CreateResult


class UsageSummary:
    """Tokens and cost by model. A model with an answer whose price is not known is *unpriced*: its cost is None."""

    def __init__(self) -> None:
        self._tokens: dict[str, Usage] = {}
        self._cost: dict[str, float | None] = {}

    def __bool__(self) -> bool:
        return bool(self._tokens)

    def add(self, result: CreateResult) -> None:
        """Count one answer."""
        model = result.model or "unknown"
        self._tokens[model] = self._tokens.get(model, Usage()) + (result.usage or Usage())
        before = self._cost.get(model, 0.0)
        self._cost[model] = None if before is None or result.cost is None else before + result.cost

    @property
    def total_cost(self) -> float | None:
        """US dollars; None when any of it is unpriced."""
        costs = [cost for cost in self._cost.values() if cost is not None]
        return sum(costs) if len(costs) == len(self._cost) else None

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
