"""The local executor: runs code on this machine, as this user. It is not a sandbox."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

import anyio
import anyio.to_thread

from quorate.coding._environment import code_environment, own_bin_path
from quorate.coding._languages import LANGUAGES
from quorate.coding._one_block import Settings, run_block
from quorate.coding._output import Output
from quorate.coding._processes import PlainRunner, Runner, Stop
from quorate.coding._workdir import WorkDir, is_private, make_private, remove_private
from quorate.coding.protocol import CodeResult
from quorate.errors import ConfigError, ExecutorError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from quorate.coding.protocol import CodeBlock

_REFUSED: Final = 1
"""The exit code of a block that was not run."""
_STOPPING: Final = 10.0
"""Seconds that a cancelled call waits for the end of its processes."""


class VirtualEnvironment(Protocol):
    """What ``venv.EnvBuilder.ensure_directories`` gives (AutoGen 0.2's ``create_virtual_env`` gives it too)."""

    bin_path: str
    env_exe: str


class LocalCommandLineCodeExecutor:
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
        env: more environment variables for the code; what is named here is given to it, keys included.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.
        shield: keep the code from reading and signalling other processes. It also keeps ``sudo`` from working.

    Raises:
        ConfigError: an argument cannot be used.
    """

    def __init__(
        self,
        timeout: float = 60,
        virtual_env_context: VirtualEnvironment | Path | str | None = None,
        work_dir: Path | str | None = None,
        *,
        execution_policies: Mapping[str, bool] | None = None,
        env: Mapping[str, str] | None = None,
        output_limit: int = 65_536,
        shield: bool = True,
    ) -> None:
        self.timeout = _positive("timeout", timeout)
        self.execution_policies = _policies(execution_policies or {})
        self._output_limit = int(_positive("output_limit", output_limit))
        self._python, bin_path = _interpreter(virtual_env_context)
        self._environment = code_environment(os.environ, _variables(env or {}), bin_path)
        self._shield = shield
        self._given = Path(work_dir).absolute() if work_dir is not None else None
        self._lock = threading.Lock()
        self._running: set[Stop] = set()
        self._runner: Runner | None = None
        self._cleanup: weakref.finalize[[Runner, Path | None, int], LocalCommandLineCodeExecutor] | None = None
        self._known: dict[str, tuple[int, int, int]] = {}
        self.work_dir = self._given

    async def start(self) -> None:
        """Make the work directory and get ready to run code; starting twice is fine.

        Raises:
            ExecutorError: this machine cannot do it; says why.
        """
        await anyio.to_thread.run_sync(self._start, limiter=_unlimited())

    async def stop(self) -> None:
        """End what runs, and remove a private work directory; stopping twice is fine."""
        await anyio.to_thread.run_sync(self._stop, limiter=_unlimited())

    async def restart(self) -> None:
        """Stop and start; a private work directory is a new and empty one afterwards."""
        await self.stop()
        await self.start()

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock]) -> CodeResult:
        """Run the blocks in order until one fails.

        A failed, refused or timed-out block is a result. When the call is cancelled, its processes are ended first.

        Args:
            blocks: the code. A first line ``# filename: x`` (or what is a comment in the language) saves the block
                under that name, which cannot lead out of the work directory.

        Returns:
            Exit code (124 for a time-out, 128 + n for signal n), the output of all blocks, and the new and
            changed files.

        Raises:
            ExecutorError: code cannot be run at all on this machine.
        """
        stop = Stop()
        try:
            return await anyio.to_thread.run_sync(
                self._execute, tuple(blocks), stop, abandon_on_cancel=True, limiter=_unlimited()
            )
        except anyio.get_cancelled_exc_class():
            stop.ask()
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(stop.finished.wait, _STOPPING, limiter=_unlimited())
            raise

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _start(self) -> tuple[Runner, Path]:
        with self._lock:
            if self._given is None and self.work_dir is not None and not is_private(self.work_dir):
                self._close()  # code removed its private directory
            if self._runner is None or self.work_dir is None:
                self._runner = _runner(self._environment, shield=self._shield)
                self.work_dir = self._given or _made(None)
                private = self.work_dir if self._given is None else None
                self._cleanup = weakref.finalize(self, _clean, self._runner, private, os.getpid())
            _made(self.work_dir)
            return self._runner, self.work_dir

    def _stop(self) -> None:
        with self._lock:
            running = list(self._running)
        for stop in running:
            stop.ask()
        for stop in running:
            stop.finished.wait(_STOPPING)
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._cleanup is not None:
            self._cleanup()
        self._runner = self._cleanup = None
        self.work_dir = self._given
        self._known = {}

    def _execute(self, blocks: tuple[CodeBlock, ...], stop: Stop) -> CodeResult:
        if not blocks:
            return CodeResult(_REFUSED, "There is no code block to run.\n")
        with self._lock:
            if not stop.begin():
                return CodeResult(_REFUSED, "Stopped before it began.\n")
            self._running.add(stop)
        try:
            runner, path = self._start()
            with contextlib.closing(WorkDir(path)) as folder:
                return self._run(runner, folder, stop, blocks)
        except OSError as error:
            msg = f"the local executor cannot use its work directory: {error}"
            raise ExecutorError(msg) from error
        finally:
            stop.finished.set()
            with self._lock:
                self._running.discard(stop)

    def _run(self, runner: Runner, folder: WorkDir, stop: Stop, blocks: tuple[CodeBlock, ...]) -> CodeResult:
        output, began = Output(self._output_limit), folder.now()
        settings = Settings(self.timeout, self._python, self._environment["PATH"], self.execution_policies)
        exit_code, code_file = 0, None
        for block in blocks:
            exit_code, code_file = run_block(block, settings, runner, folder, output, stop)
            if exit_code != 0 or stop.asked:
                break
        changed = folder.changed_since(began)
        # A file of the run before may carry the very moment at which this one began.
        files = sorted(name for name, state in changed.items() if self._known.get(name) != state)
        self._known = changed
        return CodeResult(exit_code, output.text(), code_file, tuple(files))


def _unlimited() -> anyio.CapacityLimiter:
    """Code may run for long; it must not take the threads that others wait for."""
    return anyio.CapacityLimiter(math.inf)


def _runner(environment: Mapping[str, str], *, shield: bool) -> Runner:
    if sys.platform != "linux":
        return PlainRunner(environment)
    from quorate.coding._watched import KeptRunner

    runner = KeptRunner(environment, shield=shield)
    runner.prepare()
    return runner


def _made(path: Path | None) -> Path:
    """The work directory, made when it is absent; a private one without a path."""
    try:
        if path is None:
            return make_private()
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        msg = f"the local executor cannot make its work directory: {error}; give another work_dir"
        raise ExecutorError(msg) from error
    return path


def _clean(runner: Runner, private: Path | None, owner: int) -> None:
    runner.close()
    if private is not None:
        remove_private(private, owner)


def _positive(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
        msg = f"the local executor's {name} is a positive number, not {value!r}"
        raise ConfigError(msg)
    return value


def _variables(given: Mapping[Any, Any]) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name or "=" in name or "\0" in name + value:
            msg = f"the local executor's env holds texts by name; {name!r} cannot be a variable with the value given"
            raise ConfigError(msg)
    return dict(given)


def _policies(given: Mapping[str, bool]) -> dict[str, bool]:
    """By the language's own name, whether it is run."""
    if unknown := sorted(given.keys() - LANGUAGES.keys()):
        msg = f"execution_policies names {unknown[0]!r}; the local executor knows {', '.join(LANGUAGES)}"
        raise ConfigError(msg)
    default = {language.name: language.run for language in LANGUAGES.values()}
    return default | {LANGUAGES[name].name: bool(run) for name, run in given.items()}


def _interpreter(context: VirtualEnvironment | Path | str | None) -> tuple[str, str | None]:
    """The Python that runs code, and the folder of its virtual environment's programs."""
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
