"""Running pytest from tests, in processes of their own: modules that are imported twice would trouble later tests."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
from pathlib import Path

import pytest

OURS = ("pytest_quorate", "quorate", "quorate_openai_client")


def _folder(spec):
    return str(Path(spec.origin).resolve().parents[1])


SOURCES = os.pathsep.join(_folder(spec) for spec in map(importlib.util.find_spec, OURS) if spec)
INSTALLED = bool(importlib.metadata.entry_points(group="pytest11", name="quorate"))


@pytest.fixture
def sources():
    """Where our packages are, as PYTHONPATH has it."""
    return SOURCES


@pytest.fixture
def plugin_arguments():
    """How pytest is told of our plugin, where it is not installed."""
    return () if INSTALLED else ("-p", "pytest_quorate.plugin")


@pytest.fixture
def run_tests(pytester, monkeypatch, plugin_arguments):
    """Writes a test module and runs pytest on it; gives pytester's result."""

    def run(code, *arguments):
        monkeypatch.setenv("PYTHONPATH", SOURCES)
        pytester.makepyfile(test_written=code)
        return pytester.runpytest_subprocess(*plugin_arguments, "-p", "no:cacheprovider", *arguments)

    return run
