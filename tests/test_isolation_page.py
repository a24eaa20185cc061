"""The page that says what each executor guards against tells what the executors' own contract tests claim."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path

import pytest

from pytest_quorate import ExecutorContract
from pytest_quorate.contracts.executors.claims import CAPABILITIES, LIMITS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/explanation/isolation.md"
CLASSES = {
    path: re.findall(r"^class (Test\w+)\(ExecutorContract\)", path.read_text(encoding="utf-8"), re.MULTILINE)
    for path in sorted([*ROOT.glob("core/tests/coding/test_*.py"), *ROOT.glob("plugins/*-executor/tests/test_*.py")])
}
CONTRACTS = [path for path, classes in CLASSES.items() if classes]
NO_GUARD = {"keeps_state"}
"""What an executor may claim that guards against nothing."""


def rows():
    """Of each line of the table: the tests, and by executor what is said."""
    text = PAGE.read_text(encoding="utf-8").partition("## What each executor guards against")[2].partition("\n## ")[0]
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")
    ]
    head = [name.strip("`") for name in lines[0][2:]]
    return [(re.findall(r"`(test_\w+)`", line[1]), dict(zip(head, line[2:], strict=True))) for line in lines[2:]]


def guarantee_of(test):
    return getattr(ExecutorContract.contract_tests[test], "guarantee", None)


@pytest.fixture
def contract(request):
    """The test class of the executor as its record offers it."""
    path = request.param
    spec = importlib.util.spec_from_file_location(f"isolation_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ModuleNotFoundError as error:
        pytest.skip(f"{path.parts[-3]} cannot be looked at without {error.name}")
    found = [getattr(module, name) for name in CLASSES[path]]
    return next(each for each in found if each.record is not None and each.isolation == each.record.isolation)


def claims(contract, test):
    if test in contract.known_gaps:
        return False
    if test == "test_the_network":
        return not contract.network
    guarantee = guarantee_of(test)
    return guarantee is None or guarantee in contract.capabilities or guarantee in contract.limits


def test_every_line_is_proved_and_every_guarantee_has_a_line():
    named = {test for tests, _ in rows() for test in tests}
    assert named <= set(ExecutorContract.contract_tests)
    assert all(tests for tests, _ in rows())
    assert {guarantee_of(test) for test in named} - {None} == {*CAPABILITIES, *LIMITS} - NO_GUARD


@pytest.mark.parametrize("contract", CONTRACTS, indirect=True, ids=lambda path: path.parts[-3])
def test_the_page_says_what_the_executor_claims(contract):
    name = contract.record.name
    for tests, said in rows():
        assert name in said, f"the table has no column for the executor {name!r}"
        word = said[name].partition(",")[0].partition(" ")[0]
        assert word in ("yes", "no", "when"), f"{said[name]!r} says neither yes nor no"
        for test in tests:
            conditional = said[name] not in ("yes", "no")
            assert claims(contract, test) == (word != "no") or (conditional and word != "no"), (name, test, said[name])


def test_where_a_condition_holds_it_is_claimed():
    """Here, on the Linux that runs these tests, "yes, on Linux" must be more than a word."""
    if sys.platform != "linux":
        pytest.skip("the conditions are those of Linux")
    local = [test for tests, said in rows() for test in tests if re.match(r"yes, on Linux(;|$)", said["local"])]
    spec = importlib.util.spec_from_file_location("isolation_local", ROOT / "core/tests/coding/test_local_contract.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert local
    assert all(claims(module.TestContract, test) for test in local)
