"""Isolation: what code can learn of us, and reach and change outside its work directory."""

# ruff: noqa: S101, ASYNC240 - these are tests, kept where plugins can inherit them; nothing else runs on their loops

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts.executors._subject import (
    ExecutorSubject,
    driven,
    need_linux,
    needs,
    run,
    succeeded,
)
from pytest_quorate.contracts.executors.claims import CAPABILITIES, LEVELS, LIMITS

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from pytest_quorate.contracts.executors._subject import Fresh

_KEYS = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "MY_OWN_SECRET")

_READ_ENVIRONMENTS = """
import glob
for name in glob.glob('/proc/[0-9]*/environ'):
    try: held = open(name, 'rb').read()
    except OSError: continue
    if bytes.fromhex('{secret}') in held: print('found in', name)
"""

_CONNECT = """
import socket, threading
def reach(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as s:
            s.settimeout(2)
            s.connect(address)
            print('reached', repr(address), flush=True)
    except OSError as error: pass
threads = [threading.Thread(target=reach, args=[address]) for address in {addresses!r}]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


class IsolationTests(ExecutorSubject, contract=True):
    """What is declared is so: the level of isolation, the network, and each guarantee that is claimed."""

    def test_what_it_declares(self, fresh: Fresh) -> None:
        """The executor, its record and this test class declare the same isolation and network.

        Why: ``code_execution_config={"require": ...}`` refuses executors by what they declare.
        Fix: set ``isolation`` and ``network`` on the executor, as its options make it, and on the record.
        """
        executor = fresh()
        declared = (getattr(executor, "isolation", None), getattr(executor, "network", None))
        assert declared == (self.isolation, self.network)
        if self.record is not None:
            assert (self.record.isolation, self.record.network) == declared

    def test_the_level_has_its_guarantees(self) -> None:
        """An executor claims every guarantee and limit that its level of isolation stands for, and only known ones.

        Why: who requires "container" relies on all of them, and each that is claimed is proved by a test.
        Fix: claim them and pass their tests, or declare a lower level.
        """
        capabilities, limits = LEVELS[self.isolation]
        missing = sorted({*capabilities - self.capabilities, *limits - self.limits.keys()})
        assert not missing, f"the level {self.isolation!r} without {', '.join(missing)}"
        unknown = sorted({*self.capabilities - CAPABILITIES.keys(), *self.limits.keys() - LIMITS.keys()})
        assert not unknown, f"there is no guarantee or limit {', '.join(unknown)}"

    @driven
    async def test_our_environment_is_not_passed_on(self, fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
        """Code gets no variable of ours but harmless ones, least of all a key.

        Why: keys live in our environment, and models write code that prints it.
        Fix: ``quorate.coding.code_environment`` is an allow-list.
        """
        secret = secrets.token_hex(16)
        for name in _KEYS:
            monkeypatch.setenv(name, secret)
        result = await succeeded(fresh(), "import os\nfor item in os.environ.items(): print(*item)")
        assert secret not in result.output
        assert not [name for name in _KEYS if f"{name} " in result.output]

    @needs("hides_processes")
    @driven
    async def test_our_processes_cannot_be_read(self, fresh: Fresh) -> None:
        """Code does not find our environment in ``/proc`` either.

        Why: there it stands, for every process of the same user, without any right needed.
        Fix: another process namespace, or Landlock (``process_runner(..., shield=True)``).
        """
        need_linux()
        secret = secrets.token_bytes(16).hex()
        with _bystander(OUR_SECRET=secret):
            executor = fresh()
            result = await succeeded(executor, _READ_ENVIRONMENTS.format(secret=secret.encode().hex()))
        assert result.output == ""

    @needs("keeps_signals")
    @driven
    async def test_our_processes_cannot_be_signalled(self, fresh: Fresh) -> None:
        """Code cannot end, stop or otherwise signal our processes.

        Why: the program that runs the agents would end by what one of them wrote.
        Fix: another process namespace, another user, or Landlock from Linux 6.12 on.
        """
        with _bystander() as process:
            code = f"import os\ntry: os.kill({process.pid}, 9)\nexcept OSError: pass\n"
            await succeeded(fresh(), code)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.3)

    @needs("hides_files")
    @driven
    async def test_files_outside_cannot_be_read(self, fresh: Fresh, outside: Path) -> None:
        """Code reads nothing of ours outside the work directory, by whatever path.

        Why: keys, mail and other people's data lie there.
        Fix: give it a root of its own in which only the work directory and the system are to be seen.
        """
        secret = secrets.token_hex(16)
        (outside / "secret").write_text(secret)
        ways = [str(outside / "secret"), "../outside/secret", "linked"]
        ways += [f"/proc/{pid}/root{outside}/secret" for pid in (1, os.getpid())]
        code = (
            "import os\nos.symlink('../outside/secret', 'linked')\n"
            f"for way in {ways!r}:\n    try: print(open(way).read())\n    except OSError: pass\n"
        )
        result = await run(fresh(), code)
        assert secret not in result.output

    @needs("keeps_files")
    @driven
    async def test_files_outside_cannot_be_changed(self, fresh: Fresh, outside: Path) -> None:
        """Code makes, changes and removes nothing outside the work directory.

        Why: a slip of a model must not cost anybody their files.
        Fix: as above, and mount the system read-only.
        """
        (outside / "precious").write_text("precious")
        code = (
            "import os\n"
            f"for folder in ({str(outside)!r}, '../outside'):\n"
            "    for way in (lambda: open(folder + '/new', 'w').write('x'),\n"
            "                lambda: open(folder + '/precious', 'w').write('x'),\n"
            "                lambda: os.remove(folder + '/precious')):\n"
            "        try: way()\n"
            "        except OSError: pass\n"
        )
        await run(fresh(), code)
        assert [(path.name, path.read_text()) for path in outside.iterdir()] == [("precious", "precious")]

    @driven
    async def test_the_network(self, fresh: Fresh) -> None:
        """Code reaches the network if that is declared, else none of this machine's addresses, nor anything else.

        Why: with a network, code sends away what it reads, and asks services that trust this machine.
        Fix: give it a network namespace of its own; or declare ``network = True``.
        """
        with _listening() as (port, name, reached):
            if self.network:
                result = await succeeded(fresh(), _CONNECT.format(addresses=[(self.host, port)]))
                assert "reached" in result.output, f"{self.host} was not reached, though a network is declared"
                return
            addresses = [(host, port) for host in {"127.0.0.1", self.host, *_own_addresses()}]
            result = await run(fresh(), _CONNECT.format(addresses=[*addresses, *name]))
            assert "reached" not in result.output
            assert reached == []

    @needs("drops_privileges")
    @driven
    async def test_privileges(self, fresh: Fresh) -> None:
        """Code has no capability of the kernel, and cannot gain one by running another program.

        Why: with them code mounts, traces, changes the network, and leaves its container.
        Fix: ``cap_drop=ALL`` and ``no-new-privileges``.
        """
        need_linux()
        result = await succeeded(fresh(), "print(open('/proc/self/status').read())")
        status = dict(line.split(":\t", 1) for line in result.output.splitlines() if ":\t" in line)
        held = {name: status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")}
        assert {name for name, value in held.items() if name != "CapBnd" and int(value, 16)} == set(), held
        assert status["NoNewPrivs"] == "1"


@contextmanager
def _bystander(**environment: str) -> Generator[subprocess.Popen[bytes]]:
    """A process of ours that does nothing; it stands for the one that runs the agents."""
    command = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env={**os.environ, **environment}, stdin=pipe, stdout=pipe) as process:
        if process.stdout is not None:
            process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def _listening() -> Generator[tuple[int, list[str], list[str]]]:
    """Servers on every address of this machine; gives the port, the abstract name, and who came."""
    reached: list[str] = []
    name = [f"\0quorate-{secrets.token_hex(8)}"] if sys.platform == "linux" else []
    with socket.create_server(("", 0)) as server, socket.socket(socket.AF_UNIX if name else socket.AF_INET) as local:
        servers = [server]
        if name:
            local.bind(name[0])
            local.listen()
            servers.append(local)
        for each in servers:
            threading.Thread(target=_accept, args=(each, reached), daemon=True).start()
        try:
            yield server.getsockname()[1], name, reached
        finally:
            for each in servers:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket, reached: list[str]) -> None:
    with suppress(OSError):
        while True:
            connection, address = server.accept()
            connection.close()
            reached.append(str(address))


def _own_addresses() -> set[str]:
    """This machine's address towards others, if it has one; nothing is sent."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))
        return {probe.getsockname()[0]}
    return set()
