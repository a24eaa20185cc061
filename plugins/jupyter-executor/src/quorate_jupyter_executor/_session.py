"""What an executor holds while it is started: a kernel, a new one when that ended, and the files of both."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

from quorate.coding import process_runner
from quorate.errors import ExecutorError
from quorate_jupyter_executor._kernel import Kernel
from quorate_jupyter_executor._private import PrivateDir

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.coding import Run

_PYTHON: Final = ("python", "py", "python3", "ipython")
_OPTIONS: Final = ("--IPKernelApp.outstream_class=None", "--HistoryManager.enabled=False")
"""Output goes to its own pipe, which holds the code up when it is full, as pipes do; no history in a file."""
_LAUNCH: Final = Path(__file__).with_name("_launch.py")
_TICK: Final = 0.1
_STOPPED: Final = 137


class KernelSession:
    """A kernel for one caller at a time.

    Args:
        name: an installed kernel; None for IPython with our own Python.
        folder: where it runs.
        environment: of the kernel.
        shield: keep it from reading and signalling other processes, where the system can.

    Attributes:
        languages: what its cells may be.

    Raises:
        ExecutorError: there is no such kernel, or it cannot be started.
    """

    def __init__(self, name: str | None, folder: Path, environment: Mapping[str, str], *, shield: bool) -> None:
        self._argv, language, settings = _specification(name)
        self.languages = _PYTHON if language == "python" else (language,)
        self._folder, self._lock, self._made = folder, threading.Lock(), 0
        self._private = PrivateDir()
        try:
            own = {"IPYTHONDIR": str(self._private.path / "ipython")}
            self._runner = process_runner({**settings, **environment, **own}, shield=shield)
            self._kernel = self._started()
        except BaseException:
            self._private.remove()
            raise

    def run(self, code: str, run: Run) -> int:
        """Run a cell when those before it are over; a kernel that has ended is replaced first."""
        while not self._lock.acquire(timeout=_TICK):
            if run.stop.asked:
                return _STOPPED
        try:
            if not self._kernel.alive:
                self._kernel.close()
                self._kernel = self._started()
            return self._kernel.run(code, run)
        finally:
            self._lock.release()

    def usable(self) -> bool:
        """Until it is closed."""
        return self._runner.usable()

    def close(self) -> None:
        """End the kernel, and remove its files."""
        self._kernel.close()
        self._runner.close()
        self._private.remove()

    def _started(self) -> Kernel:
        self._made += 1
        place = self._private.path / f"k{self._made}"
        python = self.languages is _PYTHON
        return Kernel(self._runner, self._command, self._folder, place, python=python)

    def _command(self, file: str) -> list[str]:
        return [word.replace("{connection_file}", file) for word in self._argv]


def _specification(name: str | None) -> tuple[list[str], str, Mapping[str, str]]:
    """Command line, language and environment of a kernel."""
    if name is None:
        return [sys.executable, str(_LAUNCH), "-f", "{connection_file}", *_OPTIONS], "python", {}
    known = KernelSpecManager()
    try:
        found: Any = known.get_kernel_spec(name)
    except NoSuchKernel as error:
        names = ", ".join(sorted(known.find_kernel_specs())) or "none"
        msg = f"the jupyter executor: there is no Jupyter kernel named {name!r}; installed: {names}"
        raise ExecutorError(msg) from error
    argv = [str(word) for word in found.argv]
    if argv[0] in ("python", "python3"):
        argv[0] = sys.executable  # as Jupyter itself has it
    own = _OPTIONS if any("ipykernel" in word for word in argv) else ()
    return [*argv, *own], str(found.language).lower(), dict(found.env)
