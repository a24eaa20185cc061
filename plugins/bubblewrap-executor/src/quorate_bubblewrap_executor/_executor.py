"""The executor ``bubblewrap``: each block is a program in Linux namespaces of its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quorate.coding import LANGUAGES, CommandLineExecutor, code_environment, interpreter, limits_of
from quorate.errors import ConfigError
from quorate_bubblewrap_executor._runner import SandboxRunner
from quorate_bubblewrap_executor._sandbox import Sandbox, python_folders, visible_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.coding import Language, VirtualEnvironment
    from quorate.coding.functions import GivenFunction
    from quorate.records import Isolation

_HOME: Final = "/tmp"  # noqa: S108 - the sandbox's own


class BubblewrapCommandLineCodeExecutor(CommandLineExecutor):
    """Runs code blocks as programs on this machine (Linux), kept apart from it by the program ``bwrap``.

    The code sees the work directory, the system (``/usr`` and a few files of ``/etc``) and the Python that runs it,
    of which it can change the work directory only; an empty ``/tmp``, new for each block; and no process but its own.
    It has no network, no capabilities and no way to gain any. When a block ends, no process of it is left.

    Blocks of one call run in order, each a process of its own, until one fails. Calls may run side by side.

    Every argument from ``network`` on relaxes or tightens one default. Without ``memory`` or ``processes`` the level of
    isolation is no longer ``container`` but ``process``.

    Args:
        timeout: seconds that each block may run.
        virtual_env_context: a virtual environment whose Python runs the code, as ``venv`` describes it or as the
            path of its folder; without it, the Python that runs quorate. One inside the work directory can be changed.
        work_dir: where files are saved, made when it is absent; without it, a private directory that is removed at
            the end. The code knows it by the same path.
        execution_policies: by language, whether a block is run or only saved, over AutoGen 0.2's defaults (all
            are run but javascript, html and css).
        languages: further languages, by name; the command that runs a file of it.
        functions: functions that Python code may import, with the packages that they need, which must be installed
            unless the code reaches the network and has a virtual environment that it can change.
        functions_module: the module from which it imports them.
        env: more environment variables for the code; what is named here is given to it, keys included.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.
        network: whether the code has this machine's network. It then reaches all that this machine does.
        read_only: more files and folders of this machine that the code can read.
        memory: bytes of address space of each process, 4 GiB; here and below None is no limit.
        processes: processes and threads at once: of each block, or for root, of all blocks that run.
        cpu_seconds: processor time of each process.
        file_size: bytes of each file that is written, 1 GiB.
        tmpfs: bytes of ``/tmp`` and of ``/dev/shm``, each; they count as memory of the machine.

    Raises:
        ConfigError: an argument cannot be used.
    """

    label = "the bubblewrap executor"
    isolation: Isolation = "container"
    network = False

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
        network: bool = False,
        read_only: Sequence[Path | str] = (),
        memory: int | None = 4 << 30,
        processes: int | None = 256,
        cpu_seconds: int | None = None,
        file_size: int | None = 1 << 30,
        tmpfs: int = 256 << 20,
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
        if self.work_dir == Path("/"):
            msg = f"{self.label}: the work directory cannot be {self.work_dir}, which is the whole machine"
            raise ConfigError(msg)
        self.network = bool(network)
        self.isolation = "process" if memory is None or processes is None else "container"
        self._limits = limits_of(self.label, memory=memory, cpu_seconds=cpu_seconds, file_size=file_size)
        self._processes = None if processes is None else self._whole("processes", processes)
        self._python, bin_path = interpreter(virtual_env_context)
        self._sandbox = Sandbox(
            read_only=(*python_folders(self._python, own=virtual_env_context is None), *self._readable(read_only)),
            network=self.network,
            tmpfs=self._whole("tmpfs", tmpfs),
        )
        made = code_environment(os.environ, {}, bin_path)
        places = {"HOME": _HOME, "TMPDIR": _HOME, "PATH": visible_path(made["PATH"], self._sandbox, self.work_dir)}
        self._environment = code_environment({**os.environ, **places}, env or {}, None) | _virtual(made, bin_path, env)

    def open_session(self, folder: Path) -> SandboxRunner:
        """Try the sandbox once, so that a machine which cannot make it says so, and get ready to start programs."""
        return SandboxRunner(self._sandbox, folder, self._environment, self._limits, self._processes)

    def program(self, language: Language) -> str | None:
        """The program that runs a language, if it is installed where the code can see it."""
        return self._python if language is LANGUAGES["python"] else language.program(self._environment["PATH"])

    def _readable(self, paths: Sequence[Path | str]) -> list[Path]:
        given: list[Any] = list(paths)
        for path in given:
            if (
                isinstance(paths, str)
                or not isinstance(path, (str, Path))
                or not Path(path).exists()
                or Path(path) == Path("/")
            ):
                msg = (
                    f"{self.label}: read_only is a list of paths that exist, without the root; {path!r} cannot be in it"
                )
                raise ConfigError(msg)
        return [Path(path).absolute() for path in given]

    def _whole(self, name: str, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            msg = f"{self.label}: {name} is a whole number above 0, not {value!r}"
            raise ConfigError(msg)
        return value


def _virtual(made: Mapping[str, str], bin_path: str | None, env: Mapping[str, str] | None) -> dict[str, str]:
    """What tells programs of the virtual environment, unless the user tells them something else."""
    return {"VIRTUAL_ENV": made["VIRTUAL_ENV"]} if bin_path and "VIRTUAL_ENV" not in (env or {}) else {}
