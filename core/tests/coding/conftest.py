"""Executors for the tests, and the check after each test that nothing of them is left."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from pathlib import Path

import pytest

from quorate.coding import CodeBlock
from quorate.coding.local import LocalCommandLineCodeExecutor


def _marked(mark: str) -> list[int]:
    """The processes that were started with this word in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found


@pytest.fixture(autouse=True)
def _temporary(tmp_path_factory, monkeypatch):
    """Private work directories go to a folder that must be empty after the test."""
    folder = tmp_path_factory.mktemp("private")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


@pytest.fixture
def make(_temporary):
    """Make executors; after the test they are stopped, and no process of theirs may be left."""
    mark = secrets.token_hex(8)
    made = []

    def make_one(**options):
        env = {**options.pop("env", {}), "QUORATE_TEST": mark}
        made.append(LocalCommandLineCodeExecutor(**{"timeout": 20, **options, "env": env}))
        return made[-1]

    yield make_one
    for executor in made:
        asyncio.run(executor.stop())
    assert _marked(mark) == []


@pytest.fixture
def run():
    """Run one block from blocking code."""

    def run_one(executor, code, language="python"):
        return asyncio.run(executor.execute_code_blocks([CodeBlock(code, language)]))

    return run_one


@pytest.fixture
def gone():
    """Whether a process has ended (a zombie has)."""

    def is_gone(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].startswith(("Z", "X"))
        except (FileNotFoundError, ProcessLookupError):
            return True

    return is_gone


@pytest.fixture
def appears():
    """Wait until a file is there and has something in it; give its text."""

    def wait_for(path):
        for _ in range(2000):
            if path.exists() and (text := path.read_text()).strip():
                return text
            time.sleep(0.005)
        pytest.fail(f"{path} did not appear")

    return wait_for
