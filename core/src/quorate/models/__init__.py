"""Talking to models: the client protocol, results, the wire format, failures and fall-back."""

from __future__ import annotations

from quorate.models.client import BaseChatCompletionClient, ChatCompletionClient
from quorate.models.results import Attempt, CreateResult, FinishReason, ModelInfo, Restarted, Usage

__all__ = [
    "Attempt",
    "BaseChatCompletionClient",
    "ChatCompletionClient",
    "CreateResult",
    "FinishReason",
    "ModelInfo",
    "Restarted",
    "Usage",
]
