"""The core's own executor is offered as a plugin's is."""

from __future__ import annotations

import importlib
import subprocess
import sys

from quorate.coding import LocalCommandLineCodeExecutor, builtin


def test_it_offers_the_local_executor():
    (record,) = builtin.quorate_code_executors()
    assert (record.name, record.aliases, record.isolation, record.network) == (
        "local",
        ("commandline-local",),
        "none",
        True,
    )
    module, _, name = record.factory.partition(":")
    assert getattr(importlib.import_module(module), name) is LocalCommandLineCodeExecutor


def test_it_is_light():
    code = "import sys, quorate.coding.builtin as b; list(b.quorate_code_executors()); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"anyio", "pydantic", "asyncio", "subprocess", "ctypes", "quorate.coding.local"} & set(loaded)
