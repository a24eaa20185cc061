"""Executors that give wrong results, each in one way; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

from dataclasses import dataclass, replace

from honest_executor import HonestExecutor

from quorate.coding import CodeBlock
from quorate.errors import ExecutorError


class Changing(HonestExecutor):
    """Changes the blocks before they run, and the result after."""

    def block(self, block):
        return block

    def changed(self, result):
        return result

    async def execute_code_blocks(self, blocks):
        return self.changed(await super().execute_code_blocks([self.block(block) for block in blocks]))


class CannotRestart(HonestExecutor):
    fails = {"test_it_has_the_methods_of_the_protocol"}
    restart = None


class GivesAnotherClass(Changing):
    fails = {"test_a_success"}

    @dataclass
    class Result:
        exit_code: int
        output: str

    def changed(self, result):
        return self.Result(result.exit_code, result.output)


class HasSomethingToSay(Changing):
    fails = {
        "test_a_success",
        "test_languages",
        "test_exit_codes",
        "test_standard_error",
        "test_blocks_run_in_order_until_one_fails",
        "test_unicode",
        "test_binary_output",
        "test_long_output_is_cut_and_the_cut_is_marked",
        "test_a_crash",
    }
    only = fails

    def changed(self, result):
        return replace(result, output=result.output + "Done.\n")


class LosesTheExitCode(Changing):
    fails = {"test_exit_codes", "test_blocks_run_in_order_until_one_fails"}

    def changed(self, result):
        return replace(result, exit_code=1 if result.exit_code not in (0, 124) else result.exit_code)


class NeverFails(Changing):
    fails = {
        "test_exit_codes",
        "test_an_exception",
        "test_blocks_run_in_order_until_one_fails",
        "test_no_block",
        "test_an_unknown_language",
        "test_endless_output",
        "test_a_block_that_waits_for_input",
        "test_a_crash",
    }

    def changed(self, result):
        return replace(result, exit_code=0)


class DropsStandardError(Changing):
    fails = {"test_an_exception", "test_standard_error", "test_state"}

    def block(self, block):
        silenced = "import os; os.dup2(os.open(os.devnull, os.O_WRONLY), 2)\n"
        return CodeBlock(silenced + block.code, "python") if block.language == "python" else block


class GoesOnAfterAFailure(HonestExecutor):
    fails = {"test_blocks_run_in_order_until_one_fails", "test_an_unknown_language"}

    async def execute_code_blocks(self, blocks):
        results = [await super(GoesOnAfterAFailure, self).execute_code_blocks([block]) for block in blocks]
        if not results:
            return await super().execute_code_blocks(blocks)
        return replace(results[-1], output="".join(result.output for result in results))


class DiesOfNothing(HonestExecutor):
    fails = {"test_no_block"}

    async def execute_code_blocks(self, blocks):
        blocks[0]
        return await super().execute_code_blocks(blocks)


class RaisesForAnUnknownLanguage(HonestExecutor):
    fails = {"test_an_unknown_language"}

    async def execute_code_blocks(self, blocks):
        if any(block.language not in self.languages for block in blocks):
            raise ExecutorError("no such language")
        return await super().execute_code_blocks(blocks)


class SpeaksLatin(Changing):
    fails = {"test_unicode", "test_binary_output"}

    def changed(self, result):
        return replace(result, output=result.output.encode("latin-1", "replace").decode("latin-1"))


class DiesOfBytes(Changing):
    fails = {"test_binary_output"}

    def changed(self, result):
        if "\N{REPLACEMENT CHARACTER}" in result.output:
            raise UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte")
        return result


class CutsInSilence(Changing):
    fails = {"test_long_output_is_cut_and_the_cut_is_marked"}

    def changed(self, result):
        return replace(result, output=result.output.replace("left out", "..."))


class KeepsAllOutput(HonestExecutor):
    fails = {"test_long_output_is_cut_and_the_cut_is_marked", "test_endless_output"}

    def __init__(self, *args, output_limit=0, **options):
        super().__init__(*args, output_limit=4 << 20, **options)


class AnswersItself(Changing):
    fails = {"test_a_block_that_waits_for_input"}

    def block(self, block):
        typed = "import io, sys; sys.stdin = io.StringIO('yes\\n')\n"
        return CodeBlock(typed + block.code, "python") if block.language == "python" else block


class CrashesForGood(Changing):
    fails = {"test_a_crash"}
    crashed = False

    def changed(self, result):
        if self.crashed:
            raise ExecutorError("it crashed")
        self.crashed = result.exit_code == 134
        return result


class ClaimsState(HonestExecutor):
    fails = {"test_state"}
    claims = HonestExecutor.claims | {"keeps_state"}


class ClaimsALanguage(HonestExecutor):
    fails = {"test_languages"}
    spoken = (*HonestExecutor.spoken, "javascript")
