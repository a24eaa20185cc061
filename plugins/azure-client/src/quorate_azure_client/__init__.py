"""quorate's plugin ``azure-client``: Azure OpenAI deployments through the openai SDK, which is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import ModelClientRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_azure_client._client import AzureOpenAIChatCompletionClient

__all__ = ["RECORD", "AzureOpenAIChatCompletionClient", "quorate_model_clients"]

RECORD = ModelClientRecord(
    name="azure",
    factory="quorate_azure_client._client:AzureOpenAIChatCompletionClient",
    summary="Chat completions at Azure OpenAI deployments, through the openai SDK",
    base_url_env=("AZURE_OPENAI_ENDPOINT",),
    base_url_keys=("azure_endpoint",),
    api_key_env=("AZURE_OPENAI_API_KEY",),
)
"""What the plugin offers."""


@hookimpl
def quorate_model_clients() -> Iterator[ModelClientRecord]:
    """Offer the client ``azure``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "AzureOpenAIChatCompletionClient":
        from quorate_azure_client._client import AzureOpenAIChatCompletionClient

        return AzureOpenAIChatCompletionClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
