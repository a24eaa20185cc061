"""What pytest finds through the entry point ``quorate``: fixtures, and the rules of the contracts."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from pytest_quorate.contracts._base import Contract
    from pytest_quorate.server import ScriptedServer

pytest.register_assert_rewrite("pytest_quorate.contracts")


@pytest.fixture
def scripted_server() -> Iterator[ScriptedServer]:
    """A scripted OpenAI-wire server on loopback, fresh for each test."""
    from pytest_quorate.server import ScriptedServer

    with ScriptedServer() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> Generator[None, Any, Any]:
    """Check a contract's class again when it is collected, and mark the gaps that it names."""
    made: Any = yield
    cls = obj if inspect.isclass(obj) else getattr(collector, "cls", None)
    if made is None or not hasattr(cls, "contract_tests"):
        return made  # importing the contracts costs a second, and only who uses them pays it
    contract = cast("type[Contract]", cls)
    try:
        if inspect.isclass(obj):
            _verify(contract)
        else:
            _mark_gaps(contract, name, list(made) if hasattr(made, "__iter__") else [])
    except TypeError as error:
        problem = str(error)
    else:
        return made
    raise pytest.Collector.CollectError(problem)


def _verify(contract: type[Contract]) -> None:
    from pytest_quorate.contracts._base import verify

    verify(contract)


def _mark_gaps(contract: type[Contract], test: str, items: list[Any]) -> None:
    """Expect the failures that the class names; each named case must be there."""
    for gap, reason in contract.known_gaps.items():
        if not items or gap.partition("[")[0] != test:
            continue
        matching = [item for item in items if gap in (item.name, test)]
        if not matching:
            msg = f"{contract.__qualname__}.known_gaps names {gap!r}, but {test} has only {[i.name for i in items]}"
            raise TypeError(msg)
        for item in matching:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Say beside a contract test's failure why it matters and what to do."""
    report = yield
    tests = getattr(getattr(item, "cls", None), "contract_tests", {})
    function = tests.get(getattr(item, "originalname", None))
    if report.failed and function is not None:
        report.sections.append(("what the contract says", inspect.getdoc(function) or ""))
    return report
