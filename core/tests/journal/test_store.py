"""The file of a journal: who may use it, and what is said when it cannot be used."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from quorate import JournalError, RunInUse, call, record, replay
from quorate._drive import drive
from quorate.journal import store


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "runs.db"


def ask(question="a"):
    return drive(call("human", str.upper, question))


def in_run(path, func):
    """Do something in a run, with the connection that it writes through."""
    with record(path, run="r") as run:
        func(run._open[0]._connection)


def test_runs_of_one_file_are_apart_and_may_be_recorded_side_by_side(path):
    with record(path, run="one"):
        command = [sys.executable, "-c", OTHER, str(path), "two"]
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "A\n", done.stderr
        assert ask() == "A"
    for name in ("one", "two"):
        with replay(path, run=name):
            assert ask() == "A"


OTHER = """
import sys
from quorate import call, record
from quorate._drive import drive
with record(sys.argv[1], run=sys.argv[2]):
    print(drive(call("human", str.upper, "a")))
"""


def test_a_run_has_one_owner_at_a_time(path):
    with record(path, run="r"):
        command = [sys.executable, "-c", OTHER, str(path), "r"]
        done = subprocess.run(
            command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"is being recorded by process {os.getpid()}" in done.stderr
        with pytest.raises(RunInUse, match="one owner at a time"):
            store.Store(path, "r")
    with record(path, run="r"):
        assert ask() == "A"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_does_not_write_its_parents_run(path):
    held = store.Store(path, "r")
    held._process = os.getpid() + 1  # what a child sees
    with pytest.raises(JournalError, match="forked from"):
        held.find("0")
    held._process = os.getpid()
    held.close(None)


def test_runs_do_not_nest(path):
    with record(path, run="r"), pytest.raises(JournalError, match="open here already"), record(path, run="s"):
        pass


def test_a_run_that_is_not_there_names_those_that_are(path):
    with pytest.raises(JournalError, match="there is no such journal"), replay(path, run="r"):
        pass
    with record(path, run="monday"):
        pass
    with (
        pytest.raises(JournalError, match="no run is named 'tuesday'; there are: 'monday'"),
        replay(path, run="tuesday"),
    ):
        pass


def test_other_files_are_left_as_they_are(path):
    path.parent.mkdir()
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 50)
    with pytest.raises(JournalError, match="it is no SQLite file"), record(path, run="r"):
        pass
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    with pytest.raises(JournalError, match="is no journal of quorate"), record(path, run="r"):
        pass


def test_a_journal_of_a_newer_version_is_refused(path):
    with record(path, run="r"):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(JournalError, match=r"newer quorate wrote this journal \(version 99"), record(path, run="r"):
        pass


def test_a_damaged_file_says_so(path):
    with record(path, run="r"):
        for number in range(50):
            ask(f"{number}" * 200)
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(JournalError, match="it is damaged"), record(path, run="r"):
        ask()


def test_a_locked_file_says_so_and_the_run_can_go_on_later(path, monkeypatch):
    monkeypatch.setattr(store, "LOCK_WAIT", 0.05)

    def locked(_):
        assert ask() == "A"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            ask("b")

    with pytest.raises(JournalError, match="has held it locked"):
        in_run(path, locked)
    with record(path, run="r"):
        assert [ask(), ask("b")] == ["A", "B"]


def test_a_full_disk_says_so_and_loses_nothing(path):
    def full(connection):
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")  # SQLite says what it says of a full disk
        for number in range(100):
            ask(f"{number}" * 1000)

    with pytest.raises(JournalError, match="the disk is full; what was recorded before is safe"):
        in_run(path, full)
    with record(path, run="r"):
        assert ask("0" * 1000) == "0" * 1000


def test_a_file_that_turns_read_only_says_so(path):
    def read_only(connection):
        connection.execute("PRAGMA query_only = 1")  # SQLite's own, so that root sees it, too
        ask()

    with pytest.raises(JournalError, match="it cannot be written"):
        in_run(path, read_only)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="root may write everything, and others know no rights"
)
def test_a_file_that_may_not_be_written_says_so(path):
    with record(path, run="r"):
        assert ask() == "A"
    path.chmod(0o400)
    path.parent.chmod(0o500)
    try:
        with pytest.raises(JournalError, match=r"cannot be (written|opened)"), record(path, run="r"):
            pass
        with replay(path, run="r"):
            assert ask() == "A"
    finally:
        path.parent.chmod(0o700)
