"""The contracts can fail: each of many little clients, broken in one way, is caught by exactly the tests it should be."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_quorate import WireClientContract

CLIENTS = Path(__file__).with_name("clients")
BROKEN = ("broken_answers", "broken_connections", "broken_failures", "broken_secrets", "broken_wire")


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", BROKEN)
def test_every_broken_client_is_caught_by_exactly_the_right_tests(module, tmp_path, run_pytest, read_results):
    results = tmp_path / "results.jsonl"
    done = run_pytest(CLIENTS, "-p", "selecting", "--tb=no", "all_broken.py", BROKEN=module, RESULTS=str(results))
    assert results.exists(), done.stdout + done.stderr
    expected, failed = read_results(results)
    assert len(expected) >= 10
    wrong = {
        client: {"passed, and should not": names - failed.get(client, set()), "failed": failed.get(client, set())}
        for client, names in expected.items()
        if failed.get(client, set()) != names
    }
    assert wrong == {}


def test_every_test_of_the_contract_is_shown_to_fail(sources):
    code = f"import importlib, json; print(json.dumps([sorted(c.fails) for m in {BROKEN!r} "
    code += "for c in vars(importlib.import_module(m)).values() if hasattr(c, 'fails')]))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CLIENTS), sources])}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    shown = {name for fails in json.loads(done.stdout) for name in fails}
    assert shown == set(WireClientContract.contract_tests)


@pytest.mark.timeout(600)
def test_an_honest_client_passes_everything(run_pytest):
    done = run_pytest(CLIENTS, "-W", "error", "all_honest.py")
    assert done.returncode == 0, done.stdout
    assert "skipped" not in done.stdout


def test_every_test_says_why_it_matters_and_how_to_fix_a_failure():
    for name, test in WireClientContract.contract_tests.items():
        said = test.__doc__ or ""
        assert "Why: " in said, name
        assert "Fix: " in said, name
