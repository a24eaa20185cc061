"""The executor ``docker``: each block is a program in a hardened container."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quorate.coding import CommandLineExecutor, WorkDir, code_environment
from quorate.errors import ConfigError, ExecutorError
from quorate_docker_executor._confinement import Confinement, check_source
from quorate_docker_executor._container import Plan
from quorate_docker_executor._engine import asking, connect, find_image, is_rootless
from quorate_docker_executor._lease import reap
from quorate_docker_executor._pool import Pool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.coding import Language
    from quorate.coding.functions import GivenFunction
    from quorate.records import Isolation
    from quorate_docker_executor._api import Api

DEFAULT_IMAGES: Final = ("python:3-slim", "python:3")
"""What AutoGen 0.2 means by ``use_docker=True``."""


class DockerCommandLineCodeExecutor(CommandLineExecutor):
    """Runs code blocks as programs in a container of a Docker engine, or of one that speaks its protocol (Podman).

    The engine is the one that ``DOCKER_HOST``, the docker command's context or the platform's default names. The
    container is started with the first block and kept for the next ones; calls that run side by side get a container
    each. The work directory is ``/workspace`` in it; nothing else of this machine is there. When a block ends, no
    process of it is left; when this process ends, however it ends, so does the container.

    Every argument from ``network`` on relaxes or tightens one default.

    Args:
        image: the image, or several: the first that the engine has, else the first that can be pulled.
        timeout: seconds that each block may run.
        work_dir: where files are saved, made when it is absent; without it, a private directory that is removed at
            the end.
        bind_dir: the path by which the engine's machine knows ``work_dir``, when it is another: quorate runs in a
            container itself, or the engine on another machine that shares the folder.
        execution_policies: by language, whether a block is run or only saved, over AutoGen 0.2's defaults (all
            are run but javascript, html and css).
        languages: further languages, by name; the command that runs a file of it in the image.
        functions: functions that Python code may import, with the packages that they need; missing packages are
            installed into the container that is kept, where code reaches the network.
        functions_module: the module from which it imports them.
        env: environment variables for the code, over those of the image. Nothing of our environment is there.
        output_limit: bytes of output that are kept of one call, half from its beginning and half from its end.
        reuse: keep the container for the next block; without it each block gets a fresh one.
        user: whose rights the code has, ``"uid:gid"`` or a name that the image knows; by default the user who runs
            this process, so that files are theirs.
        network: False for none, True for the engine's default network, or the name of one.
        memory: bytes, or a text such as ``"2g"``. There is no swap beside it, and ``/tmp`` counts.
        cpus: how many processors' time.
        pids: how many processes and threads.
        tmpfs: the size of ``/tmp``, as ``memory``.
        read_only: whether everything but the work directory and ``/tmp`` can only be read.
        capabilities: Linux capabilities that are kept, none by default and Docker's own defaults at most.
        new_privileges: whether set-user-ID programs work.
        ulimits: resource limits by name, over ``core`` 0, ``fsize`` 1 GiB, ``nofile`` 1024, ``nproc`` 4096.
        gpus: ``"all"``, how many, or a list of identifiers.
        volumes: more folders of the engine's machine and where they are in the container, read-only unless that place
            ends with ``:rw``: ``{"/data/books": "/books"}``.
        privileged: refused when true.

    Raises:
        ConfigError: an argument cannot be used, or would give the code this machine.
    """

    label = "the docker executor"
    isolation: Isolation = "container"
    network = False

    def __init__(
        self,
        image: str | Sequence[str] = DEFAULT_IMAGES,
        timeout: float = 60,
        work_dir: Path | str | None = None,
        bind_dir: Path | str | None = None,
        *,
        execution_policies: Mapping[str, bool] | None = None,
        languages: Mapping[str, Language | str | Sequence[str]] | None = None,
        functions: Sequence[GivenFunction] = (),
        functions_module: str = "functions",
        env: Mapping[str, str] | None = None,
        output_limit: int = 65_536,
        reuse: bool = True,
        user: str | None = None,
        network: bool | str = False,
        memory: int | str = "1g",
        cpus: float = 1,
        pids: int = 256,
        tmpfs: int | str = "256m",
        read_only: bool = True,
        capabilities: Sequence[str] = (),
        new_privileges: bool = False,
        ulimits: Mapping[str, int] | None = None,
        gpus: str | int | Sequence[str] | None = None,
        volumes: Mapping[str, str] | None = None,
        privileged: bool = False,
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
        if privileged:
            msg = f"{self.label}: privileged=True is refused, it hands the machine to the code; relax single limits"
            raise ConfigError(msg)
        if bind_dir is not None and work_dir is None:
            msg = f"{self.label}: bind_dir says how the engine finds work_dir, so give work_dir too"
            raise ConfigError(msg)
        self.images = _names(image)
        self._confinement = Confinement(
            network=network,
            memory=memory,
            cpus=cpus,
            pids=pids,
            tmpfs=tmpfs,
            read_only=read_only,
            capabilities=tuple(capabilities),
            new_privileges=new_privileges,
            ulimits=ulimits or {},
            gpus=gpus,
            volumes=volumes or {},
        )
        self.network = network is not False
        self._bind_dir = str(bind_dir or (Path(work_dir).absolute() if work_dir else ""))
        if self._bind_dir:
            check_source(self._bind_dir, "bind_dir" if bind_dir else "work_dir")
        self._environment = _environment(env or {})
        self._user, self._reuse = user, reuse

    def open_session(self, folder: Path) -> Pool:
        """Find the engine and the image, remove what dead processes left, and start a container."""
        api, address = connect()
        try:
            pool = self._pool(api, address, str(self._bind_dir or folder))
        except BaseException:
            api.close()
            raise
        try:
            self._look_at(pool, folder)
        except BaseException:
            pool.close()
            raise
        return pool

    def program(self, language: Language) -> str | None:
        """What may run a language in the image; the container takes the first that is there."""
        return ":".join(language.programs)

    def _pool(self, api: Api, address: str, source: str) -> Pool:
        with asking(address, "list its containers"):
            reap(api)
        user = self._user or ("0:0" if is_rootless(api, address) else _caller())
        plan = Plan(
            image=find_image(api, self.images, address),
            user=user,
            environment=self._environment,
            host_config=self._confinement.host_config(api, source),
            memory=self._confinement.memory,
        )
        foreign = self._user is not None and self._user.partition(":")[0] != _caller().partition(":")[0]
        return Pool(api, address, plan, reuse=self._reuse, foreign=foreign)

    def _look_at(self, pool: Pool, folder: Path) -> None:
        """Make sure that the container has the work directory, and not another folder of that name."""
        with contextlib.closing(WorkDir(folder)) as work:
            fault = pool.check(work)
        if fault:
            msg = (
                f"{self.label} cannot use the work directory {folder}: {fault}. When quorate runs in a container or the "
                "engine on another machine, give work_dir, and as bind_dir the path by which the engine knows the same "
                "folder; else give a work_dir that this user may write in, or the user that may"
            )
            raise ExecutorError(msg)


def _names(image: Any) -> tuple[str, ...]:
    names: tuple[Any, ...] = (image,) if isinstance(image, str) else tuple(image)
    if not names or not all(isinstance(name, str) and name for name in names):
        msg = f"the docker executor: image is a name or a list of names, not {image!r}"
        raise ConfigError(msg)
    return names


def _caller() -> str:
    """The user and group of this process; where there are none the engine maps any user to us."""
    return f"{os.getuid()}:{os.getgid()}" if hasattr(os, "getuid") else "1000:1000"


def _environment(given: Mapping[Any, Any]) -> dict[str, str]:
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name or "=" in name or "\0" in name + value:
            msg = f"the docker executor's env holds texts by name; {name!r} cannot be a variable with the value given"
            raise ConfigError(msg)
    made = code_environment({}, given, None)
    if "PATH" not in given:
        del made["PATH"]  # the image's own
    return {"HOME": "/tmp", **made}  # noqa: S108 - the container's own
