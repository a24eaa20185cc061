"""The cache's file: values in and out, and whatever can be wrong with it, none of which stops a call."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sqlite3
import subprocess
import sys
import threading
import warnings
from contextlib import closing
from pathlib import Path

import pytest

from quorate import Cache, CacheWarning
from quorate.models.cache import FILE, current_cache


@pytest.fixture
def cache(tmp_path):
    with closing(Cache(tmp_path / FILE, 1)) as cache:
        yield cache


def open_files(folder):
    """The files under a folder that this process holds open."""
    table = Path("/proc/self/fd")
    if not table.exists():
        pytest.skip("this system does not list open files")
    found = []
    for each in table.iterdir():
        try:
            found.append(str(each.readlink()))
        except OSError:  # the one that lists them
            continue
    return [name for name in found if name.startswith(str(folder))]


@pytest.mark.parametrize("value", ["text", {"a": [1, None, "ü🜚"]}, [], 0, None, {"nested": {"deep": [{}]}}])
def test_a_value_comes_back(cache, value):
    cache.set("key", value)
    assert cache.get("key", "default") == value


def test_what_is_not_there_is_the_default(cache):
    assert (cache.get("key"), cache.get("key", 3)) == (None, 3)


def test_the_last_value_counts(cache):
    cache.set("key", 1)
    cache.set("key", 2)
    assert cache.get("key") == 2


def test_seeds_share_a_file_and_no_answers(tmp_path):
    with closing(Cache.disk(1, tmp_path)) as one, closing(Cache.disk(2, tmp_path)) as two:
        one.set("key", "of one")
        assert (one.get("key"), two.get("key"), one.path) == ("of one", None, two.path)
    with closing(Cache.disk("1", tmp_path)) as again:
        assert again.get("key") == "of one", "0.2 takes seeds as text"


def test_disk_has_the_place_and_the_seed_of_0_2(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    cache = Cache.disk()
    assert (cache.path, cache.seed) == (tmp_path / ".cache" / FILE, "42")
    assert not cache.path.parent.exists(), "made when it is needed"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    with closing(cache):
        cache.set("key", 1)
    assert cache.path.exists(), "where it was said, wherever the program goes"


# -- as a context manager


def test_the_innermost_open_cache_serves(tmp_path):
    outer, inner = Cache(tmp_path / "a", 1), Cache(tmp_path / "b", 1)
    assert current_cache() is None
    with outer as given:
        with inner:
            assert current_cache() is inner
        assert current_cache() is outer is given
    assert current_cache() is None


def test_it_is_closed_on_the_way_out_whatever_happened(cache):
    def fail():
        with cache:
            cache.set("key", 1)
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert current_cache() is None
    assert open_files(cache.path.parent) == []


def test_one_cache_may_be_open_in_several_tasks(cache):
    order = []

    async def use(name, *events):
        with cache:
            for event in events:
                await asyncio.wait_for(event.wait(), 10)
            order.append((name, current_cache() is cache))
            cache.set(name, name)

    async def both():
        first, second = asyncio.Event(), asyncio.Event()
        tasks = [asyncio.create_task(use("a", first)), asyncio.create_task(use("b", second))]
        await asyncio.sleep(0)
        for event, task in zip((first, second), tasks, strict=True):  # the one that came first goes first
            event.set()
            await task
        return current_cache()

    assert asyncio.run(both()) is None
    assert order == [("a", True), ("b", True)]
    assert [cache.get(name) for name in "ab"] == ["a", "b"]


def test_a_cache_is_open_for_the_code_below_it_and_no_other(cache):
    seen = []
    with cache:
        thread = threading.Thread(target=lambda: seen.append(current_cache()))
        thread.start()
        thread.join()
    assert seen == [None]


# -- nothing stays open


def test_close_leaves_nothing_open_and_it_opens_again(cache):
    cache.set("key", 1)
    assert open_files(cache.path.parent)
    cache.close()
    cache.close()
    assert open_files(cache.path.parent) == []
    assert cache.get("key") == 1


def test_one_that_nobody_closed_is_closed_when_it_is_forgotten(tmp_path):
    cache = Cache(tmp_path / FILE, 1)
    cache.set("key", 1)
    del cache
    gc.collect()
    assert open_files(tmp_path) == []


# -- what can be wrong


def refused(cache):
    """Use a cache that cannot be used: it says so each time, and is as if it were empty."""
    says = "the response cache .*responses.db was passed over: "
    with pytest.warns(CacheWarning, match=says):
        cache.set("key", 1)
    with pytest.warns(CacheWarning, match=says) as caught:
        assert cache.get("key", "default") == "default"
    return str(caught[0].message)


def test_a_damaged_file(cache):
    cache.path.write_bytes(b"this is no database, and never was one " * 100)
    assert "file is not a database; if that stays, delete the file" in refused(cache)
    cache.path.unlink()
    cache.set("key", 1)
    assert cache.get("key") == 1, "and good again once that is done"


def test_a_file_cut_short(cache):
    for number in range(200):
        cache.set(str(number), "x" * 1000)
    cache.close()
    size = cache.path.stat().st_size
    with cache.path.open("r+b") as file:
        file.truncate(size // 2)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = [cache.get(str(number)) for number in range(200)]
    assert {each.category for each in caught} <= {CacheWarning}
    assert set(found) <= {None, "x" * 1000}


def test_a_table_of_another_program(cache):
    with closing(sqlite3.connect(cache.path)) as other:
        other.execute("CREATE TABLE response (something TEXT)")
    assert "no such column" in refused(cache)


@pytest.mark.parametrize("garbage", ["", "{", "\x00", b"\xff\xfe", b"{}", 3, "NaN{}"])
def test_a_bad_entry_is_as_if_it_were_not_there(cache, garbage):
    cache.set("key", 1)
    with closing(sqlite3.connect(cache.path)) as other, other:
        other.execute("UPDATE response SET value = ?", (garbage,))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        value = cache.get("key", "default")
    if value == "default":
        assert "the entry key is damaged" in str(caught[0].message)
    else:
        assert (value, caught) == (json.loads(garbage if isinstance(garbage, bytes) else str(garbage)), [])
    cache.set("key", 2)
    assert cache.get("key") == 2


@pytest.mark.parametrize(
    "value", [object(), {1: object()}, {"a": {1}}, "\ud800", b"x"], ids=lambda value: repr(value).partition(" at 0x")[0]
)
def test_a_value_that_is_no_data_is_not_stored(cache, value):
    with pytest.warns(CacheWarning, match="an answer cannot be stored"):
        cache.set("key", value)
    assert cache.get("key") is None


def test_a_file_where_the_folder_should_be(tmp_path):
    (tmp_path / "file").write_text("")
    refused(Cache(tmp_path / "file" / FILE, 1))


def test_a_folder_where_the_file_should_be(tmp_path):
    (tmp_path / FILE).mkdir()
    assert "unable to open database file" in refused(Cache(tmp_path / FILE, 1))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    try:
        refused(Cache(tmp_path / FILE, 1))
    finally:
        tmp_path.chmod(0o700)


HOLD = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN EXCLUSIVE")
connection.execute("CREATE TABLE IF NOT EXISTS other (x)")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def held():
    """Let another process hold a file locked until the test ends."""
    started = []

    def hold(path):
        process = subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout.readline() == "held\n"

    yield hold
    for process in started:
        process.communicate()


def test_a_file_that_another_process_has_locked(cache, held, monkeypatch):
    monkeypatch.setattr("quorate.models.cache.LOCK_WAIT", 0.05)
    held(cache.path)
    assert "database is locked" in refused(cache)


def test_a_reader_does_not_wait_for_a_writer(cache, held, monkeypatch):
    monkeypatch.setattr("quorate.models.cache.LOCK_WAIT", 0.05)
    cache.set("key", 1)
    held(cache.path)
    assert cache.get("key") == 1
    with pytest.warns(CacheWarning, match="database is locked"):
        cache.set("key", 2)


# -- many at once


def test_threads_share_a_cache(cache):
    wrong = []

    def work(name):
        for number in range(50):
            cache.set(f"{name}-{number}", [name, number])
            if cache.get(f"{name}-{number}") != [name, number]:
                wrong.append((name, number))
            if number % 10 == 0:
                cache.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert all(cache.get(f"{name}-{number}") == [name, number] for name in range(8) for number in range(50))


WRITE = """
import sys, warnings
from quorate import Cache
warnings.simplefilter("error")
path, name = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
cache = Cache(path, 1)
for number in range(50):
    cache.set(f"{name}-{number}", name)
    assert cache.get(f"{name}-{number}") == name
cache.close()
"""


def test_processes_share_a_file(cache):
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", WRITE, str(cache.path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:  # at once, on a file that is not there yet
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert all(cache.get(f"{name}-{number}") == name for name in "ab" for number in range(50))


FORK = """
import os, sys, warnings
from quorate import Cache
warnings.simplefilter("error")
cache = Cache(sys.argv[1], 1)
cache.set("parent", 1)
child = os.fork()
if not child:
    kept = cache._connection
    ok = cache.get("parent") == 1 and cache._connection is not kept
    cache.set("child", 2)
    cache.close()
    sys.exit(0 if ok else 1)
_, status = os.waitpid(child, 0)
assert os.waitstatus_to_exitcode(status) == 0
cache.set("after", 3)
assert [cache.get(key) for key in ("parent", "child", "after")] == [1, 2, 3]
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_opens_the_file_for_itself(cache):
    done = subprocess.run(
        [sys.executable, "-c", FORK, str(cache.path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
