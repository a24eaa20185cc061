"""Model configurations: what they are, where they come from, and which ones fit.

Names are resolved on first use, so that ``import quorate.config`` loads no pydantic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy

if TYPE_CHECKING:
    from quorate.config.credentials import resolve
    from quorate.config.defaults import default_entries
    from quorate.config.entries import ConfigEntry
    from quorate.config.filters import dropped_because, filter_config
    from quorate.config.llm_config import LLMConfig, parse_llm_config
    from quorate.config.model_config import ApiKey, ModelConfig

__all__ = [
    "ApiKey",
    "ConfigEntry",
    "LLMConfig",
    "ModelConfig",
    "default_entries",
    "dropped_because",
    "filter_config",
    "parse_llm_config",
    "resolve",
]

_HOMES = {
    "ApiKey": "model_config",
    "ConfigEntry": "entries",
    "LLMConfig": "llm_config",
    "ModelConfig": "model_config",
    "default_entries": "defaults",
    "dropped_because": "filters",
    "filter_config": "filters",
    "parse_llm_config": "llm_config",
    "resolve": "credentials",
}

__getattr__, __dir__ = lazy(__name__, _HOMES)
