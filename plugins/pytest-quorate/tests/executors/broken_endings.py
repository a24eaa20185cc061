"""Executors whose code does not end when it should; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import asyncio
import subprocess
from dataclasses import replace

from broken_results import Changing
from honest_executor import HonestExecutor

from quorate.coding._processes import PlainRunner
from quorate.coding.jobs import ran_out


class TakesThreeTimesAsLong(HonestExecutor):
    fails = {"test_a_timeout"}
    only = fails
    patience = 5.0

    def __init__(self, *args, timeout, **options):
        super().__init__(*args, timeout=timeout * 3, **options)


class CallsATimeoutAFailure(Changing):
    fails = {
        "test_a_timeout",
        "test_a_timeout_that_the_code_ignores",
        "test_a_timeout_ends_the_whole_tree",
        "test_endless_output",
    }
    only = fails

    def changed(self, result):
        return replace(result, exit_code=1 if result.exit_code == 124 else result.exit_code)


class TellsNoTime(Changing):
    fails = {"test_a_timeout"}
    only = fails

    def changed(self, result):
        return replace(result, output=result.output.partition("Timeout")[0])


class EndsTheGroupOnly(HonestExecutor):
    fails = {
        "test_a_timeout_ends_the_whole_tree",
        "test_what_a_block_left_running_ends_with_it",
        "test_a_cancelled_call",
        "test_stop_ends_what_runs",
        "test_code_ends_with_our_process",
    }
    patience = 12.0

    def open_session(self, folder):
        return PlainRunner(self._environment)


class IsPolite(HonestExecutor):
    """Asks a process to end, and does not look whether it does."""

    fails = {"test_a_timeout_that_the_code_ignores"}
    only = fails

    class Runner(PlainRunner):
        def run(self, job):
            process = self._start(job)
            try:
                return process.wait(job.timeout)
            except subprocess.TimeoutExpired:
                process.terminate()
                return ran_out(job.timeout, job.output)

    def open_session(self, folder):
        return self.Runner(self._environment)


class WaitsForTheEndOfTheOutput(HonestExecutor):
    fails = {"test_a_child_that_holds_the_output_does_not_hold_the_result"}
    only = fails

    class Runner(PlainRunner):
        def run(self, job):
            process = self._start(job)
            try:
                job.output.add(process.communicate(timeout=3)[0])
            except subprocess.TimeoutExpired:
                return ran_out(job.timeout, job.output)
            return process.returncode

    def open_session(self, folder):
        return self.Runner(self._environment)


class LeavesTheCodeOfACancelledCall(HonestExecutor):
    fails = {"test_a_cancelled_call"}
    only = fails

    async def execute_code_blocks(self, blocks):
        return await asyncio.shield(asyncio.ensure_future(super().execute_code_blocks(blocks)))


class HearsNoCancelling(HonestExecutor):
    fails = {"test_a_cancelled_call"}
    only = fails

    async def execute_code_blocks(self, blocks):
        task = asyncio.ensure_future(super().execute_code_blocks(blocks))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait([task])


class StopsWhatIsIdle(HonestExecutor):
    fails = {"test_stop_ends_what_runs"}
    only = fails

    def __init__(self, *args, timeout, **options):
        super().__init__(*args, timeout=min(timeout, 4), **options)

    async def stop(self):
        if not self._running:
            await super().stop()


class LeavesAProcess(HonestExecutor):
    fails = {"test_starting_and_stopping_twice"}
    only = fails

    async def start(self):
        await super().start()
        self.left = subprocess.Popen(["sleep", "20"])  # noqa: ASYNC220
