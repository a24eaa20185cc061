"""Executors that are stopped after their test, one that many tests share, and running blocks."""

from __future__ import annotations

import asyncio
import sys

import pytest

from quorate.coding import CodeBlock
from quorate_jupyter_executor import JupyterCodeExecutor

collect_ignore_glob = ["test_*"] if sys.platform == "win32" else []


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One kernel for all tests of a module that leave it as it was."""
    executor = JupyterCodeExecutor(work_dir=tmp_path_factory.mktemp("shared"), timeout=20)
    yield executor
    asyncio.run(executor.stop())


@pytest.fixture
def executor(tmp_path):
    """Makes executors, in the work directory ``work`` unless told otherwise."""
    made = []

    def make(**options):
        made.append(JupyterCodeExecutor(**{"work_dir": tmp_path / "work", "timeout": 20, **options}))
        return made[-1]

    yield make
    for each in made:
        asyncio.run(each.stop())


@pytest.fixture
def run():
    """Run blocks; gives the result."""

    def run(executor, *codes):
        return asyncio.run(executor.execute_code_blocks([CodeBlock(code, "python") for code in codes]))

    return run
