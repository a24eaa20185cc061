"""Ctrl-C: at a prompt, in a coroutine function, in parallel branches and in a stream; in real processes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

if sys.platform == "win32":
    pytest.skip("signals and pseudo-terminals are POSIX's", allow_module_level=True)

import pty
import select

TAKE_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0)"
"""Makes its standard input the terminal that controls a program, as a login shell does."""

PROMPT = """
import asyncio, sys
from quorate import ConversableAgent, Kernel
kernel = Kernel(autoload=False)
person = ConversableAgent("person", human_input_mode="ALWAYS", kernel=kernel)
other = ConversableAgent("other", human_input_mode="NEVER", default_auto_reply="hm", kernel=kernel)
if sys.argv[1] == "blocking":
    other.initiate_chat(person, message="hello")
else:
    asyncio.run(other.a_initiate_chat(person, message="hello"))
"""


class Terminal:
    """A program at a pseudo-terminal of its own, where a typed Ctrl-C interrupts it."""

    def __init__(self, code, *arguments):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", TAKE_TERMINAL + code, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        os.close(slave)
        self.shown = ""

    def read_until(self, text, seconds=60):
        """Wait for a text on the terminal, or for the end; gives what was shown."""
        until = time.monotonic() + seconds
        while text not in self.shown and time.monotonic() < until:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    data = os.read(self.master, 4096)
                except OSError:  # the program has closed its side
                    break
                if not data:
                    break
                self.shown += data.decode()
        return self.shown

    def type(self, text):
        time.sleep(0.3)  # the prompt is written a moment before the program reads
        os.write(self.master, text.encode())

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def at_terminal():
    """Start programs at pseudo-terminals; what is left of them is ended."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            terminal = Terminal(*arguments)
            stack.callback(terminal.end)
            return terminal

        yield start


@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_ctrl_c_at_a_prompt_ends_the_program(at_terminal, mode):
    terminal = at_terminal(PROMPT, mode)
    assert "Provide feedback to other" in terminal.read_until("end the conversation: ")
    terminal.type("\x03")
    shown = terminal.read_until("\0nothing")  # until the program closes the terminal
    assert terminal.process.wait(30) == -signal.SIGINT  # how Python ends after KeyboardInterrupt
    assert shown.rstrip().endswith("KeyboardInterrupt")
    assert "Fatal Python error" not in shown
    assert "Exception ignored" not in shown


@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_a_person_can_answer_at_the_prompt(at_terminal, mode):
    terminal = at_terminal(PROMPT, mode)
    terminal.read_until("end the conversation: ")
    terminal.type("exit\n")
    assert terminal.process.wait(60) == 0, terminal.read_until("\0nothing", 1)


class Program:
    """A program with pipes, which says when it may be interrupted."""

    def __init__(self, code, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def interrupt(self, ready, times=1):
        """Wait until it has written this so often, interrupt it; give its exit code, the rest of it, and its errors."""
        shown = ""
        while shown.count(ready) < times:
            shown += (part := self.process.stdout.read(1))
            assert part, self.process.stderr.read()
        time.sleep(0.1)  # it is about to wait
        self.process.send_signal(signal.SIGINT)
        # The input stays open: a prompt waits for ever. No communicate(), which would close it.
        code = self.process.wait(60)
        return code, self.process.stdout.read(), self.process.stderr.read()

    def end(self):
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            pipe.close()


@pytest.fixture
def program():
    """Start programs with pipes; what is left of them is ended."""
    with contextlib.ExitStack() as stack:

        def start(*arguments):
            started = Program(*arguments)
            stack.callback(started.end)
            return started

        yield start


@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_an_interrupt_at_a_prompt_that_reads_a_pipe_ends_the_program(program, mode):
    code, _, errors = program(PROMPT, mode).interrupt("end the conversation: ")
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert "Fatal Python error" not in errors
    assert code == -signal.SIGINT


LATER = """
import asyncio, sys
from quorate import call, gather, iterate
from quorate._drive import drive
from quorate._streams import stream

async def later():
    try:
        print("ready", flush=True)
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.05)
        print("cleaned up", flush=True)

async def parts():
    yield 1
    yield await later()

async def both():
    await gather(call("tool", later), call("tool", later))

async def nested():
    async def inner():
        await gather(call("tool", later), call("tool", later))
    await gather(inner(), inner(), inner())

WAYS = {
    "alone": lambda: drive(call("tool", later)),
    "branches": lambda: drive(both()),
    "nested branches": lambda: drive(nested()),
    "stream": lambda: list(iterate(stream("model", parts))),
}
try:
    WAYS[sys.argv[1]]()
except KeyboardInterrupt:
    print("interrupted", flush=True)
print(drive(call("tool", asyncio.sleep, 0, "goes on")))
"""


@pytest.mark.parametrize(("way", "count"), [("alone", 1), ("branches", 2), ("nested branches", 6), ("stream", 1)])
def test_an_interrupt_cancels_coroutine_functions_and_they_clean_up_first(program, way, count):
    code, shown, errors = program(LATER, way).interrupt("ready\n", count)
    assert (code, errors) == (0, "")
    assert shown.split("\n") == ["cleaned up"] * count + ["interrupted", "goes on", ""]


SLOW_TO_CLEAN_UP = """
import asyncio, time
from quorate import call
from quorate import _loop
from quorate._drive import drive
_loop.CLEAN_UP = 0.1

async def later():
    try:
        print("ready", flush=True)
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0.5)

try:
    drive(call("tool", later))
except KeyboardInterrupt:
    print("interrupted")
"""


def test_clean_up_that_takes_too_long_does_not_hide_the_interrupt(program):
    code, shown, errors = program(SLOW_TO_CLEAN_UP).interrupt("ready\n")
    assert (code, shown, errors) == (0, "interrupted\n", "")


ASYNC = """
import asyncio
from quorate import call, gather

async def later():
    try:
        print("ready", flush=True)
        await asyncio.Event().wait()
    finally:
        print("cleaned up", flush=True)

async def stuck():
    await gather(call("tool", later), call("tool", __import__("threading").Event().wait))

try:
    asyncio.run(stuck())
except KeyboardInterrupt:
    print("interrupted")
"""


def test_an_interrupt_under_asyncio_waits_for_no_plain_function(program):
    assert program(ASYNC).interrupt("ready\n") == (0, "cleaned up\ninterrupted\n", "")
