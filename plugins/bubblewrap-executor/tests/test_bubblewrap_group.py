"""Where root's processes are limited: the place is found, and what a dead process left is removed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from quorate_bubblewrap_executor._group import limiting_place

GROUPS = Path("/proc/self/cgroup")
PLACE = limiting_place(GROUPS.read_text(encoding="utf-8")) if GROUPS.exists() else None


def tree(mount, handed_on):
    for path in ("", "system.slice", "system.slice/us.service"):
        (mount / path).mkdir(exist_ok=True)
        (mount / path / "cgroup.subtree_control").write_text("cpu memory pids\n" if path in handed_on else "\n")
    return mount


@pytest.mark.parametrize(
    ("handed_on", "place"),
    [(["", "system.slice"], "system.slice"), ([""], ""), ([], None)],
)
def test_the_place_in_the_second_version(tmp_path, handed_on, place):
    mount = tree(tmp_path, handed_on)
    assert limiting_place("0::/system.slice/us.service\n", mount) == (None if place is None else mount / place)


def test_the_place_in_the_first_version(tmp_path):
    (tmp_path / "pids" / "us").mkdir(parents=True)
    assert limiting_place("8:pids:/us\n4:memory:/other\n0::/\n", tmp_path) == tmp_path / "pids" / "us"
    assert limiting_place("8:pids:/gone\n0::/\n", tmp_path) is None


@pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or PLACE is None, reason="only root uses control groups, where it can"
)
def test_what_a_dead_process_left_is_removed(executor):
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = PLACE / f"quorate-bubblewrap-{gone.pid}-test"
    left.mkdir()
    first = executor(processes=64)
    asyncio.run(first.start())
    assert not left.exists()
    own = list(PLACE.glob(f"quorate-bubblewrap-{os.getpid()}-*"))
    assert [(path / "pids.max").read_text() for path in own] == ["64\n"]
    asyncio.run(first.stop())
    assert not list(PLACE.glob(f"quorate-bubblewrap-{os.getpid()}-*"))
