"""One Jupyter kernel: its process, its channels, and running a cell within its time."""

from __future__ import annotations

import math
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

from quorate.coding import BoundedOutput, ran_out
from quorate.errors import ExecutorError
from quorate_jupyter_executor._process import KernelProcess
from quorate_jupyter_executor._rich import show, traceback_text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from quorate.coding import Run, Runner, Stop

_START: Final = 60.0
"""Seconds that a kernel may take to start on a busy machine."""
_GRACE: Final = 2.0
"""Seconds in which an interrupted cell must end."""
_TAIL: Final = 1.0
"""Seconds after a cell's reply in which the rest of what it displayed must come."""
_TICK: Final = 0.1
"""Seconds between looks at whether the call was stopped, and the kernel lives."""
_STOPPED: Final = 137
_SET_UP: Final = """
def _set_up():
    import ctypes, sys, warnings
    shell = get_ipython()
    shell.system = shell.system_raw  # commands write into the same pipe, and to no terminal
    warnings.filterwarnings("ignore", "To exit: use 'exit'")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # what detached itself stays a descendant: PR_SET_CHILD_SUBREAPER
_set_up()
del _set_up
"""


@dataclass(slots=True)
class _Cell:
    """A cell that runs.

    Attributes:
        message: the identifier of its request.
        reply: the kernel's answer.
        idle: whether the kernel has said that all of it is told.
        ended: when the answer came.
    """

    message: str
    reply: dict[str, Any] | None = None
    idle: bool = False
    ended: float = field(default=0.0)

    @property
    def over(self) -> bool:
        return self.reply is not None and (self.idle or time.monotonic() > self.ended + _TAIL)


class Kernel:
    """A kernel that was started; its sockets are files in a private directory.

    Args:
        runner: starts its process.
        command: makes the command line from the connection file.
        folder: where it runs.
        place: a path for its files, to which suffixes are added.
        python: whether it is IPython.
    """

    def __init__(
        self, runner: Runner, command: Callable[[str], list[str]], folder: Path, place: Path, *, python: bool
    ) -> None:
        key = secrets.token_hex(32).encode()
        file, made = write_connection_file(f"{place}.json", transport="ipc", ip=str(place), key=key)
        where: dict[str, Any] = {**made}
        self._wire: Any = Session(key=key, username="quorate")  # its types name what pyzmq leaves open
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._shell = self._connected(zmq.DEALER, f"ipc://{place}-{where['shell_port']}")
        self._told = self._connected(zmq.SUB, f"ipc://{place}-{where['iopub_port']}")
        self._told.subscribe(b"")
        self._process = KernelProcess(runner, command(file), folder, place)
        self._folder, self._python, self._ready, self._exits = folder, python, False, False
        self._here = _identity(folder)

    @property
    def alive(self) -> bool:
        """Whether it can run another cell."""
        return self._process.alive and not self._exits

    def run(self, code: str, run: Run) -> int:
        """Run a cell; give 0, what it gave to ``sys.exit``, 1 for another error, 124 when its time ran out."""
        try:
            self._get_ready(run.stop)
            cell = self._send(code)
            late = self._watch(cell, run)
        finally:
            if not self._process.alive:
                self._process.drain(run.output)
        if not late and not self._process.alive:
            ended = self._process.exit_code
            run.output.say(
                f"The kernel ended (exit code {ended}); what it held is lost, and the next block starts a new one"
            )
            return ended
        if late:
            return self._ended_late(run)
        return self._exit_code(cell.reply or {}, run)

    def close(self) -> None:
        """End it with all that it started."""
        self._process.close()
        self._context.destroy(linger=0)

    def _connected(self, kind: int, address: str) -> zmq.Socket[bytes]:
        made = self._context.socket(kind)
        made.setsockopt(zmq.RECONNECT_IVL, 10)
        made.connect(address)
        return made

    def _get_ready(self, stop: Stop) -> None:
        """Wait until it answers on both channels, and bring it back when its work directory was made anew."""
        if not self._ready:
            self._meet(stop)
            self._ready = True
            if self._python:
                self._quietly(_SET_UP)
        if self._python and (here := _identity(self._folder)) != self._here:
            self._quietly(f"__import__('os').chdir({str(self._folder)!r})")
            self._here = here

    def _meet(self, stop: Stop) -> None:
        until, answered, heard = time.monotonic() + _START, False, False
        while not (answered and heard):
            if stop.asked:
                msg = "the call was stopped while its Jupyter kernel started"
                raise ExecutorError(msg)
            if not self._process.alive or time.monotonic() > until:
                how = "ended at once" if not self._process.alive else f"did not answer within {_START:g} s"
                msg = f"the Jupyter kernel {how}: {self._process.last_words() or 'it said nothing'}"
                raise ExecutorError(msg)
            self._wire.send(self._shell, "kernel_info_request", {})
            asked = time.monotonic()
            while not (answered and heard) and time.monotonic() < asked + 1 and self._process.alive:
                self._poll(_TICK)
                answered = any(True for _ in self._received(self._shell)) or answered
                heard = any(True for _ in self._received(self._told)) or heard

    def _quietly(self, code: str) -> None:
        cell, until = self._send(code, silent=True), time.monotonic() + _START
        while not cell.over and self._process.alive and time.monotonic() < until:
            self._poll(_TICK)
            self._take(cell, None)

    def _send(self, code: str, *, silent: bool = False) -> _Cell:
        content: dict[str, Any] = {
            "code": code,
            "silent": silent,
            "store_history": not silent,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        sent = self._wire.send(self._shell, "execute_request", content)
        return _Cell(sent["header"]["msg_id"])

    def _watch(self, cell: _Cell, run: Run) -> bool:
        """Read until the cell is over or must end; whether it had to."""
        deadline, late = time.monotonic() + run.timeout, False
        while not cell.over and self._process.alive:
            self._poll(min(_TICK, max(deadline - time.monotonic(), 0)))
            self._take(cell, run)
            if cell.reply is None and (time.monotonic() >= deadline or (run.stop.asked and not late)):
                if late:
                    self._process.end()
                    break
                late, deadline = True, time.monotonic() + _GRACE
                self._process.interrupt()
        self._process.drain(run.output)
        return late

    def _ended_late(self, run: Run) -> int:
        kept = self._process.alive
        if kept:
            self._process.end_children()
        code = _STOPPED if run.stop.asked else ran_out(run.timeout, run.output)
        run.output.say(
            "The kernel was interrupted and keeps what it holds"
            if kept
            else "The kernel did not react and was ended; what it held is lost, and the next block starts a new one"
        )
        return code

    def _poll(self, seconds: float) -> None:
        poller = zmq.Poller()
        for each in (self._shell, self._told, self._process.pipe):
            poller.register(each, zmq.POLLIN)
        poller.poll(math.ceil(seconds * 1000))

    def _take(self, cell: _Cell, run: Run | None) -> None:
        """Take what has come: a printed text was in the pipe before the display that follows it was told."""
        for message in self._received(self._told):
            if run is not None:
                self._process.drain(run.output)
                _tell(message, run)
            ours = message["parent_header"].get("msg_id") == cell.message
            cell.idle |= ours and message["content"].get("execution_state") == "idle"
        for message in self._received(self._shell):
            if message["parent_header"].get("msg_id") == cell.message:
                cell.reply, cell.ended = message["content"], time.monotonic()
        self._process.drain(run.output if run is not None else BoundedOutput(1))

    def _received(self, channel: zmq.Socket[bytes]) -> Generator[dict[str, Any]]:
        while True:
            _, message = self._wire.recv(channel, zmq.NOBLOCK)
            if message is None:
                return
            yield message

    def _exit_code(self, reply: dict[str, Any], run: Run) -> int:
        if any(each.get("source") == "ask_exit" for each in reply.get("payload", ())):
            self._exits = True
            run.output.say(
                "The code asked the kernel to exit; what it held is lost, and the next block starts a new one"
            )
        if reply.get("status") == "ok":
            return 0
        value = str(reply.get("evalue", ""))
        if reply.get("ename") != "SystemExit":
            return 1
        if value in ("", "None"):
            return 0
        if value.lstrip("-").isdigit():
            return int(value) & 0xFF
        run.output.say(value)
        return 1


def _tell(message: dict[str, Any], run: Run) -> None:
    """Put into the output what one message tells."""
    content = message["content"]
    match message["msg_type"]:
        case "stream":
            run.output.add(content["text"].encode("utf-8", "replace"))
        case "execute_result" | "display_data":
            show(content["data"], run)
        case "error" if content["ename"] != "SystemExit":
            run.output.add(traceback_text(content["traceback"]).encode("utf-8", "replace"))
        case _:
            pass  # states, inputs told again, widgets


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
