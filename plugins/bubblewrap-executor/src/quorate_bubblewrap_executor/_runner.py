"""Running commands in the sandbox; whether this machine can make it is found out before the first."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from quorate.coding import exit_code, process_runner
from quorate.errors import ExecutorError, MissingDependency
from quorate_bubblewrap_executor._group import ProcessGroup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from quorate.coding import Job
    from quorate_bubblewrap_executor._sandbox import Sandbox

_PATIENCE: Final = 30.0
"""Seconds that the sandbox may take to start on a busy machine."""
_LIMITED: Final = 'ulimit -u "$0" 2>/dev/null || ulimit -p "$0"; exec "$@"'
"""Sets the limit inside, where only the sandbox's own processes count (Linux 5.14). Shells differ in the letter."""
_SIGNALS: Final = range(128 + 1, 128 + 65)
"""What ``bwrap`` gives for a program that was ended by a signal."""
_REMEDIES: Final = """\
It needs bubblewrap 0.8 or later, and a kernel that lets this user make user namespaces: sysctl kernel.unprivileged_userns_clone=1 \
(Debian 10), user.max_user_namespaces above 0, kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu 24.04). In a \
container it needs one that may mount /proc; there, use docker-executor"""


class SandboxRunner:
    """Runs jobs, each in a sandbox of its own.

    Args:
        sandbox: what is in it.
        folder: the work directory.
        environment: of the commands, whole.
        limits: resource limits of each process, as ``process_runner`` takes them.
        processes: how many processes and threads there may be at once; None for no limit.

    Raises:
        ExecutorError: this machine cannot make the sandbox, or not within these limits; says why, and what to do.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        folder: Path,
        environment: Mapping[str, str],
        limits: Mapping[str, tuple[int, int]],
        processes: int | None,
    ) -> None:
        self._prefix = [_program(), *sandbox.arguments(folder)]
        _probe(self._prefix, environment)
        self._group = ProcessGroup(processes) if processes is not None and os.geteuid() == 0 else None
        if processes is not None and self._group is None:
            self._prefix += ["/bin/sh", "-c", _LIMITED, str(processes)]
        self._runner = process_runner(environment, limits=limits)

    def run(self, job: Job) -> int:
        """Run one job and give its exit code, 124 when its time ran out."""
        entered = self._group.enter() if self._group else []
        code = self._runner.run(replace(job, command=(*entered, *self._prefix, *job.command)))
        return exit_code(128 - code, job.output) if code in _SIGNALS and not job.stop.asked else code

    def usable(self) -> bool:
        """Until it is closed."""
        return self._runner.usable()

    def close(self) -> None:
        """End what waits for the next job."""
        self._runner.close()
        if self._group:
            self._group.close()


def _program() -> str:
    if sys.platform != "linux":
        msg = (
            f"the bubblewrap executor needs Linux's namespaces, which {sys.platform} does not have; use docker-executor"
        )
        raise ExecutorError(msg)
    if (program := shutil.which("bwrap")) is None:
        msg = "the bubblewrap executor needs the program bwrap, which is not in PATH; apt-get install bubblewrap"
        raise MissingDependency(msg)
    return program


def _probe(prefix: list[str], environment: Mapping[str, str]) -> None:
    """Start a program that does nothing in the sandbox."""
    try:
        tried = subprocess.run(
            [*prefix, "/bin/sh", "-c", ":"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=False,
            timeout=_PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"the bubblewrap executor cannot start {prefix[0]}: {error}"
        raise ExecutorError(msg) from error
    if tried.returncode != 0:
        told = tried.stderr.decode("utf-8", "replace").strip()
        msg = f"this machine does not let bubblewrap make a sandbox: {told or f'exit code {tried.returncode}'}. {_REMEDIES}"
        raise ExecutorError(msg)
