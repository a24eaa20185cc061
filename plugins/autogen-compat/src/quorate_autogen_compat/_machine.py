"""What this machine has to run code with: Docker, virtual environments, PowerShell."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import sys
import venv
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from types import SimpleNamespace

WIN32 = sys.platform == "win32"

_ENGINE = "/var/run/docker.sock"
_PIPE = r"\\.\pipe\docker_engine"
_SECONDS = 3.0
_TRUE, _FALSE = ("1", "true", "yes", "t"), ("0", "false", "no", "f")


def decide_use_docker(use_docker: bool | str | list[str] | None) -> bool | str | list[str] | None:
    """What ``use_docker`` means: what was given, else what ``AUTOGEN_USE_DOCKER`` says, else True.

    Raises:
        ValueError: the environment variable says none of these.
    """
    if use_docker is not None:
        return use_docker
    named = os.environ.get("AUTOGEN_USE_DOCKER", "True").strip().lower()
    if named == "none":
        return None
    if named not in (*_TRUE, *_FALSE):
        msg = f"AUTOGEN_USE_DOCKER={named!r}: must be one of {', '.join((*_TRUE, *_FALSE))}, none"
        raise ValueError(msg)
    return named in _TRUE


def check_can_use_docker_or_throw(use_docker: bool | str | list[str] | None) -> None:
    """Refuse when Docker is wanted and no engine answers.

    Raises:
        RuntimeError: so it is; says what to do.
    """
    if use_docker and not in_docker_container() and not is_docker_running():
        msg = (
            "code is to run in a container, and no Docker engine answers: start one (and pip install "
            "quorate-docker-executor), or run code on this machine without a sandbox with use_docker=False in the "
            "code_execution_config or AUTOGEN_USE_DOCKER=0 in the environment, or run none with "
            "code_execution_config=False"
        )
        raise RuntimeError(msg)


def in_docker_container() -> bool:
    """Whether this program runs in a Docker container."""
    return Path("/.dockerenv").exists()


def is_docker_running() -> bool:
    """Whether a Docker engine answers: the one that ``DOCKER_HOST`` names, or that of the usual place."""
    host = urlsplit(os.environ.get("DOCKER_HOST", "") or (f"npipe://{_PIPE}" if WIN32 else f"unix://{_ENGINE}"))
    if host.scheme == "npipe":
        return Path(_PIPE).exists()
    try:
        with _connected(host.scheme, host.path, host.hostname or "localhost", host.port or 2375) as connection:
            if os.environ.get("DOCKER_TLS_VERIFY"):
                return True  # it listens; who may talk to it is the executor's business
            return _answers(connection)
    except (OSError, ValueError, http.client.HTTPException):
        return False


def _connected(scheme: str, path: str, host: str, port: int) -> socket.socket:
    if scheme != "unix":
        return socket.create_connection((host, port), _SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_SECONDS)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _answers(connection: socket.socket) -> bool:
    """Ask whether it is an engine (https://docs.docker.com/reference/api/engine/, ``/_ping``)."""
    connection.sendall(b"GET /_ping HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
    response = http.client.HTTPResponse(connection)
    try:
        response.begin()
    finally:
        response.close()
    return response.status == http.HTTPStatus.OK


def create_virtual_env(dir_path: str, **env_args: Any) -> SimpleNamespace:
    """Make a virtual environment, for ``virtual_env_context`` of the local executor.

    Args:
        dir_path: its folder.
        **env_args: arguments of ``venv.EnvBuilder``; pip is installed when none is given.
    """
    builder = venv.EnvBuilder(**env_args or {"with_pip": True})
    builder.create(dir_path)
    return builder.ensure_directories(dir_path)


def get_powershell_command() -> str:
    """The name of the PowerShell that is installed.

    Raises:
        FileNotFoundError: none is.
    """
    if found := next((name for name in ("powershell", "pwsh") if shutil.which(name)), None):
        return found
    msg = "PowerShell is not installed: there is neither powershell nor pwsh on the PATH"
    raise FileNotFoundError(msg)
