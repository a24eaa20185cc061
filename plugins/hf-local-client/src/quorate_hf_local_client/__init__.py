"""quorate's plugin ``hf-local-client``: Hugging Face models in this process; torch is imported on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import ModelClientRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_hf_local_client._client import HFLocalClient

__all__ = ["RECORD", "HFLocalClient", "quorate_model_clients"]

RECORD = ModelClientRecord(
    name="hf-local",
    factory="quorate_hf_local_client._client:HFLocalClient",
    summary="A Hugging Face model in this process, through transformers and torch",
    aliases=("huggingface",),
)
"""What the plugin offers."""


@hookimpl
def quorate_model_clients() -> Iterator[ModelClientRecord]:
    """Offer the client ``hf-local``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "HFLocalClient":
        from quorate_hf_local_client._client import HFLocalClient

        return HFLocalClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
