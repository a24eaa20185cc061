"""Runs the contract on every executor of the module that ``MODULE`` names; started by the test beside it."""

from __future__ import annotations

import importlib
import os

from pytest_quorate import ExecutorContract


def contract_of(executor):
    def make(self, work_dir, **options):
        return executor(work_dir=work_dir, **options)

    body = {
        "isolation": executor.level,
        "network": executor.reaches,
        "languages": executor.spoken,
        "capabilities": executor.claims,
        "limits": executor.limits,
        "patience": getattr(executor, "patience", 30.0),
        "make": make,
        "client": executor,
        "__module__": __name__,
    }
    return type(f"Test{executor.__name__}", (ExecutorContract,), body)


for _executor in vars(importlib.import_module(os.environ["MODULE"])).copy().values():
    if isinstance(_executor, type) and hasattr(_executor, "fails"):
        globals()[f"Test{_executor.__name__}"] = contract_of(_executor)
