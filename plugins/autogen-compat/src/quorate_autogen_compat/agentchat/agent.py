"""What an agent is: structural, so that any object with these members is one."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from quorate.agents import Agent

__all__ = ["Agent", "LLMAgent"]


@runtime_checkable
class LLMAgent(Agent, Protocol):
    """An agent with instructions to a model."""

    @property
    def system_message(self) -> str:
        """The instructions."""
        ...

    def update_system_message(self, system_message: str) -> None:
        """Give other instructions."""
        ...
