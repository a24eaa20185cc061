"""quorate's plugin ``vllm-client``: models served by vLLM; the HTTP library is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import ModelClientRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_vllm_client._client import VLLMChatCompletionClient

__all__ = ["RECORD", "VLLMChatCompletionClient", "quorate_model_clients"]

RECORD = ModelClientRecord(
    name="vllm",
    factory="quorate_vllm_client._client:VLLMChatCompletionClient",
    summary="Models served by vLLM",
    model_required=False,  # it is the one that the server serves
    base_url="http://localhost:8000/v1",
    base_url_env=("VLLM_BASE_URL",),
    api_key_env=("VLLM_API_KEY",),
)
"""What the plugin offers."""


@hookimpl
def quorate_model_clients() -> Iterator[ModelClientRecord]:
    """Offer the client ``vllm``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "VLLMChatCompletionClient":
        from quorate_vllm_client._client import VLLMChatCompletionClient

        return VLLMChatCompletionClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
