"""What agents used, summed up."""

from __future__ import annotations

from quorate.agents.usage import gather_usage_summary

__all__ = ["gather_usage_summary"]
