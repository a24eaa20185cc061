"""The local executor: runs code on this machine, as this user. It is not a sandbox."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from quorate.coding._limits import limits_of
from quorate.coding._notice import SHELLS, noticed
from quorate.coding._processes import process_runner
from quorate.coding.command_line import CommandLineExecutor
from quorate.coding.environment import code_environment, own_bin_path
from quorate.coding.languages import LANGUAGES
from quorate.coding.workdir import Refused
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.coding.functions import GivenFunction
    from quorate.coding.jobs import Runner
    from quorate.coding.languages import Language
    from quorate.coding.protocol import CodeBlock


class VirtualEnvironment(Protocol):
    """What ``venv.EnvBuilder.ensure_directories`` gives (AutoGen 0.2's ``create_virtual_env`` gives it too)."""

    bin_path: str
    env_exe: str


class LocalCommandLineCodeExecutor(CommandLineExecutor):
    """Runs code blocks as programs on this machine, with the rights of this user.

    **It is not a sandbox.** Code can read and change what this user can, and reaches the network. What it
    does guard against is accident and litter: the code gets none of our environment but an allow-list, no
    standard input, a bounded output and a deadline; when a block ends, no process of it is left, detached ones
    included (Linux; elsewhere only those of its process group); on Linux 5.19 and later the code cannot read other
    processes' memory or environment, and from 6.12 it cannot signal them. Use a container for code that you do not
    trust.

    Blocks of one call run in order, each a process of its own, until one fails. Calls may run side by side. It
    starts when first used; ``async with`` or :meth:`stop` ends it, and so does the end of our process.

    Args:
        timeout: seconds that each block may run.
        virtual_env_context: a virtual environment whose Python runs the code, as ``venv`` describes it or as the
            path of its folder; without it, the Python that runs quorate.
        work_dir: where the code runs and files are saved; made when it is absent. Without it, a private
            directory that is removed at the end.
        execution_policies: by language, whether a block is run or only saved, over AutoGen 0.2's defaults (all
            are run but javascript, html and css).
        languages: further languages, by name; the command that runs a file of it.
        functions: functions that Python code may import, with the packages that they need; missing packages are
            installed with the code's own pip before the first block runs.
        functions_module: the module from which it imports them.
        env: more environment variables for the code; what is named here is given to it, keys included.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.
        shield: keep the code from reading and signalling other processes. It also keeps ``sudo`` from working.
        allow_dangerous_commands: run shell code also when it holds one of a few commands that are seldom meant
            (``rm -rf``, ``dd``, ...). The refusal is a second look, not a boundary.
        memory: bytes of address space of each process; here and below None is no limit.
        cpu_seconds: processor time of each process.
        file_size: bytes of each file that is written.
        processes: how many processes this user may have in all; root cannot be limited so.

    Raises:
        ConfigError: an argument cannot be used.
    """

    label = "the local executor"

    def __init__(
        self,
        timeout: float = 60,
        virtual_env_context: VirtualEnvironment | Path | str | None = None,
        work_dir: Path | str | None = None,
        *,
        execution_policies: Mapping[str, bool] | None = None,
        languages: Mapping[str, Language | str | Sequence[str]] | None = None,
        functions: Sequence[GivenFunction] = (),
        functions_module: str = "functions",
        env: Mapping[str, str] | None = None,
        output_limit: int = 65_536,
        shield: bool = True,
        allow_dangerous_commands: bool = False,
        memory: int | None = None,
        cpu_seconds: int | None = None,
        file_size: int | None = None,
        processes: int | None = None,
    ) -> None:
        super().__init__(
            timeout,
            work_dir,
            execution_policies=execution_policies,
            languages=languages,
            functions=functions,
            functions_module=functions_module,
            output_limit=output_limit,
        )
        self._python, bin_path = interpreter(virtual_env_context)
        self._environment = code_environment(os.environ, env or {}, bin_path)
        self._shield = shield
        self._allow_dangerous_commands = allow_dangerous_commands
        self._limits = limits_of(
            self.label, memory=memory, cpu_seconds=cpu_seconds, file_size=file_size, processes=processes
        )

    def open_session(self, folder: Path) -> Runner:
        """Get ready to start programs."""
        del folder
        return process_runner(self._environment, shield=self._shield, limits=self._limits)

    def program(self, language: Language) -> str | None:
        """The program that runs a language here, if it is installed."""
        return self._python if language is LANGUAGES["python"] else language.program(self._environment["PATH"])

    def check(self, block: CodeBlock, language: Language) -> None:
        """Take a second look at shell code."""
        if self._allow_dangerous_commands or language.name not in SHELLS:
            return
        if reason := noticed(block.code):
            msg = f"The code was not run, since it looks dangerous: {reason}. Find another way, or ask for permission."
            raise Refused(msg)


def interpreter(context: VirtualEnvironment | Path | str | None) -> tuple[str, str | None]:
    """The Python that runs code, and the folder of its virtual environment's programs.

    Args:
        context: the virtual environment; None for the Python that runs quorate.

    Raises:
        ConfigError: there is no Python in it.
    """
    if context is None:
        return sys.executable, own_bin_path()
    if isinstance(context, (str, Path)):
        folder = Path(context).absolute() / ("Scripts" if sys.platform == "win32" else "bin")
        python, bin_path = str(folder / ("python.exe" if sys.platform == "win32" else "python")), str(folder)
    else:
        python, bin_path = str(context.env_exe), str(context.bin_path)
    if not Path(python).is_file():
        msg = f"virtual_env_context: there is no Python at {python}; make it with `python -m venv`"
        raise ConfigError(msg)
    return python, bin_path
