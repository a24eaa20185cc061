"""Programs that are killed at any moment, and started again: they end as if nothing had happened, and repeat nothing."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from quorate import replay

SCENARIOS = ("two", "tools", "nested", "group", "chance")
KILLS = 6
"""Of each conversation, in each mode."""
WIDTH = {"tools": 2}
"""Steps that are under way at once."""


def held(forge, scenario, path, port, *, native, kill_after=None):
    """Run once; gives whether it came to its end."""
    forge.stdin.write(f"{scenario} {path} {port} {int(native)} {int(native)}\n")
    forge.stdin.flush()
    child = int(forge.stdout.readline())
    if kill_after is not None:
        time.sleep(kill_after)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    return int(forge.stdout.readline()) == 0


def result_of(path):
    return json.loads(Path(f"{path}.result").read_text())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.parametrize("native", [False, True], ids=["blocking", "async"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_killed_run_goes_on_and_repeats_only_what_was_under_way(scenario, native, forge, world, tmp_path, program):
    began = time.monotonic()
    assert held(forge, scenario, tmp_path / "whole.db", world.port, native=native)
    took, whole, undisturbed = time.monotonic() - began, world.asked.copy(), result_of(tmp_path / "whole.db")
    world.asked.clear()

    path, chance, kills = tmp_path / "killed.db", random.Random(f"{scenario} {native}"), 0
    while kills < KILLS and not held(
        forge, scenario, path, world.port, native=native, kill_after=chance.uniform(0, took / 4)
    ):
        kills += 1
    assert Path(f"{path}.result").exists() or held(forge, scenario, path, world.port, native=native)

    result = result_of(path)
    if scenario != "chance":
        assert result == undisturbed
        assert set(world.asked) == set(whole)
        assert (world.asked - whole).total() <= kills * WIDTH.get(scenario, 1)
    assert_each_finished_step_was_performed_once(path)
    again = world.asked.total()
    assert json.loads(json.dumps(program.hold(scenario, replay(path, run="r"), native=native))) == result
    assert world.asked.total() == again


def assert_each_finished_step_was_performed_once(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT address, count(*), count(result.intent) FROM intent LEFT JOIN result ON result.intent = intent.id GROUP BY address"
        ).fetchall()
        openings = connection.execute("SELECT count(*) FROM opening").fetchone()[0]
    assert rows
    assert {finished for _, _, finished in rows} == {1}
    assert all(begun <= openings for _, begun, _ in rows)
