"""What a container keeps from the code in it: the defaults, each relaxed by one option, and what is refused."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final, cast

from docker.errors import DockerException
from docker.types import DeviceRequest, LogConfig, Mount, Ulimit
from docker.utils import parse_bytes

from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate_docker_executor._api import Api

WORKSPACE: Final = "/workspace"
"""Where the work directory is in the container."""

_ULIMITS: Final = {"core": 0, "fsize": 1 << 30, "nofile": 1024, "nproc": 4096}
"""Bytes for ``core`` and ``fsize``, numbers for the others; ``nproc`` counts the user's processes everywhere."""

_GRANTED: Final = frozenset(
    """
    AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID
    SYS_CHROOT
    """.split()
)
"""What Docker grants a container by itself (https://docs.docker.com/engine/containers/run/); more is refused."""

_SOCKETS: Final = (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
)
"""Who reaches one of these commands the engine, and so the machine."""


@dataclass(frozen=True, slots=True)
class Confinement:
    """What code in a container can use and reach.

    Attributes:
        network: False for none, True for the engine's default network, or the name of a network.
        memory: bytes, or a text such as ``"1g"``; there is no swap beside it, and ``/tmp`` counts.
        cpus: how many processors' time.
        pids: how many processes and threads.
        tmpfs: the size of ``/tmp``, as ``memory``.
        read_only: whether the container's own file system cannot be written.
        capabilities: Linux capabilities that are kept; Docker's own defaults at most.
        new_privileges: whether set-user-ID programs work.
        ulimits: resource limits by name, over the defaults.
        gpus: ``"all"``, how many, or the identifiers of some.
        volumes: folders of the engine's machine, by path, and where they are in the container; read-only unless the
            place ends with ``:rw``.

    Raises:
        ConfigError: one of them cannot be used, or would give the code the machine.
    """

    network: bool | str = False
    memory: int | str = "1g"
    cpus: float = 1
    pids: int = 256
    tmpfs: int | str = "256m"
    read_only: bool = True
    capabilities: Sequence[str] = ()
    new_privileges: bool = False
    ulimits: Mapping[str, int] = field(default_factory=dict[str, int])
    gpus: str | int | Sequence[str] | None = None
    volumes: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        _check_network(self.network)
        for name in ("memory", "tmpfs"):
            _size(name, getattr(self, name))
        for name in ("cpus", "pids"):
            _check(_is_number(value := getattr(self, name)) and value > 0, name, value, "a positive number")
        _check_capabilities(self.capabilities)
        for name, limit in self.ulimits.items():
            _check(_is_number(limit), f"ulimits[{name!r}]", limit, "a number, -1 for no limit")
        _devices(self.gpus)
        for source, target in self.volumes.items():
            _check(target.startswith("/"), f"volumes[{source!r}]", target, "an absolute path in the container")
            check_source(source, f"volumes[{source!r}]")

    def host_config(self, api: Api, work_dir: str) -> dict[str, Any]:
        """The engine's words for it; ``work_dir`` is where the engine finds the work directory."""
        size = _size("tmpfs", self.tmpfs)
        mounts = [Mount(WORKSPACE, work_dir, type="bind"), *map(_mount, self.volumes.items())]
        limits = {**_ULIMITS, **self.ulimits}
        memory = _size("memory", self.memory)
        return api.create_host_config(
            auto_remove=True,
            cap_add=list(self.capabilities),
            cap_drop=["ALL"],
            device_requests=_devices(self.gpus),
            init=True,
            log_config=LogConfig(type="none"),
            mem_limit=memory,
            memswap_limit=memory,
            mounts=mounts,
            nano_cpus=int(self.cpus * 1e9),
            network_mode=_network_mode(self.network),
            pids_limit=int(self.pids),
            read_only=self.read_only,
            security_opt=[] if self.new_privileges else ["no-new-privileges:true"],
            tmpfs={"/tmp": f"rw,exec,nosuid,nodev,mode=1777,size={size}"},  # noqa: S108 - the container's own
            ulimits=[Ulimit(name=name, soft=limit, hard=limit) for name, limit in limits.items()],
        )


def check_source(path: str, place: str) -> None:
    """Refuse to show code a folder in which an engine can be commanded, or a socket.

    Raises:
        ConfigError: it is one, or no absolute path.
    """
    _check(Path(path).is_absolute() or path.startswith("/"), place, path, "an absolute path")
    real = Path(path).resolve()
    reached = [socket for socket in _sockets() if {real, Path(path)} & {socket, *socket.parents}]
    if reached or (real.exists() and stat.S_ISSOCK(real.stat().st_mode)):
        shown = reached[0] if reached else path
        msg = (
            f"the docker executor: {place}: {path} is refused: code that reaches the socket {shown} commands the engine, "
            "and with it the machine; give a folder that holds nothing but what the code needs"
        )
        raise ConfigError(msg)


def _sockets() -> list[Path]:
    """Where engines listen: the usual places, whether one does or not, and those of this user where one does."""
    named = os.environ.get("DOCKER_HOST", "")
    runtime = os.environ.get("XDG_RUNTIME_DIR") or "/nowhere"
    theirs = (f"{runtime}/docker.sock", f"{runtime}/podman/podman.sock", "~/.docker/run/docker.sock")
    found = [socket for name in theirs if (socket := Path(name).expanduser()).exists()]
    return [
        *map(Path, _SOCKETS),
        *found,
        *([Path(named.removeprefix("unix://"))] if named.startswith("unix://") else []),
    ]


def _network_mode(network: bool | str) -> str:
    return network if isinstance(network, str) else "default" if network else "none"


def _check_network(network: Any) -> None:
    _check(
        isinstance(network, bool) or (isinstance(network, str) and network), "network", network, "True, False or a name"
    )
    if isinstance(network, str) and network.partition(":")[0] in {"host", "container"}:
        msg = (
            f"the docker executor: network={network!r} is refused: code would reach the services of this machine or of "
            "another container as if it were there; make a network for it (`docker network create`) and name that"
        )
        raise ConfigError(msg)


def _check_capabilities(given: Sequence[str]) -> None:
    for name in given:
        if name.upper().removeprefix("CAP_") not in _GRANTED:
            msg = (
                f"the docker executor: capabilities: {name} is refused, it is a way out of the container; "
                f"what can be given is {', '.join(sorted(_GRANTED))}"
            )
            raise ConfigError(msg)


def _devices(gpus: Any) -> list[DeviceRequest] | None:
    if gpus is None:
        return None
    if gpus == "all" or (_is_number(gpus) and gpus > 0):
        return [DeviceRequest(count=-1 if gpus == "all" else gpus, capabilities=[["gpu"]])]
    named = cast("Sequence[str]", gpus) if isinstance(gpus, (list, tuple)) else ()
    _check(named, "gpus", cast("object", gpus), '"all", a positive number, or a list of identifiers')
    return [DeviceRequest(device_ids=list(named), capabilities=[["gpu"]])]


def _mount(volume: tuple[str, str]) -> Mount:
    target = volume[1].removesuffix(":rw")
    return Mount(str(PurePosixPath(target)), volume[0], type="bind", read_only=target == volume[1])


def _size(name: str, given: Any) -> int:
    """A size in bytes."""
    try:
        size = parse_bytes(given) if isinstance(given, str) else given
    except DockerException:
        size = 0
    _check(_is_number(size) and size > 0, name, given, 'a number of bytes, or a text such as "512m"')
    return int(size)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _check(holds: object, name: str, given: object, wanted: str) -> None:
    if not holds:
        msg = f"the docker executor: {name} is {wanted}, not {given!r}"
        raise ConfigError(msg)
