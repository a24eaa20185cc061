"""What can be added to an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.agents import ConversableAgent

__all__ = ["AgentCapability"]


class AgentCapability:
    """Something that a class of the program's own adds to agents."""

    def add_to_agent(self, agent: ConversableAgent) -> None:
        """Add it to an agent.

        Raises:
            NotImplementedError: the class does not say how.
        """
        raise NotImplementedError
