"""One code block on this machine: save it, run it or only keep it, tidy up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from quorate.coding._languages import LANGUAGES
from quorate.coding._processes import Job
from quorate.coding._workdir import TEMPORARY, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.coding._languages import Language
    from quorate.coding._output import Output
    from quorate.coding._processes import Runner, Stop
    from quorate.coding._workdir import WorkDir
    from quorate.coding.protocol import CodeBlock

_REFUSED: Final = 1
"""The exit code of a block that was not run."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every block.

    Attributes:
        timeout: seconds a block may run.
        python: the interpreter for Python.
        path: where other programs are looked for, as in ``PATH``.
        policies: by language, whether a block is run or only saved.
    """

    timeout: float
    python: str
    path: str
    policies: Mapping[str, bool]


def run_block(
    block: CodeBlock, settings: Settings, runner: Runner, folder: WorkDir, output: Output, stop: Stop
) -> tuple[int, str | None]:
    """Run one block, or save it when its language is only saved.

    Returns:
        The exit code, and the path of its file when it was saved under a name.
    """
    try:
        language, command = _command(block, settings)
        file, kept = _save(block.code, language, folder, run=bool(command))
    except Refused as error:
        output.say(str(error))
        return _REFUSED, None
    except OSError as error:
        output.say(f"the code cannot be saved in the work directory: {error.strerror or error}")
        return _REFUSED, None
    try:
        # "./" keeps a name such as "-c" from being read as an option.
        script = f"./{file}" if file.startswith("-") else file
        job = Job((*command, script), folder.path, folder.fd, settings.timeout, output, stop)
        code = runner.run(job) if command else _tell(file, output)
    finally:
        if not kept:
            folder.remove(file)
    return code, str(folder.path / file) if kept else None


def _command(block: CodeBlock, settings: Settings) -> tuple[Language, tuple[str, ...]]:
    """The language of a block, and what runs it: program and arguments; nothing for one that is only saved.

    Raises:
        Refused: the language is not known, or not installed.
    """
    language = LANGUAGES.get(block.language.lower())
    if language is None:
        named = f"unknown language {block.language}" if block.language else "the code block names no language"
        msg = f"{named}; this executor knows {', '.join(LANGUAGES)}"
        raise Refused(msg)
    if not settings.policies[language.name]:
        return language, ()
    program = settings.python if language.name == "python" else language.program(settings.path)
    if program is None:
        msg = f"{language.name} is not installed on this machine, so the code was not run"
        raise Refused(msg)
    return language, (program, *language.arguments)


def _save(code: str, language: Language, folder: WorkDir, *, run: bool) -> tuple[str, bool]:
    """Save the code; give its file and whether the file is to stay."""
    data = (code if code.endswith("\n") else f"{code}\n").encode("utf-8", "replace")
    if name := language.file_name(code):
        return folder.save(name, data), True
    return folder.save_new(TEMPORARY if run else "code_", language.suffix, data), not run


def _tell(file: str, output: Output) -> int:
    output.say(f"Code saved to {file}")
    return 0
