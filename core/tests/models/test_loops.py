"""One thing per event loop: made when a loop needs it, closed with the loop, or with its holder, or by hand."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from quorate.models.loops import PerLoop


class Thing:
    """Notes where it was closed."""

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.closed_on = None

    async def close(self):
        await asyncio.sleep(0)
        self.closed_on = asyncio.get_running_loop()


@pytest.fixture
def made():
    return []


@pytest.fixture
def things(made):
    def make():
        made.append(Thing())
        return made[-1], made[-1].close

    return PerLoop(make)


def test_a_loop_gets_one_and_closes_it_at_its_end(things, made):
    async def main():
        assert await things.here() is await things.here()

    asyncio.run(main())
    asyncio.run(main())
    assert len(made) == 2
    assert all(thing.closed_on is thing.loop for thing in made)


def test_many_tasks_of_a_loop_share_one(things, made):
    async def main():
        await asyncio.gather(*(things.here() for _ in range(20)))

    asyncio.run(main())
    assert len(made) == 1


def test_after_close_there_is_a_new_one(things, made):
    async def main():
        await things.close()
        await things.here()
        await things.close()
        await things.close()
        assert made[0].closed_on is made[0].loop
        assert await things.here() is made[1]

    asyncio.run(main())
    assert len(made) == 2


def test_a_loop_that_was_closed_without_ado_is_forgotten(things):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(things.here())
    loop.close()
    asyncio.run(things.here())
    assert len(things) == 1, "the one of the loop that is now"


def test_close_reaches_a_loop_in_another_thread(things, made):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(things.here(), loop).result()
    asyncio.run(things.close())
    assert made[0].closed_on is loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_threads_with_loops_of_their_own(things, made):
    threads = [threading.Thread(target=lambda: asyncio.run(things.here())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(thing.loop) for thing in made}) <= len(made) == 16
    assert all(thing.closed_on is thing.loop for thing in made)


def test_what_nobody_holds_is_closed(made):
    async def main():
        def make():
            made.append(Thing())
            return made[-1], made[-1].close

        things = PerLoop(make)
        await things.here()
        del things
        gc.collect()
        await asyncio.sleep(0.01)
        assert made[0].closed_on is made[0].loop

    asyncio.run(main())


def test_what_is_not_ours_is_left_open():
    theirs = object()
    things = PerLoop(lambda: (theirs, None))

    async def main():
        assert await things.here() is theirs
        await things.close()

    asyncio.run(main())
