"""The Docker engine: reaching it, its images, and what to do when one of them cannot be used."""

from __future__ import annotations

import socket
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, cast

import docker
from docker.context import ContextAPI
from docker.errors import APIError, DockerException, ImageNotFound
from docker.utils import kwargs_from_env

from quorate.errors import ExecutorError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from quorate_docker_executor._api import Api

_DEFAULT: Final = "npipe:////./pipe/docker_engine" if sys.platform == "win32" else "unix:///var/run/docker.sock"
_OTHERWISE: Final = 'code runs without a container where the executor is "local" (use_docker=False)'
_START_IT: Final = (
    "start it (Docker Desktop, `sudo systemctl start docker`, or podman's `podman system service`), or say where one "
    f"listens with DOCKER_HOST or `docker context use`; {_OTHERWISE}"
)
_JOIN_IT: Final = (
    "put this user into the group that owns the socket (`sudo usermod -aG docker $USER`, then log in again), or use a "
    f"rootless engine and name it with DOCKER_HOST; {_OTHERWISE}"
)
_CONNECTIONS: Final = 100
"""Connections that are kept; the SDK's ten would make it warn when more blocks than that run side by side."""
_REMEDIES: Final = {
    "container-init binary not found": "install catatonit, which Podman needs for containers with an init process",
    "capabilities: [[gpu]]": "install the NVIDIA container toolkit for this engine, or leave gpus out",
    "bind source path does not exist": (
        "the engine sees other folders than this process does: when quorate runs in a container, or the engine on "
        "another machine, give work_dir, and as bind_dir the path by which the engine knows the same folder"
    ),
}
"""What to do about refusals, by a part of the engine's message."""


def connect() -> tuple[Api, str]:
    """Reach the engine that DOCKER_HOST, the docker command's context or the platform's default names.

    Returns:
        The connection, and the address for messages.

    Raises:
        ExecutorError: there is none, or it is not for us.
    """
    address = _DEFAULT
    try:
        settings: dict[str, Any] = {**kwargs_from_env()}
        if "base_url" not in settings:
            settings |= ContextAPI.kwargs_from_context()
        address = settings.get("base_url", address)
        _knock(address)
        return cast("Api", docker.APIClient(**settings, max_pool_size=_CONNECTIONS)), address
    except (DockerException, OSError) as error:
        raise unreachable(error, address) from error


def _knock(address: str) -> None:
    """Try a socket before the SDK does, which would leave it open when nobody answers."""
    path = address.removeprefix("unix://") if address.startswith("unix://") else ""
    if path and sys.platform != "win32":
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(path)


def unreachable(error: BaseException, address: str) -> ExecutorError:
    """What to say when the engine does not answer."""
    causes = list(_causes(error))
    if any(isinstance(cause, PermissionError) for cause in causes):
        return ExecutorError(f"permission denied at the Docker engine's socket {address}; {_JOIN_IT}")
    reason = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), causes[-1])
    return ExecutorError(f"no Docker engine answers at {address} ({reason}); {_START_IT}")


@contextmanager
def asking(address: str, what: str) -> Generator[None]:
    """Turn what the SDK raises while we ask for something into our error, with what to do about it."""
    try:
        yield
    except APIError as error:
        reason = str(error.explanation or error).strip()
        advice = "".join(f"; {remedy}" for sign, remedy in _REMEDIES.items() if sign in reason)
        msg = f"the Docker engine at {address} cannot {what}: {reason}{advice}"
        raise ExecutorError(msg) from error
    except ValueError as error:  # Podman's service answers for a container that goes away at this moment
        msg = f"the Docker engine at {address} answers no JSON when it is asked to {what}: {error}"
        raise ExecutorError(msg) from error
    except (DockerException, OSError) as error:
        raise unreachable(error, address) from error


def find_image(api: Api, names: Sequence[str], address: str) -> str:
    """The first of these images that is there, else the first that can be pulled.

    Raises:
        ExecutorError: none is; says why of each.
    """
    with asking(address, f"look for the image {names[0]!r}"):
        for name in names:
            if _is_there(api, name):
                return name
    reasons: list[str] = []
    for name in names:
        if not (reason := _pull(api, name)):
            return name
        reasons.append(f"{name} is not there and cannot be pulled: {reason}")
    msg = (
        f"the Docker engine at {address} has no image to run code in; {'; '.join(reasons)}; "
        f"name an image that it has (`docker image ls`), or pull one with `docker pull {names[0]}` where there is a network"
    )
    raise ExecutorError(msg)


def is_rootless(api: Api, address: str) -> bool:
    """Whether the engine runs as a user, so that this user is root inside its containers."""
    with asking(address, "tell about itself"):
        told: list[str] = api.info().get("SecurityOptions") or []
    return any("rootless" in option for option in told)


def _is_there(api: Api, name: str) -> bool:
    try:
        api.inspect_image(name)
    except ImageNotFound:
        return False
    return True


def _pull(api: Api, name: str) -> str:
    """Pull an image; why it could not be pulled, or an empty text."""
    try:
        for event in api.pull(name, stream=True, decode=True):
            if "error" in event:
                return str(event["error"])
    except APIError as error:
        return str(error.explanation or error)
    except (DockerException, OSError) as error:
        return str(error)
    return ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error, and all that it was made from: the SDK hides the system's error in the arguments of another."""
    yield error
    inner = [error.__cause__ or error.__context__, *error.args, getattr(error, "reason", None)]
    for cause in inner:
        if isinstance(cause, BaseException):
            yield from _causes(cause)
