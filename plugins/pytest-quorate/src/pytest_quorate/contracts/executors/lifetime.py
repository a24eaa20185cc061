"""The life of an executor: made, started, used side by side, stopped, and used again."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

from pytest_quorate.contracts.executors._subject import (
    ExecutorSubject,
    driven,
    our_processes,
    run,
    run_all,
    succeeded,
)
from quorate import CodeBlock, Message, UserProxyAgent, call
from quorate.testing import isolated_kernel

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_quorate.contracts.executors._subject import Fresh

_AT_ONCE = 6
_CODE = "print(20 + 22)"
_FENCED: list[Message] = [{"role": "user", "content": f"```python\n{_CODE}\n```"}]
_REPLY = "exitcode: 0 (execution succeeded)\nCode output: \n42\n"


class ExecutorLifetimeTests(ExecutorSubject, contract=True):
    """One executor serves many callers, wherever they are; it can be stopped at any time and used again."""

    def test_making_one_is_light(self, fresh: Fresh, work: Path, private: Path) -> None:
        """Making an executor starts no process, makes no directory, and needs neither event loop nor engine.

        Why: agents are made with their executor's configuration though many never run code, and ``require`` makes one
        to look at it.
        Fix: connect, make and start on first use.
        """
        before = set(our_processes()), set(self.leftovers())
        executor = fresh()
        assert (set(our_processes()), set(self.leftovers())) == before
        assert not work.exists()
        assert list(private.iterdir()) == []
        del executor

    @driven
    async def test_starting_and_stopping_twice(self, fresh: Fresh) -> None:
        """``stop`` may be called before any use, and both ``start`` and ``stop`` may be called twice.

        Why: a kernel, a ``with`` statement and a cautious program may all do it.
        Fix: do nothing when there is nothing to do.
        """
        executor = fresh()
        for method in (executor.stop, executor.start, executor.start, executor.stop, executor.stop):
            await call("code", method)

    @driven
    async def test_use_after_stop(self, fresh: Fresh) -> None:
        """An executor that was stopped starts again when it is used.

        Why: a kernel that was closed can be used again, and so can an agent of it.
        Fix: start on use whenever nothing is started.
        """
        executor = fresh()
        await succeeded(executor, _CODE)
        await call("code", executor.stop)
        assert (await succeeded(executor, _CODE)).output == "42\n"

    @driven
    async def test_restart(self, fresh: Fresh, work: Path) -> None:
        """After ``restart`` code runs in the same work directory, and finds files but no state.

        Why: it is what an agent does when code has broken its interpreter.
        Fix: stop and start; a given work directory stays as it is.
        """
        executor = fresh()
        await succeeded(executor, "kept = 1\nopen('kept', 'w').write('x')")
        await call("code", executor.restart)
        assert (work / "kept").exists()
        assert (await succeeded(executor, "print(open('kept').read(), 'kept' in globals())")).output == "x False\n"

    @driven
    async def test_a_context_manager(self, fresh: Fresh) -> None:
        """``async with executor`` gives the executor itself, started, and stops it.

        Why: that is how programs without a kernel use one.
        Fix: subclass ``quorate.coding.BaseCodeExecutor``, or define ``__aenter__`` and ``__aexit__``.
        """
        async with fresh() as executor:
            assert (await succeeded(executor, _CODE)).output == "42\n"

    @driven
    async def test_calls_side_by_side(self, fresh: Fresh) -> None:
        """Calls at once are all answered, each with its own output.

        Why: agents in one program share an executor, and tools of one message run in parallel.
        Fix: keep nothing of one call on the executor; where only one can run, let the others wait.
        """
        executor = fresh()
        codes = [f"import time\nprint({n}, flush=True)\ntime.sleep(0.1)\nprint({n})" for n in range(_AT_ONCE)]
        results = await asyncio.gather(*(run(executor, code) for code in codes))
        assert [(each.exit_code, each.output) for each in results] == [(0, f"{n}\n{n}\n") for n in range(_AT_ONCE)]

    @driven
    async def test_the_loop_goes_on_while_code_runs(self, fresh: Fresh) -> None:
        """While code runs, the event loop serves others.

        Why: one slow block must not stop a server's other conversations.
        Fix: wait in a thread, or await.
        """
        executor = fresh()
        await succeeded(executor, _CODE)
        running = asyncio.create_task(run(executor, "import time; time.sleep(0.5)"))
        ticks = 0
        while not running.done():
            ticks += 1
            await asyncio.sleep(0.01)
        assert ticks > 5, f"the loop turned {ticks} times in half a second"

    def test_from_threads_and_loops(self, fresh: Fresh) -> None:
        """One executor serves several event loops, one after the other and at once.

        Why: blocking programs and notebooks run one loop after the other with the same executor.
        Fix: bind nothing (a lock, a connection) to the loop of the first call.
        """
        executor, outputs = fresh(), dict[int, str]()

        def use(number: int) -> None:
            outputs[number] = asyncio.run(run(executor, f"print({number})")).output

        use(0)
        threads = [threading.Thread(target=use, args=(n,)) for n in range(1, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(self.patience)
        assert outputs == {n: f"{n}\n" for n in range(4)}

    def test_agents_use_it_blocking_and_async(self, fresh: Fresh) -> None:
        """An agent runs code with it both ways: ``generate_reply`` and ``await a_generate_reply``.

        Why: that is what it is for.
        Fix: blocking calls come from a thread without an event loop; let nothing depend on one that lives on.
        """
        with isolated_kernel() as kernel:
            config = {"executor": fresh()}
            user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=config, kernel=kernel)
            assert user.generate_reply(_FENCED) == _REPLY
            assert asyncio.run(user.a_generate_reply(_FENCED)) == _REPLY

    @driven
    async def test_a_lost_work_directory(self, fresh: Fresh) -> None:
        """Code that removes all its files, or the work directory itself, breaks only its own call.

        Why: models tidy up too well.
        Fix: make the directory again when it is not there.
        """
        executor = fresh()
        code = "import os, shutil\nhere = os.getcwd()\nshutil.rmtree(here, ignore_errors=True)"
        await run_all(executor, CodeBlock(code, "python"))
        assert (await succeeded(executor, _CODE)).output == "42\n"
