"""quorate's plugin ``openai-client``: chat completions through the openai SDK, which is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate import ModelClientRecord, hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_openai_client._client import OpenAIChatCompletionClient

__all__ = ["RECORD", "OpenAIChatCompletionClient", "quorate_model_clients"]

RECORD = ModelClientRecord(
    name="openai",
    factory="quorate_openai_client._client:OpenAIChatCompletionClient",
    summary="Chat completions at OpenAI or any endpoint that speaks its wire format, through the openai SDK",
    default=True,
    model="gpt-5-mini",
    base_url="https://api.openai.com/v1",
    base_url_env=("OPENAI_BASE_URL",),
    api_key_env=("OPENAI_API_KEY",),
)
"""What the plugin offers."""


@hookimpl
def quorate_model_clients() -> Iterator[ModelClientRecord]:
    """Offer the client ``openai``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "OpenAIChatCompletionClient":
        from quorate_openai_client._client import OpenAIChatCompletionClient

        return OpenAIChatCompletionClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
