"""Executors that live wrongly; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import asyncio
import shutil

from honest_executor import HonestExecutor

from quorate.errors import ExecutorError


class StartsAtOnce(HonestExecutor):
    fails = {"test_making_one_is_light"}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self._start()


class StopsOnlyOnce(HonestExecutor):
    fails = {"test_starting_and_stopping_twice", "test_a_context_manager"}
    stops = 0

    async def stop(self):
        self.stops += 1
        if self.stops > 1:
            raise ExecutorError("it was stopped")
        await super().stop()

    def _start(self):
        self.stops = 0
        return super()._start()


class NeverAgain(HonestExecutor):
    fails = {"test_use_after_stop", "test_restart"}
    over = False

    async def execute_code_blocks(self, blocks):
        if self.over:
            raise ExecutorError("it was stopped")
        return await super().execute_code_blocks(blocks)

    async def stop(self):
        self.over = True
        await super().stop()


class RestartsInAnEmptyFolder(HonestExecutor):
    fails = {"test_restart"}

    async def restart(self):
        await super().restart()
        shutil.rmtree(self.work_dir)


class GivesNothingToWith(HonestExecutor):
    fails = {"test_a_context_manager"}

    async def __aenter__(self):
        await super().__aenter__()


class MixesCallsUp(HonestExecutor):
    fails = {"test_calls_side_by_side"}

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.last = {}

    async def execute_code_blocks(self, blocks):
        loop = asyncio.get_running_loop()
        self.last[loop] = await super().execute_code_blocks(blocks)
        await asyncio.sleep(0.5)
        return self.last[loop]


class HoldsTheLoop(HonestExecutor):
    fails = {"test_the_loop_goes_on_while_code_runs"}

    async def execute_code_blocks(self, blocks):
        from quorate.coding.jobs import Stop

        return self._execute(tuple(blocks), Stop())


class BelongsToOneLoop(HonestExecutor):
    fails = {"test_from_threads_and_loops", "test_agents_use_it_blocking_and_async"}
    loop = None

    async def execute_code_blocks(self, blocks):
        self.loop = self.loop or asyncio.get_running_loop()
        if self.loop is not asyncio.get_running_loop():
            raise RuntimeError("attached to a different loop")
        return await super().execute_code_blocks(blocks)


class MissesItsDirectory(HonestExecutor):
    fails = {"test_a_lost_work_directory"}
    begun = False

    async def execute_code_blocks(self, blocks):
        if self.begun and not self.work_dir.exists():
            raise ExecutorError("the work directory is gone")
        result = await super().execute_code_blocks(blocks)
        self.begun = True
        return result

    async def stop(self):
        self.begun = False
        await super().stop()
