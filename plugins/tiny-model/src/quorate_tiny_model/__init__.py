"""quorate's plugin ``tiny-model``: a demonstration model that needs no key, network or GPU, loaded on first use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import ModelClientRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate_tiny_model._client import TinyModelClient

__all__ = ["RECORD", "TinyModelClient", "quorate_model_clients"]

RECORD = ModelClientRecord(
    name="tiny",
    factory="quorate_tiny_model._client:TinyModelClient",
    summary="A demonstration model of a million parameters, embedded, in NumPy alone",
    model_required=False,
)
"""What the plugin offers."""


@hookimpl
def quorate_model_clients() -> Iterator[ModelClientRecord]:
    """Offer the client ``tiny``."""
    yield RECORD


def __getattr__(name: str) -> object:
    if name == "TinyModelClient":
        from quorate_tiny_model._client import TinyModelClient

        return TinyModelClient
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
