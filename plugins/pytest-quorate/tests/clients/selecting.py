"""A pytest plugin: which tests of the contract a broken client meets, and their results as JSON lines.

It meets every case of the tests that should fail, and one case (for each way of asking) of their neighbours, the quick
tests of the same part of the contract; with ``AGAINST=all``, of all tests.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

SLOW = {
    "test_a_finished_call_is_not_cut",
    "test_a_slow_drip",
    "test_answers_are_not_mixed_up",
    "test_bodies",
    "test_no_answer_in_time",
    "test_silence_in_the_middle",
    "test_sixteen_threads",
    "test_ten_megabytes",
    "test_threads_are_not_mixed_up",
}


def pytest_collection_modifyitems(items):
    kept, seen = [], set()
    for item in items:
        client, name = item.cls.client, item.originalname
        way = item.callspec.params.get("way") if hasattr(item, "callspec") else None
        case = (client, name, way)
        if name in client.fails or (case not in seen and name in _met(item.cls, client)):
            kept.append(item)
        seen.add(case)
    items[:] = kept
    for client in sorted({item.cls.client for item in items}, key=lambda client: client.__name__):
        _write("expected", client.__name__, sorted(client.fails))


def _met(contract, client):
    if hasattr(client, "only"):
        return client.only
    if os.environ.get("AGAINST") == "all":
        return contract.contract_tests
    parts = [part for part in contract.__mro__ if client.fails & vars(part).keys()]
    return {name for part in parts for name in vars(part)} - SLOW


def pytest_runtest_logreport(report):
    if report.failed:
        client, name = report.nodeid.split("::")[-2:]
        _write("failed", client.removeprefix("Test"), [name.partition("[")[0]])


def _write(*row):
    with Path(os.environ["RESULTS"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
