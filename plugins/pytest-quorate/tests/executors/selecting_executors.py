"""A pytest plugin: which tests of the contract a broken executor meets, and their results as JSON lines.

It meets every case of the tests that should fail, and one case of their neighbours, the quick tests of the same part of
the contract.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

SLOW = {
    "test_a_cancelled_call",
    "test_a_child_that_holds_the_output_does_not_hold_the_result",
    "test_a_fork_bomb",
    "test_a_memory_bomb",
    "test_a_timeout",
    "test_a_timeout_ends_the_whole_tree",
    "test_a_timeout_that_the_code_ignores",
    "test_code_ends_with_our_process",
    "test_endless_output",
    "test_filling_the_disk",
    "test_processor_time",
    "test_stop_ends_what_runs",
    "test_what_a_block_left_running_ends_with_it",
}


def pytest_collection_modifyitems(items):
    kept, seen = [], set()
    for item in items:
        broken, name = item.cls.client, item.originalname
        if name in broken.fails or ((broken, name) not in seen and name in _met(item.cls, broken)):
            kept.append(item)
        seen.add((broken, name))
    items[:] = kept
    for broken in sorted({item.cls.client for item in items}, key=lambda broken: broken.__name__):
        _write("expected", broken.__name__, sorted(broken.fails))


def _met(contract, broken):
    if hasattr(broken, "only"):
        return broken.only
    parts = [part for part in contract.__mro__ if broken.fails & vars(part).keys()]
    return {name for part in parts for name in vars(part)} - SLOW


def pytest_runtest_logreport(report):
    if report.failed:
        broken, name = report.nodeid.split("::")[-2:]
        _write("failed", broken.removeprefix("Test"), [name.partition("[")[0]])


def _write(*row):
    with Path(os.environ["RESULTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
