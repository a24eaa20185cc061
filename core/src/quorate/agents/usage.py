"""What agents used and what it cost, as AutoGen 0.2's programs ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.models.usage import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.agents.protocol import Agent


def tally_of(agent: object) -> Tally | None:
    """What an agent's model client counted; for one with a client that counts nothing, what the agent itself did."""
    for counting in (getattr(agent, "client", None), agent):
        tally = getattr(counting, "usage", None)
        if isinstance(tally, Tally):
            return tally
    return None


def gather_usage_summary(agents: Iterable[Agent]) -> dict[str, Any]:
    """Sum up what several agents used and what it cost.

    Args:
        agents: the agents; one without a model used nothing, and one that is named twice is counted once.

    Returns:
        ``usage_including_cached_inference`` and ``usage_excluding_cached_inference``, each with ``total_cost`` in US
        dollars (None when some of it is unpriced) and per model its cost and tokens.
    """
    tallies = {id(tally): tally for agent in agents if (tally := tally_of(agent)) is not None}
    total = Tally()
    for tally in tallies.values():
        total.merge(tally)
    return total.as_dict()
