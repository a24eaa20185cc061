"""Real parts for testing quorate plugins; importing this loads no pytest and no quorate until a contract is named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quorate.replies import Reply
from pytest_quorate.requests import Request
from pytest_quorate.server import ScriptedServer

if TYPE_CHECKING:
    from pytest_quorate.contracts import ExecutorContract, ModelClientContract, WireClientContract

__all__ = ["ExecutorContract", "ModelClientContract", "Reply", "Request", "ScriptedServer", "WireClientContract"]


def __getattr__(name: str) -> object:
    if name in ("ExecutorContract", "ModelClientContract", "WireClientContract"):
        from pytest_quorate import contracts

        return getattr(contracts, name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
