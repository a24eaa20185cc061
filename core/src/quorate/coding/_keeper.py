"""The keeper: a small program that starts executed code on Linux, and ends everything the code started.

It runs in a process of its own, by path, with nothing but the standard library. Its process is a "child
subreaper" (prctl(2)): whatever the code forks, daemonises or moves to another session becomes the keeper's
child when its parent ends, so "kill and reap until there is no child" misses nothing. When our process ends,
however it ends, the socket closes and the keeper ends the code and itself.

Messages on the socket (SOCK_SEQPACKET). To the keeper: ``r`` and the NUL-separated command, with two
descriptors (output, work directory); ``k`` ends the run. From the keeper: ``ready`` or ``ready shielded`` once,
then ``done`` and the wait status for each run.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import select
import signal
import socket
import struct
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE = 1 << 16
"""Bytes; no message is longer."""

_PR_SET_PDEATHSIG, _PR_CAPBSET_DROP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 24, 36, 38
# With one of these the kernel lets root read another process's memory whatever Landlock says (capabilities(7)).
_CAP_SYS_PTRACE, _CAP_SYS_ADMIN, _CAP_PERFMON = 19, 21, 38
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT = 444, 445, 446
_RULE_PATH_BENEATH, _ACCESS_FS_REFER, _SCOPE_SIGNAL = 1, 1 << 13, 2
_SCOPES_SINCE, _REFER_SINCE = 6, 2  # versions of the Landlock interface
_STRANGE = 0.5  # seconds
_CANNOT_RUN = 127  # as shells say it
_AFTER_NAME = b") "  # in /proc/<pid>/stat; the name before it may hold anything

_libc = ctypes.CDLL(None, use_errno=True)


class Relative(NamedTuple):
    """A process that descends from another."""

    pid: int
    group: int
    state: str


def descendants(ancestor: int, strangers: set[int] | None = None) -> list[Relative]:
    """Find the processes that descend from a process, through /proc.

    Args:
        ancestor: its process id.
        strangers: processes known to be none, which are not looked at again; more are added. Valid for a short time
            only, since process ids are used again.
    """
    known: set[int] = set() if strangers is None else strangers
    children: dict[int, list[Relative]] = {}
    for pid in _processes():
        if pid not in known:
            with contextlib.suppress(OSError):
                state, parent, group = _stat(pid)
                children.setdefault(parent, []).append(Relative(pid, group, state))
    found = _below(ancestor, children)
    ours = {ancestor, *(relative.pid for relative in found)}
    # A stranger descends from the first process; whose parent ended meanwhile may be anybody's child.
    known.update(each.pid for root in (0, *known) for each in _below(root, children) if each.pid not in ours)
    return found


def _below(ancestor: int, children: dict[int, list[Relative]]) -> list[Relative]:
    found = list(children.get(ancestor, ()))
    for relative in found:
        found += children.get(relative.pid, ())
    return found


def marked(mark: str) -> list[Relative]:
    """Find the processes whose environment held ``mark`` (``NAME=value``) when their program was started."""
    found: list[Relative] = []
    for pid in _processes():
        with contextlib.suppress(OSError), open(f"/proc/{pid}/environ", "rb") as file:  # noqa: PTH123
            if mark.encode() in file.read().split(b"\0"):
                found.append(Relative(pid, _stat(pid)[2], _stat(pid)[0]))
    return found


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208


def _stat(pid: int) -> tuple[str, int, int]:
    """State, parent and process group of a process (proc_pid_stat(5))."""
    with open(f"/proc/{pid}/stat", "rb") as file:  # noqa: PTH123
        state, parent, group, *_ = file.read().rpartition(_AFTER_NAME)[2].split()
    return state.decode(), int(parent), int(group)


def kill(relatives: list[Relative]) -> None:
    """Kill processes, their groups first: a group dies at once, even while its members fork."""
    for group in {relative.group for relative in relatives} - {os.getpgrp(), 0}:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
    for relative in relatives:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(relative.pid, signal.SIGKILL)


def main() -> None:
    """Serve one run after another until our process goes."""
    shield = _shield() if sys.argv[2] == "shield" else None
    limits = _limits(sys.argv[3])
    _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer)
    signal.signal(signal.SIGCHLD, _woken)
    with socket.socket(fileno=int(sys.argv[1])) as host:
        host.set_inheritable(False)  # the code must not speak to our process
        host.send(b"ready" if shield is None else b"ready shielded")
        while True:
            message, received, _, _ = socket.recv_fds(host, MESSAGE, 2)
            if not message:
                return
            for descriptor in received:
                os.set_inheritable(descriptor, False)  # recv_fds ignores MSG_CMSG_CLOEXEC
            if message[:1] == b"r" and len(received) == 2:  # output and work directory
                status = _run(host, reader, message[1:].split(b"\0"), received, limits, shield)
                host.send(b"done %d" % status)


def _woken(number: int, frame: object) -> None:
    """Nothing to do: that a child ended is told through the wake-up descriptor."""


def _limits(words: str) -> list[tuple[int, int, int]]:
    """Read ``NAME=soft:hard`` words: resource limits as setrlimit(2) takes them."""
    found = [word.replace("=", ":").split(":") for word in words.split()]
    return [(getattr(resource, f"RLIMIT_{name}"), int(soft), int(hard)) for name, soft, hard in found]


def _run(
    host: socket.socket,
    wakeup: int,
    command: list[bytes],
    received: list[int],
    limits: list[tuple[int, int, int]],
    shield: int | None,
) -> int:
    """Run one command; when it has ended or must end, leave no process of it."""
    output, folder = received
    try:
        child = os.fork()
        if child == 0:
            _become(command, output, folder, limits, shield)
    except OSError as error:
        os.write(output, f"cannot start a process: {error}\n".encode())
        return _CANNOT_RUN << 8
    finally:
        os.close(output)
        os.close(folder)
    watch = select.poll()
    watch.register(host, select.POLLIN)
    watch.register(wakeup, select.POLLIN)
    status = None
    while status is None:
        ready = [fd for fd, _ in watch.poll()]
        with contextlib.suppress(BlockingIOError):
            os.read(wakeup, MESSAGE)
        status = next((status for pid, status in _reaped() if pid == child), None)
        if host.fileno() in ready and status is None:
            host.recv(MESSAGE)
            status = signal.SIGKILL
    _clear()
    return status


def _reaped() -> Iterator[tuple[int, int]]:
    """Reap the children that have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            yield pid, status


def _clear() -> None:
    """End every process that descends from this one; returns when there is none.

    Processes that replace themselves all the time are met only when looking takes less time than they live: hence the
    strangers, which are most of a machine's processes, are looked at twice a second only.
    """
    strangers: set[int] = set()
    until = time.monotonic() + _STRANGE
    while True:
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        if time.monotonic() > until:
            strangers.clear()
            until = time.monotonic() + _STRANGE
        kill(descendants(os.getpid(), strangers))
        time.sleep(0.0005)


def _become(
    command: list[bytes], output: int, folder: int, limits: list[tuple[int, int, int]], shield: int | None
) -> None:
    """Turn the forked process into the command; never returns."""
    try:
        os.setsid()
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.fchdir(folder)
        os.dup2(output, 1)
        os.dup2(output, 2)
        if shield is not None:
            for capability in (_CAP_SYS_PTRACE, _CAP_SYS_ADMIN, _CAP_PERFMON):
                _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)
            _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
            if _libc.syscall(_LANDLOCK_RESTRICT, shield, 0):
                _fail("landlock_restrict_self")
        for kind, soft, hard in limits:
            resource.setrlimit(kind, (soft, hard))
        os.execv(command[0], command)  # noqa: S606 - a shell is for the caller to name
    except (OSError, ValueError) as error:
        os.write(2, f"cannot run {os.fsdecode(command[0])}: {error}\n".encode("utf-8", "replace"))
    finally:
        os._exit(_CANNOT_RUN)


def _shield() -> int | None:
    """Prepare what keeps the code from reading other processes' memory and environment, and from signalling them.

    A process in a Landlock domain may trace only processes of that domain, which also closes
    ``/proc/<pid>/environ`` and ``mem`` of all others; from interface version 6 signals can be kept inside too
    (https://docs.kernel.org/userspace-api/landlock.html). The rule set restricts nothing else.

    Returns:
        A descriptor of the rule set; None where the kernel cannot do it without side effects.
    """
    version = _libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    if version >= _SCOPES_SINCE:
        return _rule_set(struct.pack("QQQ", 0, 0, _SCOPE_SIGNAL))
    if version < _REFER_SINCE:
        return None
    # A rule set must handle something: moving files between directories, and that is allowed everywhere.
    rules = _rule_set(struct.pack("Q", _ACCESS_FS_REFER))
    root = os.open("/", os.O_PATH | os.O_CLOEXEC)
    beneath = struct.pack("=Qi", _ACCESS_FS_REFER, root)
    if _libc.syscall(_LANDLOCK_ADD_RULE, rules, _RULE_PATH_BENEATH, beneath, 0):
        _fail("landlock_add_rule")
    os.close(root)
    return rules


def _rule_set(attributes: bytes) -> int:
    made = int(_libc.syscall(_LANDLOCK_CREATE, attributes, len(attributes), 0))
    if made < 0:
        _fail("landlock_create_ruleset")
    return made


def _fail(what: str) -> None:
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


if __name__ == "__main__":
    main()
