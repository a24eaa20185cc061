"""AutoGen 0.2's own exceptions; each is, or is a kind of, an error of quorate's."""

from __future__ import annotations

from quorate.errors import AgentError, AgentNameConflict, NoEligibleSpeaker, UndefinedNextAgent

__all__ = ["AgentNameConflict", "InvalidCarryOverType", "NoEligibleSpeaker", "SenderRequired", "UndefinedNextAgent"]


class InvalidCarryOverType(AgentError):
    """A carryover is neither text nor a list."""


class SenderRequired(AgentError):
    """A reply function is registered for a name, and there is no sender to compare it with."""
