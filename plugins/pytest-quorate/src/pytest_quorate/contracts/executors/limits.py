"""Limits: code that takes all it can get is stopped, and the machine goes on."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_quorate.contracts.executors._subject import ExecutorSubject, driven, needs, run, succeeded

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_quorate.contracts.executors._subject import Fresh

_MEMORY_BOMB = "held = []\nfor _ in range(64): held.append(b'x' * (16 << 20))\nprint('survived')"
"""Takes 1 GiB."""

_FORK_BOMB = """
import os, sys, time
made = 0
try:
    while made < 600:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        made += 1
except OSError:
    print('stopped after', made, flush=True)
    sys.exit(7)
print('survived')
"""
_DISK_BOMB = """
with open('big', 'wb') as file:
    for _ in range(128):
        file.write(b'x' * (1 << 20))
        file.flush()
print('survived')
"""
"""Writes 128 MiB."""

_SPIN = "while True: pass"


class LimitTests(ExecutorSubject, contract=True):
    """Each limit that is claimed stops the bomb that goes off within it; after it the next block runs."""

    @needs("memory")
    @driven
    async def test_a_memory_bomb(self, fresh: Fresh) -> None:
        """Code that takes memory without end fails at its limit.

        Why: else the kernel ends some process of this machine, and it need not be the guilty one.
        Fix: a memory limit of the container without swap, or ``RLIMIT_AS``.
        """
        executor = fresh(**self.limits["memory"])
        result = await run(executor, _MEMORY_BOMB)
        assert result.exit_code not in (0, 124), result.output
        assert "survived" not in result.output
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @needs("processes")
    @driven
    async def test_a_fork_bomb(self, fresh: Fresh) -> None:
        """Code that makes processes without end fails at its limit, and none of them is left.

        Why: a machine without free process numbers can run nothing more, not even what would help.
        Fix: a pids limit of the container, or ``RLIMIT_NPROC`` for a user who is not root.
        """
        executor = fresh(**self.limits["processes"])
        result = await run(executor, _FORK_BOMB)
        assert result.exit_code not in (0, 124), result.output
        assert "survived" not in result.output
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @needs("file_size")
    @driven
    async def test_filling_the_disk(self, fresh: Fresh, work: Path) -> None:
        """Code that writes a file without end fails at its limit.

        Why: a full disk stops databases, logs and our own journal.
        Fix: ``RLIMIT_FSIZE`` (``ulimits`` of the container), or a quota of the work directory.
        """
        executor = fresh(**self.limits["file_size"])
        result = await run(executor, _DISK_BOMB)
        assert result.exit_code not in (0, 124), result.output
        assert "survived" not in result.output
        assert (work / "big").stat().st_size < 128 << 20
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @needs("cpu")
    @driven
    async def test_processor_time(self, fresh: Fresh) -> None:
        """Code that computes without end fails at its limit, before its time-out.

        Why: on a shared machine an idle block may wait for long, a busy one may not.
        Fix: ``RLIMIT_CPU``.
        """
        result = await run(fresh(**self.limits["cpu"]), _SPIN)
        assert result.exit_code not in (0, 124), result.output
