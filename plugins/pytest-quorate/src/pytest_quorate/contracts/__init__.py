"""Contracts: test classes that prove a plugin. Subclass one, and pytest runs all of its tests on yours."""

from __future__ import annotations

from pytest_quorate.contracts.executors import ExecutorContract
from pytest_quorate.contracts.model_client import ModelClientContract
from pytest_quorate.contracts.wire_client import WireClientContract

__all__ = ["ExecutorContract", "ModelClientContract", "WireClientContract"]
