"""Runs a command with a Docker engine at hand, and leaves the machine as it was.

``python tests/real/docker_engine.py -- COMMAND...`` exits with the command's status, or 1 when a container of quorate is
left. An engine that answers already is used as it is. Where none does, one is started with a folder and a socket of its
own and ended afterwards; the command gets its ``DOCKER_HOST``, and its process ID as ``QUORATE_DOCKERD_PID``: an engine
that the command kills is started again, as a service manager would. Debian's ``docker.io`` is installed for that when
there is no ``dockerd``; both need root.

The images ``python:3-slim`` and ``python:3`` are built from this machine's files where they are missing, and their names
removed afterwards from an engine that is not ours.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException, ImageNotFound
from docker_image import build

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

IMAGES = ("python:3-slim", "python:3")
PACKAGES = ("docker.io", "iptables")
READY_WITHIN = 60.0  # seconds; half a second was seen
ENDS_WITHIN = 5.0
# Debian starts no service where this says so; it would not end with us.
NO_SERVICE = Path("/usr/sbin/policy-rc.d")


def main(arguments: Sequence[str] | None = None) -> int:
    """Find or start an engine, build the images, run the command; its status."""
    command = list(sys.argv[1:] if arguments is None else arguments)
    command = command[1:] if command[:1] == ["--"] else command
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    with ExitStack() as stack:
        told: dict[str, str] = {}
        if _answers() is None:
            engine = stack.enter_context(_started())
            os.environ["DOCKER_HOST"] = told["DOCKER_HOST"] = engine.address
            told["QUORATE_DOCKERD_PID"] = str(engine.pid)
        client = stack.enter_context(closing(docker.from_env()))
        print(f"engine: {client.version()['Version']}", flush=True)
        stack.enter_context(_images(client))
        before = _ours(client)
        status = subprocess.run(command, env={**os.environ, **told}, check=False).returncode if command else 0
        if left := _ours(client) - before:
            print(f"containers of quorate are left: {', '.join(sorted(left))}", flush=True)
        return status or int(bool(left))


def _answers() -> str | None:
    """The version of an engine that is there."""
    try:
        with closing(docker.from_env()) as client:
            return str(client.version()["Version"])
    except DockerException:
        return None


def _ours(client: docker.DockerClient) -> set[str]:
    found = client.api.containers(all=True, filters={"label": "quorate.owner"})
    return {each["Names"][0].lstrip("/") for each in found}


@contextmanager
def _images(client: docker.DockerClient) -> Generator[None]:
    missing = [name for name in IMAGES if not _is_there(client, name)]
    if missing:
        build(client.api, missing)
    try:
        yield
    finally:
        for name in missing:
            with suppress(DockerException):  # the engine may have been ended
                client.api.remove_image(name, force=True)


def _is_there(client: docker.DockerClient, name: str) -> bool:
    try:
        client.api.inspect_image(name)
    except ImageNotFound:
        return False
    return True


class Engine:
    """A ``dockerd`` with a folder of its own, started again when it ends before we do.

    Attributes:
        address: where it listens.
        pid: the process ID of the first ``dockerd``.
    """

    def __init__(self, folder: Path) -> None:
        self.address = f"unix://{folder}/docker.sock"
        self._folder = folder
        self._ending = threading.Event()
        self._server = self._start()
        self.pid = self._server.pid
        self._guard = _guard(folder / "pid")
        self._wait()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """End it, with everything that runs in it."""
        self._ending.set()
        self._server.terminate()
        self._keeper.join(ENDS_WITHIN)
        self._kill("pid")
        self._kill("run/containerd/containerd.pid")
        self._server.wait()
        self._guard.communicate()
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()[::-1]:
            if (point := line.split()[1]).startswith(str(self._folder)):
                subprocess.run(["umount", "--lazy", point], check=False)

    def _start(self) -> subprocess.Popen[bytes]:
        folder = self._folder
        places = ["--data-root", folder / "data", "--exec-root", folder / "run", "--pidfile", folder / "pid"]
        with (folder / "log").open("ab") as log:
            return subprocess.Popen(
                ["dockerd", "--host", self.address, *places, "--log-level", "warn"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _keep(self) -> None:
        while True:
            self._server.wait()
            if self._ending.is_set():
                return
            # The next one would wait a quarter of a minute for the containerd of this one to answer.
            self._kill("run/containerd/containerd.pid")
            self._server = self._start()

    def _kill(self, pidfile: str) -> None:
        path = self._folder / pidfile
        with suppress(OSError, ValueError):
            os.kill(int(path.read_text(encoding="ascii")), signal.SIGKILL)
        path.unlink(missing_ok=True)

    def _wait(self) -> None:
        start = time.monotonic()
        while time.monotonic() - start < READY_WITHIN:
            with suppress(DockerException), closing(docker.DockerClient(self.address)) as client:
                client.ping()
                print(f"dockerd is ready after {time.monotonic() - start:.1f} s", flush=True)
                return
            if self._server.poll() is not None:
                break
            time.sleep(0.1)
        log = (self._folder / "log").read_text(encoding="utf-8", errors="replace")
        self._server.kill()
        sys.exit("dockerd did not start:\n" + "\n".join(log.splitlines()[-30:]))


@contextmanager
def _started() -> Generator[Engine]:
    if sys.platform != "linux" or os.geteuid() != 0:
        sys.exit("no Docker engine answers, and only root on Linux can start one; start one, or name it in DOCKER_HOST")
    _install()
    with tempfile.TemporaryDirectory(prefix="quorate-docker-", dir="/var/tmp") as folder:
        engine = Engine(Path(folder))
        try:
            yield engine
        finally:
            engine.close()


def _install() -> None:
    """Put ``dockerd`` on this machine, without starting it."""
    if shutil.which("dockerd"):
        return
    if not shutil.which("apt-get"):
        sys.exit(
            "no Docker engine answers, and there is neither dockerd nor apt-get to install Debian's docker.io with"
        )
    print(f"installing {', '.join(PACKAGES)}", flush=True)
    ours = not NO_SERVICE.exists()
    if ours:
        NO_SERVICE.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
        NO_SERVICE.chmod(0o755)
    try:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "-qq", "update"], env=quiet, check=True)
        install = ["apt-get", "-qq", "install", "--yes", "--no-install-recommends", *PACKAGES]
        subprocess.run(install, env=quiet, check=True, stdout=subprocess.DEVNULL)
    finally:
        if ours:
            NO_SERVICE.unlink()


def _guard(pidfile: Path) -> subprocess.Popen[bytes]:
    """A process that ends the engine when we are gone, even by ``kill -9``: our end of its pipe closes then."""
    program = (
        "import contextlib, os, pathlib, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.stdin.read()\n"
        "with contextlib.suppress(OSError, ValueError):\n"
        "    os.kill(int(pathlib.Path(sys.argv[1]).read_text()), signal.SIGTERM)\n"
    )
    started = [sys.executable, "-c", program, str(pidfile)]
    return subprocess.Popen(started, stdin=subprocess.PIPE, start_new_session=True)


if __name__ == "__main__":
    sys.exit(main())
