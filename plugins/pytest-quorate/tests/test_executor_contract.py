"""The contract of executors can fail: each of many executors, broken in one way, is caught by exactly the right tests."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_quorate import ExecutorContract

pytest_plugins = "pytester"

EXECUTORS = Path(__file__).with_name("executors")
BROKEN = ("broken_endings", "broken_files", "broken_isolation", "broken_lifetime", "broken_results")


@pytest.mark.proof
@pytest.mark.timeout(600)
@pytest.mark.parametrize("module", BROKEN)
def test_every_broken_executor_is_caught_by_exactly_the_right_tests(module, tmp_path, run_pytest, read_results):
    results = tmp_path / "results.jsonl"
    done = run_pytest(
        EXECUTORS, "-p", "selecting_executors", "--tb=no", "all_executors.py", MODULE=module, RESULTS=str(results)
    )
    assert results.exists(), done.stdout + done.stderr
    expected, failed = read_results(results)
    assert len(expected) >= 8
    wrong = {
        executor: {
            "passed, and should not": sorted(names - failed.get(executor, set())),
            "failed": failed.get(executor),
        }
        for executor, names in expected.items()
        if failed.get(executor, set()) != names
    }
    assert wrong == {}


def test_every_test_of_the_contract_is_shown_to_fail(sources):
    code = f"import importlib, json; print(json.dumps([sorted(c.fails) for m in {BROKEN!r} "
    code += "for c in vars(importlib.import_module(m)).values() if hasattr(c, 'fails')]))"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(EXECUTORS), sources])}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    shown = {name for fails in json.loads(done.stdout) for name in fails}
    assert shown == set(ExecutorContract.contract_tests)


def test_every_test_says_why_it_matters_and_how_to_fix_a_failure():
    for name, test in ExecutorContract.contract_tests.items():
        said = test.__doc__ or ""
        assert "Why: " in said, name
        assert "Fix: " in said, name


def test_the_example_of_the_readme(run_tests):
    text = (EXECUTORS.parents[1] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    result = run_tests(next(block for block in blocks if "class TestLocal" in block), "-k", "test_the_level")
    assert result.parseoutcomes()["passed"] == 1


GAPS = """
from pytest_quorate import ExecutorContract
from quorate.coding import LocalCommandLineCodeExecutor


class Local(ExecutorContract):
    def make(self, work_dir, **options):
        return LocalCommandLineCodeExecutor(work_dir=work_dir, **options)

"""


def test_no_test_is_lost_in_silence(run_tests):
    result = run_tests(GAPS + "class TestLocal(Local):\n    test_state = None\n")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*TestLocal.test_state would replace or remove a test of*"])


def test_what_is_not_claimed_is_skipped_with_its_reason(run_tests):
    result = run_tests(GAPS + "class TestLocal(Local): pass\n", "-k", "test_privileges or fork_bomb", "-rs")
    assert result.parseoutcomes()["skipped"] == 2
    result.stdout.fnmatch_lines(["*TestLocal does not claim 'drops_privileges': *"])
    result.stdout.fnmatch_lines(["*TestLocal does not claim 'processes': *"])


def test_a_missing_make_says_what_to_write(run_tests):
    code = "from pytest_quorate import ExecutorContract\n\nclass TestNothing(ExecutorContract): pass\n"
    result = run_tests(code, "-k", "test_no_block")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*TestNothing must define make: give a new executor*"])
