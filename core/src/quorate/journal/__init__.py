"""The journal: the steps of a run in an SQLite file, to resume it after a crash or to replay it without the world."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quorate.journal.run import Recording as Recording
    from quorate.journal.run import record as record
    from quorate.journal.run import replay as replay

__all__ = ["Recording", "record", "replay"]


def __getattr__(name: str) -> Any:
    """Import on first use (PEP 562)."""
    if name not in __all__:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from quorate.journal import run

    return getattr(run, name)
