"""Endings: whatever code does, it ends in time, and nothing of it goes on."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts.executors._subject import (
    DETACHED,
    ExecutorSubject,
    beats,
    driven,
    needs,
    off_loop,
    run,
    silent,
    succeeded,
    within,
)
from quorate import CodeResult, ExecutorError, call

if TYPE_CHECKING:
    from pytest_quorate.contracts.executors._subject import Executor, Fresh

_FOREVER = f"{DETACHED}print('begun', flush=True)\nfor _ in range(120): time.sleep(1)\n"
"""Code that runs on; for two minutes at most, should its executor fail to end it."""
_STUBBORN = (
    "import signal, sys, time\n"
    "for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n"
    "    signal.signal(number, lambda *_: None)\n"
    "print('begun', flush=True)\n"
    "for _ in range(3000):\n"
    "    open('beat', 'a').write('.')\n"
    "    try: time.sleep(0.02)\n"
    "    except KeyboardInterrupt: pass\n"
)
_HOST = Path(__file__).with_name("_host.py")


class EndingTests(ExecutorSubject, contract=True):
    """Time-outs, cancellation, stopping and our own death: each ends the code and all that it started."""

    @driven
    async def test_a_timeout(self, fresh: Fresh) -> None:
        """A block that takes too long is ended: exit code 124, what it wrote so far, and a word about the time.

        Why: the caller is free again when the time is over, and knows why; AutoGen 0.2 waited for the code's own end.
        Fix: keep the deadline outside the code's reach, and give ``quorate.coding.TIMED_OUT``.
        """
        began = time.monotonic()
        result = await run(fresh(timeout=1), "import time\nprint('so far', flush=True)\ntime.sleep(600)")
        assert result.exit_code == 124
        assert result.output.startswith("so far\n")
        assert "time" in result.output.removeprefix("so far\n").lower(), "nothing says why the code was stopped"
        assert time.monotonic() - began < self.patience / 2

    @driven
    async def test_a_timeout_that_the_code_ignores(self, fresh: Fresh, work: Path) -> None:
        """Code that ignores every signal it can ignore is ended all the same.

        Why: libraries and loops with ``except: pass`` swallow polite requests.
        Fix: SIGKILL in the end; for an interpreter that is kept, start a new one.
        """
        executor = fresh(timeout=1)
        result = await run(executor, _STUBBORN)
        assert (result.exit_code, beats(work) > 0) == (124, True)
        assert silent(work), "the code goes on after its time-out"
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @driven
    async def test_a_timeout_ends_the_whole_tree(self, fresh: Fresh, work: Path) -> None:
        """At a time-out everything that the block started ends, detached processes too.

        Why: what is left goes on changing files, and takes memory and processor time, until the machine is restarted.
        Fix: a container's end does it; on Linux a child subreaper (``quorate.coding.process_runner``).
        """
        result = await run(fresh(timeout=3), _FOREVER)
        assert (result.exit_code, beats(work) > 0) == (124, True), result.output
        assert silent(work), "a detached process goes on after the time-out"

    @needs("ends_background")
    @driven
    async def test_what_a_block_left_running_ends_with_it(self, fresh: Fresh, work: Path) -> None:
        """When a block has ended, nothing that it started goes on.

        Why: a result that says "done" is done; files do not change behind the next block's back.
        Fix: end the block's processes before you give its result, or do not claim ``ends_background``.
        """
        await succeeded(fresh(), DETACHED)
        assert beats(work) > 0
        assert silent(work), "a detached process goes on after its block has ended"

    @driven
    async def test_a_child_that_holds_the_output_does_not_hold_the_result(self, fresh: Fresh) -> None:
        """A block has ended when its program has, though a child of it still holds the pipe.

        Why: a server started in the background would make every result wait for the time-out.
        Fix: wait for the program, not for the end of its output.
        """
        child = "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(25)'])"
        result = await succeeded(fresh(), f"import subprocess, sys\n{child}\nprint('done')")
        assert result.output == "done\n"

    @driven
    async def test_a_cancelled_call(self, fresh: Fresh, work: Path) -> None:
        """A cancelled call ends its code first, raises ``CancelledError``, and the executor goes on.

        Why: Ctrl-C, deadlines and a person who changes their mind arrive as cancellation.
        Fix: end the processes in ``except`` or ``finally``, shielded, and raise again.
        """
        executor = fresh()
        task = asyncio.create_task(run(executor, _FOREVER))
        assert await off_loop(within, 10, lambda: beats(work) > 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert silent(work), "the code goes on after its call was cancelled"
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @driven
    async def test_stop_ends_what_runs(self, fresh: Fresh, work: Path) -> None:
        """``stop`` while code runs ends the code, and the call comes back as a failure.

        Why: a kernel that closes must not leave code behind, nor somebody waiting.
        Fix: keep a list of what runs, and end it in ``stop``.
        """
        executor = fresh()
        task = asyncio.create_task(_outcome(executor, _FOREVER))
        assert await off_loop(within, 10, lambda: beats(work) > 0)
        await call("code", executor.stop)
        outcome = await task
        assert isinstance(outcome, ExecutorError) or outcome.exit_code not in (0, 124), "the call came back by itself"
        assert silent(work), "the code goes on after stop"

    @needs("ends_with_us")
    def test_code_ends_with_our_process(self, fresh: Fresh, work: Path) -> None:
        """When our process is killed while code runs, the code ends, and the next executor works.

        Why: nobody is left to stop it; a machine that restarts its services collects one orphan after the other.
        Fix: a lease that our process renews, a pipe whose end is noticed, or a parent-death signal.
        """
        names = [str(_HOST), sys.modules[type(self).__module__].__file__ or "", type(self).__qualname__]
        host = subprocess.Popen([sys.executable, *names, str(work), _FOREVER], env=_environment())
        try:
            assert within(30, lambda: beats(work) > 0 or host.poll() is not None)
            assert host.poll() is None, f"the program that runs code ended by itself: {host.returncode}"
        finally:
            host.kill()
            host.wait()
        assert within(self.patience, lambda: silent(work)), "the code outlives the program that ran it"
        result = asyncio.run(succeeded(fresh(), "print('next')"))
        assert result.output == "next\n"


async def _outcome(executor: Executor, code: str) -> CodeResult | ExecutorError:
    try:
        return await run(executor, code)
    except ExecutorError as error:
        return error


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
