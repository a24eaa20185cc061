"""The loop thread: after fork, at the end of the program, and when it is asked to wait for itself."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from quorate._drive import call, drive
from quorate._loop import LoopThread
from quorate.errors import DoorError


@pytest.fixture
def thread():
    """A loop thread of the test's own."""
    made = LoopThread()
    yield made
    made.stop()


def run_program(code, *options):
    """Run a program; gives its exit code, output and errors. What is left open is an error that is shown."""
    command = [sys.executable, "-W", "always::ResourceWarning", *options, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    return done.returncode, done.stdout, done.stderr


async def name():
    return threading.current_thread().name


# -- one thread


def test_it_starts_when_it_is_needed_and_stays(thread):
    before = threading.active_count()
    assert LoopThread()._thread is None
    assert threading.active_count() == before
    assert thread.run(name()) == thread.run(name()) == "quorate-loop"
    assert threading.active_count() == before + 1


def test_many_threads_at_once_start_one(thread):
    loops = []
    together = threading.Barrier(16)

    def use():
        together.wait(30)
        loops.append(thread.loop)

    threads = [threading.Thread(target=use) for _ in range(16)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(loops) == 16
    assert len(set(loops)) == 1


def test_plain_code_starts_none():
    code = "import threading; from quorate._drive import *\ndrive(call('t', print, 1))\nprint(threading.active_count())"
    assert run_program(code) == (0, "1\n1\n", "")


def test_a_blocking_call_on_it_is_refused(thread):
    async def tool():
        return thread.run(name())

    with pytest.raises(DoorError, match=r"would wait for itself; await the a_\.\.\. form"):
        thread.run(tool())


def test_a_blocking_call_of_plain_functions_on_it_is_fine():
    async def tool():
        return drive(call("tool", len, "four"))

    assert drive(call("tool", tool)) == 4


def test_a_thread_of_a_coroutine_function_may_make_blocking_calls():
    async def tool():
        return await asyncio.to_thread(lambda: drive(call("tool", name)))

    assert drive(call("tool", tool)) == "quorate-loop"


# -- stop


def test_stop_cancels_what_is_running_and_lets_it_clean_up(thread):
    ended = []

    async def endless():
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            ended.append("cleaned up")

    async def parts():
        try:
            yield 1
        finally:
            ended.append("generator closed")

    async def leave_a_generator():
        await anext(kept)

    kept = parts()
    thread.run(leave_a_generator())
    started = threading.Event()
    job = thread.submit(endless())
    assert started.wait(30)
    loop, running = thread.loop, thread._thread
    thread.stop()
    assert ended == ["cleaned up", "generator closed"]
    assert isinstance(job.done.exception(0), asyncio.CancelledError)
    assert loop.is_closed()
    assert not running.is_alive()


def test_after_stop_it_starts_anew(thread):
    first = thread.loop
    thread.stop()
    thread.stop()
    assert thread.run(name()) == "quorate-loop"
    assert thread.loop is not first


# -- the end of the program

USE = """
import asyncio, os, sys, threading
from quorate import call, gather, iterate
from quorate._drive import drive
from quorate._streams import stream

async def later(value):
    await asyncio.sleep(0.001)
    return value
"""

ENDS = {
    "after a call": "drive(call('tool', later, 1))",
    "after an error": """
async def fails():
    raise LookupError
try:
    drive(call('tool', fails))
except LookupError:
    pass
""",
    "with a stream half taken": """
async def parts():
    while True:
        yield await later(1)
items = iterate(stream('model', parts))
next(items)
""",
    "with a task left behind": """
async def tool():
    global kept
    kept = asyncio.create_task(asyncio.sleep(1000))
drive(call('tool', tool))
""",
    "with threads of its own": """
import anyio.to_thread
async def tool():
    await asyncio.to_thread(len, '')
    await anyio.to_thread.run_sync(len, '')
drive(call('tool', tool))
""",
    "with a plain function that goes on": """
import time
async def main():
    task = asyncio.create_task(drive_it())
    await asyncio.sleep(0.01)
    task.cancel()
async def drive_it():
    await call('tool', time.sleep, 1000)
asyncio.run(main())
""",
    "with a blocking call under way in a thread": """
started = threading.Event()
async def endless():
    started.set()
    await asyncio.Event().wait()
def work():
    try:
        drive(call('tool', endless))
    except asyncio.CancelledError:
        pass
threading.Thread(target=work, daemon=True).start()
started.wait()
""",
}


@pytest.mark.parametrize("code", ENDS.values(), ids=ENDS)
def test_the_program_ends_quietly(code):
    assert run_program(f"{USE}{code}\nprint('end')") == (0, "end\n", "")


def test_a_coroutine_function_cleans_up_at_the_end_of_the_program():
    code = """
async def tool():
    global kept
    async def endless():
        try:
            await asyncio.Event().wait()
        finally:
            print('cleaned up')
    kept = asyncio.create_task(endless())
    await asyncio.sleep(0)
drive(call('tool', tool))
"""
    assert run_program(USE + code) == (0, "cleaned up\n", "")


# -- fork

FORK = """
def both():
    async def kernel():
        return await gather(call('tool', later, 1), call('tool', len, '22'))
    return drive(kernel())

if sys.argv[1] == 'used before':
    both()
child = os.fork()
if child == 0:
    print('child', both(), list(iterate(stream('model', parts))), flush=True)
    grandchild = os.fork()
    if grandchild == 0:
        print('grandchild', both(), flush=True)
        sys.exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(grandchild, 0)[1])
    os._exit(code) if sys.argv[2] == '_exit' else sys.exit(code)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print('parent', code, both())
"""

PARTS = """
async def parts():
    yield await later('part')
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("way_out", ["exit", "_exit"])
@pytest.mark.parametrize("used", ["used before", "not used before"])
def test_it_works_after_a_fork(used, way_out):
    code = f"import sys; sys.argv[1:] = {[used, way_out]!r}{USE}{PARTS}{FORK}"
    # From 3.12 on, Python warns of every fork in a program with threads.
    done = run_program(code, "-W", "ignore::DeprecationWarning")
    assert done == (0, "child [1, 2] ['part']\ngrandchild [1, 2]\nparent 0 [1, 2]\n", "")
