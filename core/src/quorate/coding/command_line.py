"""The base of executors that run each block as a program: save the code, run its language's command, tidy up."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, Final

from quorate.coding._packages import install
from quorate.coding.base import BaseCodeExecutor
from quorate.coding.functions import HEADER, PROMPT, FunctionsModule
from quorate.coding.jobs import Job, Runner
from quorate.coding.languages import LANGUAGES, language_table
from quorate.coding.workdir import TEMPORARY, Refused
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from quorate.coding.base import Run
    from quorate.coding.functions import GivenFunction
    from quorate.coding.languages import Language
    from quorate.coding.protocol import CodeBlock

_OPTION: Final = "-"


class CommandLineExecutor(BaseCodeExecutor[Runner]):
    """Runs each block as a program of its own: ``python file``, ``sh file``, ...

    A subclass writes :meth:`open_session`, which gives a :class:`quorate.coding.Runner`, and :meth:`program`.

    Args:
        timeout: see :class:`BaseCodeExecutor`.
        work_dir: see there.
        execution_policies: by language, whether a block is run or only saved, over AutoGen 0.2's defaults (all
            are run but javascript, html and css).
        languages: further languages, or others in the place of known ones: a :class:`quorate.coding.Language` by name,
            or the command that runs a file, ``{"ruby": "ruby", "lua": ["lua5.4", "-W"]}``.
        functions: functions that Python code may import, with the packages that they need (:func:`with_requirements`);
            missing ones are installed before the first block runs, where the code reaches the network.
        functions_module: the module from which it imports them.
        output_limit: see :class:`BaseCodeExecutor`.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(
        self,
        timeout: float = 60,
        work_dir: Path | str | None = None,
        *,
        execution_policies: Mapping[str, bool] | None = None,
        languages: Mapping[str, Language | str | Sequence[str]] | None = None,
        functions: Sequence[GivenFunction] = (),
        functions_module: str = "functions",
        output_limit: int = 65_536,
    ) -> None:
        super().__init__(timeout, work_dir, output_limit=output_limit)
        self._module = FunctionsModule(functions_module, tuple(functions))
        self._preparing = threading.Lock()
        self._prepared: Runner | None = None
        self.languages = self._table(languages or {})
        self.execution_policies = self._policies(execution_policies or {})

    @property
    def functions_module(self) -> str:
        """The module from which code imports its functions."""
        return self._module.name

    @property
    def functions(self) -> Sequence[GivenFunction]:
        """The functions that code may import."""
        return self._module.functions

    def format_functions_for_prompt(self, prompt_template: str = PROMPT) -> str:
        """Tell a model of the functions: put this into the system message of the agent that writes code.

        Args:
            prompt_template: with ``$module_name`` and ``$functions``.
        """
        return self._module.prompt(prompt_template)

    def program(self, language: Language) -> str | None:
        """The program that runs a language, as the runner can start it; None when it is known not to be there."""
        raise NotImplementedError

    def check(self, block: CodeBlock, language: Language) -> None:
        """Look at a block before it is saved.

        Raises:
            Refused: it is not to be run; the message says why.
        """

    def prepare(self, session: Runner, run: Run) -> int | None:
        """Put the functions where code finds them, with the packages that they need; once for each session."""
        if not self._module.source or self._prepared is session:
            return None
        with self._preparing:
            if self._prepared is session:
                return None
            exit_code = self._hand_over(session, run)
            self._prepared = session if exit_code == 0 else None
            return exit_code

    def _hand_over(self, session: Runner, run: Run) -> int:
        file = f"{self._module.name}.py"
        before = run.folder.read(file)
        if before is not None and not before.startswith(HEADER.encode()):
            msg = f"{file} is in the work directory already; give the functions another functions_module"
            raise Refused(msg)
        run.folder.save(file, self._module.source.encode())
        python = self.program(self.languages["python"])
        if not self._module.packages or python is None:
            return 0
        job = Job((), run.folder.path, run.folder.fd, run.timeout, run.output, run.stop)
        return install(self._module.packages, python, session, job, network=self.network)

    def run_block(self, block: CodeBlock, session: Runner, run: Run) -> tuple[int, str | None]:
        """Save a block and run it, or only save it when its language is only saved."""
        language, command = self._command(block)
        self.check(block, language)
        try:
            file, kept = _save(block.code, language, run, run_it=bool(command))
        except OSError as error:
            msg = f"the code cannot be saved in the work directory: {error.strerror or error}"
            raise Refused(msg) from error
        try:
            if not command:
                run.output.say(f"Code saved to {file}")
                return 0, str(run.folder.path / file)
            # "./" keeps a name such as "-c" from being read as an option.
            script = f"./{file}" if file.startswith(_OPTION) else file
            folder = run.folder
            job = Job((*command, script), folder.path, folder.fd, run.timeout, run.output, run.stop)
            return session.run(job), str(folder.path / file) if kept else None
        finally:
            if not kept:
                run.folder.remove(file)

    def _command(self, block: CodeBlock) -> tuple[Language, tuple[str, ...]]:
        """The language of a block, and what runs it: program and arguments; nothing for one that is only saved.

        Raises:
            Refused: the language is not known, or not installed.
        """
        language = self.languages.get(block.language.lower())
        if language is None:
            named = f"unknown language {block.language}" if block.language else "the code block names no language"
            msg = f"{named}; {self.label} knows {', '.join(self.languages)}"
            raise Refused(msg)
        if not self.execution_policies[language.name]:
            return language, ()
        program = self.program(language)
        if program is None:
            msg = f"{language.name} is not installed where {self.label} looks for it, so the code was not run"
            raise Refused(msg)
        return language, (program, *language.arguments)

    def _table(self, given: Mapping[str, Any]) -> dict[str, Language]:
        try:
            return {**LANGUAGES, **language_table(given)}
        except ValueError as error:
            msg = f"{self.label}: {error}"
            raise ConfigError(msg) from error

    def _policies(self, given: Mapping[str, bool]) -> dict[str, bool]:
        """By the language's own name, whether it is run."""
        if unknown := sorted(given.keys() - self.languages.keys()):
            msg = f"execution_policies names {unknown[0]!r}; {self.label} knows {', '.join(self.languages)}"
            raise ConfigError(msg)
        default = {language.name: language.run for language in self.languages.values()}
        return default | {self.languages[name].name: bool(run) for name, run in given.items()}


def _save(code: str, language: Language, run: Run, *, run_it: bool) -> tuple[str, bool]:
    """Save the code; give its file and whether the file is to stay."""
    data = (code if code.endswith("\n") else f"{code}\n").encode("utf-8", "replace")
    if name := language.file_name(code):
        return run.folder.save(name, data), True
    return run.folder.save_new(TEMPORARY if run_it else "code_", language.suffix, data), not run_it
