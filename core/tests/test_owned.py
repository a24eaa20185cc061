"""Objects of a kernel: one per event loop, closed where they were made."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from quorate._drive import call, drive, perform
from quorate._owned import OwnedByLoop
from quorate.errors import DoorError


class Client:
    """Holds something that belongs to the loop it was used on, and notes where it is closed."""

    def __init__(self):
        self.loop = None
        self.closed_on = []

    async def use(self):
        self.loop = asyncio.get_running_loop()
        return self

    async def close(self):
        await asyncio.sleep(0)
        self.closed_on.append(asyncio.get_running_loop())


@pytest.fixture
def owned():
    return OwnedByLoop()


async def get(owned, key="key"):
    """As kernel code does it: get the client, then use it through the door."""
    client = owned.get(key, Client)
    return await call("model", client.use)


@pytest.fixture
def other_loop():
    """An event loop that runs in another thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def on(loop, coro):
    return asyncio.run_coroutine_threadsafe(coro, loop).result(30)


def test_one_object_per_key(owned):
    assert drive(get(owned, "a")) is drive(get(owned, "a"))
    assert drive(get(owned, "a")) is not drive(get(owned, "b"))


def test_one_object_per_loop(owned, other_loop):
    async def native():
        return await get(owned), await get(owned), drive(get(owned))

    blocking, there = drive(get(owned)), on(other_loop, get(owned))
    first, again, blocking_here = asyncio.run(native())
    assert first is again
    assert blocking_here is blocking  # a blocking call in a running loop does not use that loop's object
    assert len({blocking, there, first}) == 3
    assert len({blocking.loop, there.loop, first.loop}) == 3


def test_threads_share_what_blocking_code_uses(owned):
    made = []
    together = threading.Barrier(16)

    def make():
        time.sleep(0.05)  # as an SDK takes to import
        made.append(Client())
        return made[-1]

    def use(_):
        together.wait(30)
        return owned.get("key", make)

    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(use, range(16)))) == 1
    assert len(made) == 1


def test_what_cannot_be_made_is_tried_again(owned):
    def fail():
        raise LookupError

    with pytest.raises(LookupError):
        owned.get("key", fail)
    assert isinstance(owned.get("key", Client), Client)


# -- closing


def test_blocking_close_closes_each_on_its_own_loop(owned, other_loop):
    blocking, there = drive(get(owned)), on(other_loop, get(owned))
    drive(owned.close())
    assert blocking.closed_on == [blocking.loop]
    assert there.closed_on == [other_loop]
    assert drive(get(owned)) is not blocking


def test_native_close_closes_each_on_its_own_loop(owned, other_loop):
    async def main():
        here = await get(owned)
        await owned.close()
        return here, asyncio.get_running_loop()

    blocking, there = drive(get(owned)), on(other_loop, get(owned))
    here, loop = asyncio.run(main())
    assert blocking.closed_on == [blocking.loop]
    assert there.closed_on == [other_loop]
    assert here.closed_on == [loop]


def test_close_twice_closes_once(owned):
    client = drive(get(owned))
    drive(owned.close())
    drive(owned.close())
    assert len(client.closed_on) == 1


def test_what_belongs_to_a_loop_that_has_ended_is_let_go(owned):
    client = asyncio.run(get(owned))
    drive(owned.close())
    assert client.closed_on == []


def test_loops_that_have_ended_do_not_pile_up(owned):
    """A client with connections refers to its loop, which a weak table alone would keep for ever."""
    clients = [weakref.ref(asyncio.run(get(owned))) for _ in range(5)]
    gc.collect()
    assert [client() is None for client in clients] == [True, True, True, True, False]


def test_a_blocking_close_on_the_loop_that_owns_something_is_refused_and_loses_nothing(owned):
    async def notebook():
        client = await get(owned)
        with pytest.raises(DoorError, match=r"await kernel\.aclose\(\) instead"):
            drive(owned.close())
        assert client.closed_on == []
        await owned.close()
        return client.closed_on

    assert len(asyncio.run(notebook())) == 1


def test_a_blocking_close_in_a_loop_that_owns_nothing_is_fine(owned):
    async def notebook():
        client = drive(get(owned))
        drive(owned.close())
        return client

    client = asyncio.run(notebook())
    assert client.closed_on == [client.loop]


@pytest.mark.parametrize("run", [drive, asyncio.run], ids=["blocking", "async"])
def test_one_that_cannot_be_closed_keeps_no_other_open(owned, run):
    class Broken(Client):
        async def close(self):
            raise OSError("cannot close")

    async def main():
        owned.get("first", Broken)
        client = owned.get("second", Client)
        owned.get("third", Broken)
        with pytest.raises(OSError, match="cannot close"):
            await owned.close()
        return client

    assert len(run(main()).closed_on) == 1


def test_objects_whose_close_is_plain_code_over_the_door(owned):
    """What adapts an older protocol closes with kernel code."""
    closed = []

    class Adapted:
        async def close(self):
            await perform(closed.append, "closed")

    async def main():
        owned.get("key", Adapted)
        await owned.close()

    asyncio.run(main())
    drive(main())
    assert closed == ["closed", "closed"]


# -- fork

FORK = """
import os
from quorate._drive import drive
from quorate._owned import OwnedByLoop

class Client:
    closed = 0
    async def close(self):
        self.closed += 1

owned = OwnedByLoop()
mine, other = owned.get("key", Client), owned.get("other", Client)
child = os.fork()
if child == 0:
    drive(owned.close())
    print("closes the parent's:", mine.closed, flush=True)
    print("uses the parent's:", owned.get("key", Client) is mine, flush=True)
    os._exit(0)
os.waitpid(child, 0)
drive(owned.close())
print("the parent closes:", mine.closed, other.closed)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_after_a_fork_the_parent_s_objects_are_neither_used_nor_closed():
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.stderr == ""
    assert done.stdout == "closes the parent's: 0\nuses the parent's: False\nthe parent closes: 1 1\n"
