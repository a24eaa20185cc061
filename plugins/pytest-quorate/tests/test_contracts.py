"""The contracts can fail: each of many little clients, broken in one way, is caught by exactly the tests it should be."""

from __future__ import annotations

import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import pytest_quorate
import quorate
from pytest_quorate import WireClientContract

CLIENTS = Path(__file__).with_name("clients")
BROKEN = ("broken_answers", "broken_connections", "broken_failures", "broken_secrets", "broken_wire")


def run_pytest(*arguments, **environment):
    installed = importlib.metadata.entry_points(group="pytest11", name="quorate")
    plugin = () if installed else ("-p", "pytest_quorate.plugin")
    sources = [str(CLIENTS), *(str(Path(each.__file__).parents[1]) for each in (pytest_quorate, quorate))]
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-c", os.devnull, "-q", *arguments]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sources), **environment}
    return subprocess.run(
        command, cwd=CLIENTS, env=environ, capture_output=True, text=True, encoding="utf-8", check=False
    )


def broken_clients(module, tmp_path):
    """What each client of a module should fail, and what it failed."""
    results = tmp_path / f"{module}.jsonl"
    done = run_pytest("-p", "selecting", "--tb=no", "all_broken.py", BROKEN=module, RESULTS=str(results))
    assert results.exists(), done.stdout + done.stderr
    expected, failed = {}, {}
    for kind, client, names in map(json.loads, results.read_text(encoding="utf-8").splitlines()):
        (expected if kind == "expected" else failed).setdefault(client, set()).update(names)
    return expected, failed


@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", BROKEN)
def test_every_broken_client_is_caught_by_exactly_the_right_tests(module, tmp_path):
    expected, failed = broken_clients(module, tmp_path)
    assert len(expected) >= 10
    wrong = {
        client: {"passed, and should not": names - failed.get(client, set()), "failed": failed.get(client, set())}
        for client, names in expected.items()
        if failed.get(client, set()) != names
    }
    assert wrong == {}


def test_every_test_of_the_contract_is_shown_to_fail():
    code = f"import importlib, json; print(json.dumps([sorted(c.fails) for m in {BROKEN!r} "
    code += "for c in vars(importlib.import_module(m)).values() if hasattr(c, 'fails')]))"
    sources = [str(CLIENTS), *(str(Path(each.__file__).parents[1]) for each in (pytest_quorate, quorate))]
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sources)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    shown = {name for fails in json.loads(done.stdout) for name in fails}
    assert shown == set(WireClientContract.contract_tests)


@pytest.mark.timeout(600)
def test_an_honest_client_passes_everything():
    done = run_pytest("-W", "error", "all_honest.py")
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_every_test_says_why_it_matters_and_how_to_fix_a_failure():
    for name, test in WireClientContract.contract_tests.items():
        said = test.__doc__ or ""
        assert "Why: " in said, name
        assert "Fix: " in said, name
