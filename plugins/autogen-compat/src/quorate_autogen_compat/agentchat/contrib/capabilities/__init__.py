"""What can be added to an agent: transforms of what its model reads."""

from __future__ import annotations

from quorate_autogen_compat.agentchat.contrib.capabilities.agent_capability import AgentCapability

__all__ = ["AgentCapability"]
