"""Running pytest from tests, in processes of their own: modules that are imported twice would trouble later tests."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
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


@pytest.fixture
def run_pytest(sources, plugin_arguments):
    """Runs pytest in a folder of broken things, with these arguments and environment variables."""

    def run(folder, *arguments, **environment):
        command = [sys.executable, "-m", "pytest", *plugin_arguments, "-p", "no:cacheprovider", "-c", os.devnull, "-q"]
        environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), sources]), **environment}
        return subprocess.run(
            [*command, *arguments], cwd=folder, env=environ, capture_output=True, encoding="utf-8", check=False
        )

    return run


@pytest.fixture
def read_results():
    """Reads what each broken thing should fail, and what it failed."""

    def read(path):
        expected, failed = {}, {}
        for kind, thing, names in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            (expected if kind == "expected" else failed).setdefault(thing, set()).update(names)
        return expected, failed

    return read
