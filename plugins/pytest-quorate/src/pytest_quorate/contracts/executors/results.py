"""Results: what running blocks gives, whatever the blocks do."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts.executors._subject import ExecutorSubject, driven, run, run_all, succeeded
from quorate import CodeBlock, CodeExecutor, CodeResult

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_quorate.contracts.executors._subject import Fresh

_ANSWERS = {
    "python": "print(6 * 7)",
    "py": "print(6 * 7)",
    "sh": "echo $((6 * 7))",
    "bash": "echo $((6 * 7))",
    "shell": "echo $((6 * 7))",
    "javascript": "console.log(6 * 7)",
    "powershell": "Write-Output (6 * 7)",
}
_CUT = re.compile(r"left out|cut|omitted|truncated", re.IGNORECASE)


class ResultTests(ExecutorSubject, contract=True):
    """A block that fails, is refused or writes nonsense is a result, and the result tells it all."""

    def test_it_has_the_methods_of_the_protocol(self, fresh: Fresh) -> None:
        """The executor is a ``CodeExecutor`` with ``start``, ``stop`` and ``restart``.

        Why: kernels, agents and other people's code know nothing of an executor but this.
        Fix: subclass ``quorate.coding.BaseCodeExecutor``, which has all of them.
        """
        executor = fresh()
        assert isinstance(executor, CodeExecutor)
        missing = [name for name in ("start", "stop", "restart") if not callable(getattr(executor, name, None))]
        assert not missing, f"{type(executor).__name__} has no {', '.join(missing)}"

    @driven
    async def test_a_success(self, fresh: Fresh) -> None:
        """Exit code 0, the output, and nothing else; as a ``CodeResult``.

        Why: models read the output, and agents decide by the exit code.
        Fix: give a ``quorate.CodeResult`` whose output is what the code wrote and no remark of yours.
        """
        result = await run(fresh(), "print(6 * 7)")
        assert isinstance(result, CodeResult), f"{result!r:.80} is no CodeResult"
        assert (result.exit_code, result.output, result.files) == (0, "42\n", ())

    @pytest.mark.parametrize("language", _ANSWERS)
    @driven
    async def test_languages(self, fresh: Fresh, language: str) -> None:
        """Every language that is claimed runs.

        Why: models choose a language by what they were told there is.
        Fix: correct ``languages`` of this test class, or the executor's table.
        """
        if language not in self.languages:
            pytest.skip(f"{type(self).__name__} does not run {language}")
        assert (await succeeded(fresh(), _ANSWERS[language], language)).output.split() == ["42"]

    @pytest.mark.parametrize("code", [1, 3, 255])
    @driven
    async def test_exit_codes(self, fresh: Fresh, code: int) -> None:
        """A program's exit code is the result's.

        Why: it is how programs tell what went wrong.
        Fix: pass it on as it is.
        """
        result = await run(fresh(), f"print('so far'); raise SystemExit({code})")
        assert (result.exit_code, result.output) == (code, "so far\n")

    @driven
    async def test_an_exception(self, fresh: Fresh) -> None:
        """Code that raises fails, and its traceback is part of the output.

        Why: a model repairs its code by what the traceback says.
        Fix: read standard error too.
        """
        result = await run(fresh(), "def halve(n):\n    return n / 0\n\nhalve(3)\n")
        assert result.exit_code not in (0, 124)
        assert "ZeroDivisionError" in result.output
        assert "halve" in result.output

    @driven
    async def test_standard_error(self, fresh: Fresh) -> None:
        """Standard error is part of the output, also of a success.

        Why: warnings come there, and so does most of what tools have to say.
        Fix: read both; best by one pipe, which keeps their order.
        """
        code = "import sys\nprint('one')\nprint('two', file=sys.stderr)\nprint('three')"
        result = await succeeded(fresh(), code)
        assert sorted(result.output.split()) == ["one", "three", "two"]

    @driven
    async def test_blocks_run_in_order_until_one_fails(self, fresh: Fresh, work: Path) -> None:
        """Blocks run one after the other; the first failure is the last that runs, and outputs are joined.

        Why: later blocks stand on earlier ones, and must not run on what is not there.
        Fix: stop at the first exit code that is not 0, and give that one.
        """
        codes = ["print('one')", "print('two'); raise SystemExit(5)", "open('ran', 'w'); print('three')"]
        result = await run_all(fresh(), *(CodeBlock(code, "python") for code in codes))
        assert (result.exit_code, result.output) == (5, "one\ntwo\n")
        assert not (work / "ran").exists()

    @driven
    async def test_no_block(self, fresh: Fresh) -> None:
        """An empty list is a result that says so, and no exception.

        Why: AutoGen 0.2 died of it in the middle of a chat.
        Fix: give a ``CodeResult`` with an exit code other than 0.
        """
        result = await run_all(fresh())
        assert result.exit_code != 0
        assert result.output.strip()

    @pytest.mark.parametrize("language", ["cobol-60", ""])
    @driven
    async def test_an_unknown_language(self, fresh: Fresh, work: Path, language: str) -> None:
        """A language that is not known is refused as a result that names it and what is known; nothing runs.

        Why: the model reads it and writes the code again; an exception would end the chat.
        Fix: look the language up before anything is saved or run.
        """
        blocks = [CodeBlock("open('ran', 'w')", language), CodeBlock("open('ran', 'w')", "python")]
        result = await run_all(fresh(), *blocks)
        assert result.exit_code != 0
        assert language in result.output
        assert "python" in result.output
        assert not (work / "ran").exists()

    @driven
    async def test_unicode(self, fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
        """Code and output are UTF-8, whatever our own locale.

        Why: services run with the locale C, where Python's own default would raise at the first umlaut.
        Fix: save the code as UTF-8, set ``PYTHONUTF8=1`` (or a UTF-8 locale) for it, decode output as UTF-8.
        """
        for name in ("LANG", "LC_ALL", "PYTHONIOENCODING", "PYTHONUTF8"):
            monkeypatch.setenv(name, "C" if name.startswith("L") else "")
        result = await succeeded(fresh(), "print('ß é 世 🎉', len('🎉'))")
        assert result.output == "ß é 世 🎉 1\n"

    @driven
    async def test_binary_output(self, fresh: Fresh) -> None:
        """Bytes that are no UTF-8 come as replacement characters, and the text around them is kept.

        Why: a program that prints an image must not end the chat.
        Fix: decode with ``errors="replace"``.
        """
        code = "import os\n_ = os.write(1, b'begin ' + bytes(range(128, 256)) + b'\\x00 end\\n')"
        result = await succeeded(fresh(), code)
        assert result.output.startswith("begin ")
        assert "\N{REPLACEMENT CHARACTER}" in result.output
        assert result.output.endswith("end\n")

    @driven
    async def test_long_output_is_cut_and_the_cut_is_marked(self, fresh: Fresh) -> None:
        """Of much output the beginning and the end are kept, within the limit, and the cut is marked.

        Why: it goes into a model's context; the error is at the end, and what was cut must not look complete.
        Fix: ``quorate.coding.BoundedOutput`` does it.
        """
        code = "print('first')\nfor _ in range(3000): print('x' * 1000)\nprint('last')"
        result = await succeeded(fresh(output_limit=20_000), code)
        assert result.output.startswith("first\n")
        assert result.output.rstrip().endswith("last")
        assert len(result.output) < 22_000, f"{len(result.output)} characters where 20000 bytes were allowed"
        assert _CUT.search(result.output), "nothing says that output was cut"

    @driven
    async def test_endless_output(self, fresh: Fresh) -> None:
        """Code that never stops writing is ended at its time-out, and takes no memory with what it wrote.

        Why: a loop that prints must not fill the memory of the program that runs it.
        Fix: bound the output while it is read, not afterwards.
        """
        result = await run(fresh(timeout=1.5, output_limit=20_000), "while True: print('x' * 10_000)")
        assert result.exit_code == 124
        assert len(result.output) < 22_000

    @driven
    async def test_a_block_that_waits_for_input(self, fresh: Fresh) -> None:
        """Code that asks for input fails at once.

        Why: there is nobody to answer; waiting for the time-out costs minutes, reading our terminal takes our keys.
        Fix: give it an empty standard input (``/dev/null``), never our own.
        """
        result = await run(fresh(), "print('name?', flush=True)\nprint(input())")
        assert result.exit_code not in (0, 124)
        assert "name?" in result.output

    @driven
    async def test_a_crash(self, fresh: Fresh) -> None:
        """Code that ends by a signal fails, and the next block runs.

        Why: extension modules crash; that is a failed block, and no reason to lose the executor.
        Fix: give 128 + the signal's number; start again what died.
        """
        executor = fresh()
        result = await run(executor, "import os; print('so far', flush=True); os.abort()")
        assert result.exit_code not in (0, 124)
        assert (await succeeded(executor, "print('next')")).output == "next\n"

    @driven
    async def test_state(self, fresh: Fresh) -> None:
        """What one block defines, the next one finds if ``keeps_state`` is claimed, else it does not.

        Why: a model must be told which of the two it is writing for.
        Fix: correct ``capabilities`` of this test class.
        """
        executor = fresh()
        await succeeded(executor, "found = 41")
        result = await run(executor, "print(found + 1)")
        if "keeps_state" in self.capabilities:
            assert (result.exit_code, result.output) == (0, "42\n")
        else:
            assert "NameError" in result.output
