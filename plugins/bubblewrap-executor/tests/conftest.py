"""Whether this machine can make the sandbox, or the reason why not."""

from __future__ import annotations

import asyncio

import pytest

from quorate import ExecutorError
from quorate.coding import CodeBlock
from quorate_bubblewrap_executor import BubblewrapCommandLineCodeExecutor


@pytest.fixture(scope="session")
def sandbox():
    """Skips the test where there can be no sandbox."""
    executor = BubblewrapCommandLineCodeExecutor(processes=None)
    try:
        asyncio.run(executor.start())
    except ExecutorError as error:
        pytest.skip(f"needs bubblewrap: {error}")
    asyncio.run(executor.stop())


@pytest.fixture
def executor(sandbox, tmp_path):
    """Makes executors, in the work directory ``work`` and without a limit of processes unless told otherwise."""
    made = []

    def make(**options):
        given = {"work_dir": tmp_path / "work", "timeout": 20, "processes": None, **options}
        made.append(BubblewrapCommandLineCodeExecutor(**given))
        return made[-1]

    yield make
    for each in made:
        asyncio.run(each.stop())


@pytest.fixture
def run():
    """Run blocks, Python unless told otherwise; gives the result."""

    def run(executor, *codes, language="python"):
        return asyncio.run(executor.execute_code_blocks([CodeBlock(code, language) for code in codes]))

    return run
