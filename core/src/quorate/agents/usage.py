"""What agents used and what it cost, as AutoGen 0.2's programs ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.models.usage import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.agents.protocol import Agent


def tallies_of(agent: object) -> list[Tally]:
    """What an agent's model client counted, and what the agent did for clients that count nothing themselves."""
    held = (getattr(counting, "usage", None) for counting in (getattr(agent, "client", None), agent))
    return [tally for tally in held if isinstance(tally, Tally)]


def tally_of(*agents: object) -> Tally:
    """The sum of what agents used; what a client that several of them share has counted is in it once."""
    total = Tally()
    for tally in {id(tally): tally for agent in agents for tally in tallies_of(agent)}.values():
        total.merge(tally)
    return total


def gather_usage_summary(agents: Iterable[Agent]) -> dict[str, Any]:
    """Sum up what several agents used and what it cost.

    Args:
        agents: the agents; one without a model used nothing, and an agent that is named twice or a model client that
            several share is counted once.

    Returns:
        ``usage_including_cached_inference`` and ``usage_excluding_cached_inference``, each with ``total_cost`` in US
        dollars (None when some of it is unpriced) and per model its cost and tokens.
    """
    return tally_of(*agents).as_dict()
