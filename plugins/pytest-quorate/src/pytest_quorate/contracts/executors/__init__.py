"""The contract of every code executor, whatever stands between the code and this machine."""

from __future__ import annotations

from pytest_quorate.contracts.executors.endings import EndingTests
from pytest_quorate.contracts.executors.files import FileTests
from pytest_quorate.contracts.executors.isolation import IsolationTests
from pytest_quorate.contracts.executors.lifetime import ExecutorLifetimeTests
from pytest_quorate.contracts.executors.limits import LimitTests
from pytest_quorate.contracts.executors.results import ResultTests


class ExecutorContract(
    ResultTests, EndingTests, FileTests, IsolationTests, LimitTests, ExecutorLifetimeTests, contract=True
):
    """What every code executor promises, and what one may claim besides.

    A plugin's test class says how to make an executor, and what it guarantees::

        class TestContract(ExecutorContract):
            isolation, network = "container", False
            capabilities = frozenset({"ends_background", "ends_with_us", "hides_files", ...})
            limits = {"memory": {"memory": 256 << 20}}

            def make(self, work_dir, **options):
                return MyExecutor(work_dir=work_dir, **options)

    A guarantee that is claimed is tested; one that is not is skipped, and the reason is printed. The level of
    isolation says which guarantees there must be (``LEVELS`` in ``pytest_quorate.contracts.executors.claims``).
    """
