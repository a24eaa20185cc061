"""Transforms of what an agent's model reads; the history itself is not touched, and not copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.transforms.base import checked
from quorate_autogen_compat.agentchat.contrib.capabilities.agent_capability import AgentCapability

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.agents import ConversableAgent

__all__ = ["TransformMessages"]


class TransformMessages(AgentCapability):
    """Adds transforms to agents.

    Args:
        transforms: those of :mod:`quorate_autogen_compat.agentchat.contrib.capabilities.transforms`, of
            :mod:`quorate.transforms`, or of the program's own, applied in order.
        verbose: without effect; the terminal says when a history was shortened.

    Raises:
        AgentError: one is no transform.
    """

    def __init__(self, *, transforms: Iterable[Any] = (), verbose: bool = True) -> None:
        del verbose
        self._transforms = checked(list(transforms), "TransformMessages")

    def add_to_agent(self, agent: ConversableAgent) -> None:
        """Have the agent's model read what the transforms give, from the next reply on."""
        agent.transforms.extend(self._transforms)
