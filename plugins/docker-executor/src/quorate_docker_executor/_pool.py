"""The containers of a started executor: one for each command that runs at the same time, kept warm in between."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final

from quorate.errors import ExecutorError
from quorate_docker_executor._container import Command, Container, Gone, Plan, wrapped

if TYPE_CHECKING:
    from quorate.coding import Job, WorkDir
    from quorate_docker_executor._api import Api

_WARM: Final = 4
"""Containers that are kept when nothing runs."""
_PROBE: Final = "tmp_code_"
"""How the names of files begin that are not reported."""
_READABLE: Final = 0o644


class Pool:
    """Runs jobs in containers.

    Args:
        api: the engine.
        address: its address, for messages.
        plan: how containers are made.
        reuse: whether a container is used again, or every job gets a fresh one.
        foreign: whether the code runs as another user than the one who saves its files.
    """

    def __init__(self, api: Api, address: str, plan: Plan, *, reuse: bool, foreign: bool) -> None:
        self._api, self._address, self._plan = api, address, plan
        self._reuse, self._foreign = reuse, foreign
        self._lock = threading.Lock()
        self._idle: list[Container] = []
        self._busy: set[Container] = set()
        self._usable = True
        self._folder: tuple[int, int] | None = None

    def run(self, job: Job) -> int:
        """Run one job in a container of its own; gives the exit code.

        Raises:
            ExecutorError: the engine cannot run it.
        """
        if self._foreign:
            _make_readable(job.command[-1], job.folder_fd)
        self._follow(job)
        container, command = self._begun(job)
        try:
            return container.finish(command, job)
        except ExecutorError:
            container.lost, self._usable = True, False  # the next call looks for the engine and its image anew
            raise
        finally:
            self._give_back(container)

    def usable(self) -> bool:
        """Whether the engine answered the last time."""
        return self._usable

    def close(self) -> None:
        """Remove every container."""
        with self._lock:
            self._usable = False
            containers = [*self._idle, *self._busy]
            self._idle.clear()
        for container in containers:
            container.close()
        self._api.close()

    def check(self, folder: WorkDir) -> str:
        """Start the first container; what keeps code in it from using the work directory, empty when nothing does."""
        probe = folder.save_new(_PROBE, "", b"")
        if self._foreign:
            _make_readable(probe, folder.fd)
        try:
            container, _ = self._take()
            try:
                return container.check(probe)
            except Gone as error:
                raise self._short_lived(error) from error
            finally:
                self._give_back(container, fresh=True)
        finally:
            folder.remove(probe)

    def _begun(self, job: Job) -> tuple[Container, Command]:
        """Start a job in a container; one that ended while nobody looked is replaced."""
        while True:
            container, fresh = self._take()
            try:
                return container, container.begin(wrapped(job.command))
            except BaseException as error:
                container.lost = True
                self._give_back(container)
                if not isinstance(error, Gone):
                    raise
                if fresh:
                    raise self._short_lived(error) from error

    def _follow(self, job: Job) -> None:
        """Give up containers that still have a work directory which was removed and made again."""
        status = job.folder.stat() if job.folder_fd is None else os.fstat(job.folder_fd)
        folder = (status.st_dev, status.st_ino)
        with self._lock:
            known, self._folder = self._folder, folder
            outdated = self._idle if known not in (None, folder) else []
            if outdated:
                self._idle = []
        for container in outdated:
            container.close()

    def _short_lived(self, gone: Gone) -> ExecutorError:
        return ExecutorError(
            f"code cannot be run in a new container of {self._plan.image!r}, which must have a POSIX shell, `sh`: "
            f"{gone.__cause__}"
        )

    def _take(self) -> tuple[Container, bool]:
        """A container that nobody else uses, and whether it was started now."""
        with self._lock:
            if self._idle:
                container = self._idle.pop()
                self._busy.add(container)
                return container, False
        container = Container(self._api, self._plan, self._address)
        with self._lock:
            self._busy.add(container)
        return container, True

    def _give_back(self, container: Container, *, fresh: bool = False) -> None:
        with self._lock:
            self._busy.discard(container)
            keep = self._usable and not container.lost and (self._reuse or fresh) and len(self._idle) < _WARM
            if keep:
                self._idle.append(container)
        if not keep:
            container.close()


def _make_readable(name: str, folder: int | None) -> None:
    """Let another user read a file of ours, which is saved for us alone."""
    if folder is None:
        return  # this platform has no such rights
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder)
    except OSError:
        return  # the last argument of another command; or code put something else in the file's place
    try:
        os.fchmod(descriptor, _READABLE)
    finally:
        os.close(descriptor)
