"""The local executor: whatever code does, it ends in time and no process of it is left."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest

from quorate.coding import TIMED_OUT, BoundedOutput, CodeBlock, Job, Stop
from quorate.coding._processes import PlainRunner

linux = pytest.mark.skipif(sys.platform != "linux", reason="detached processes are found on Linux only")

DAEMON = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        {more}
        open("pid.new", "w").write(str(os.getpid()))
        os.rename("pid.new", "pid")
        time.sleep(1000)
    os._exit(0)
while not os.path.exists("pid"):
    time.sleep(0.001)
print("started")
{then}
"""


def daemon(more="", then=""):
    return DAEMON.format(more=more, then=then)


@linux
@pytest.mark.parametrize("then", ["", "raise SystemExit(3)", "os.kill(os.getpid(), 9)"])
def test_a_daemon_does_not_outlive_its_block(make, run, gone, tmp_path, then):
    result = run(make(work_dir=tmp_path), daemon(then=then))
    assert result.output.startswith("started\n")
    assert gone(int((tmp_path / "pid").read_text()))


@linux
def test_a_daemon_without_environment_and_output_does_not_either(make, run, gone, tmp_path):
    code = (
        'env -i setsid sh -c \'cd /; echo $$ > "$0"; exec sleep 1000\' "$PWD/pid" </dev/null >/dev/null 2>&1 &\n'
        "while [ ! -s pid ]; do sleep 0.01; done"
    )
    result = run(make(work_dir=tmp_path), code, "sh")
    assert result.exit_code == 0, result.output
    assert gone(int((tmp_path / "pid").read_text()))


@linux
def test_after_a_timeout_nothing_is_left_and_what_was_written_is_there(make, run, gone, tmp_path):
    code = daemon(then="signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)")
    began = time.monotonic()
    result = run(make(work_dir=tmp_path, timeout=0.5), code)
    assert time.monotonic() - began < 15
    assert result.exit_code == TIMED_OUT
    assert result.output == "started\nTimeout: the code was stopped after 0.5 seconds\n"
    assert gone(int((tmp_path / "pid").read_text()))


def test_a_child_that_holds_the_output_open_holds_nobody_up(make, run):
    result = run(make(), "sleep 1000 & echo done", "sh")
    assert (result.exit_code, result.output) == (0, "done\n")


def test_endless_output_is_bounded_and_ends(make, run):
    result = run(make(timeout=0.4, output_limit=1000), "echo first; yes", "sh")
    assert result.exit_code == TIMED_OUT
    assert result.output.startswith("first\ny\n")
    assert "bytes of output left out ...]" in result.output
    assert "Timeout" in result.output
    assert len(result.output) < 1200


def test_binary_output(make, run):
    assert run(make(), r"printf 'a\377\000\303'", "sh").output == "a\ufffd\0\ufffd"


def test_code_that_waits_for_input_gets_the_end_of_it(make, run):
    result = run(make(), "input('name? ')")
    assert result.exit_code == 1
    assert "EOFError" in result.output
    assert run(make(), "cat; read x </dev/tty || echo none", "sh").output.endswith("none\n")


def test_closing_all_descriptors_and_going_on(make, run):
    result = run(make(timeout=0.3), "import os, time; os.closerange(0, 100); time.sleep(1000)")
    assert result.exit_code == TIMED_OUT


@linux
def test_many_processes_that_fork_on(make, run):
    # Each runs in a session of its own and replaces itself when it ends, so no single signal reaches them all.
    code = (
        "import os, time\n"
        "for _ in range(20):\n"
        "    if os.fork() == 0:\n"
        "        while True:\n"
        "            os.setsid() if os.getpgrp() != os.getpid() else None\n"
        "            time.sleep(0.005)\n"
        "            if os.fork(): os._exit(0)\n"
        "time.sleep(0.1)\n"
    )
    assert run(make(), code).exit_code == 0


@linux
def test_zombies_are_reaped_while_code_runs(make, run):
    code = (
        "for i in $(seq 20); do (sh -c ':' &) ; done\nsleep 0.1\n"
        'for s in /proc/[0-9]*/stat; do set -- $(cat $s 2>/dev/null); [ "$4$3" = "${PPID}Z" ] && echo zombie; done; :'
    )
    assert run(make(), code, "sh").output == ""


@linux
@pytest.mark.parametrize("how", ["task", "scope"])
def test_cancellation_ends_the_processes_first(make, gone, appears, tmp_path, how):
    pid_file = tmp_path / "pid"
    code = daemon(then="time.sleep(1000)")

    async def by_task(call):
        task = asyncio.create_task(call)
        pid = int(await asyncio.to_thread(appears, pid_file))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return pid

    async def by_scope(call):
        async with anyio.create_task_group() as group:
            group.start_soon(call_it, call)
            pid = int(await anyio.to_thread.run_sync(appears, pid_file))
            group.cancel_scope.cancel()
        return pid

    async def call_it(call):
        await call

    async def main():
        executor = make(work_dir=tmp_path)
        pid = await {"task": by_task, "scope": by_scope}[how](executor.execute_code_blocks([CodeBlock(code, "python")]))
        assert gone(pid)
        again = await executor.execute_code_blocks([CodeBlock("print(1)", "python")])
        assert again.output == "1\n"

    asyncio.run(main())


def test_cancelled_before_it_began(make):
    async def main():
        task = asyncio.create_task(make().execute_code_blocks([CodeBlock("print(1)", "python")]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())


def test_stop_ends_what_runs(make, appears, tmp_path):
    async def main():
        executor = make(work_dir=tmp_path)
        call = asyncio.create_task(executor.execute_code_blocks([CodeBlock("echo $$ > pid; sleep 1000", "sh")] * 2))
        await asyncio.to_thread(appears, tmp_path / "pid")
        await executor.stop()
        return await call

    assert asyncio.run(main()).exit_code == 137


@linux
@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_code_that_attacks_its_keeper_ends_too(make, run, gone, tmp_path, name):
    code = daemon(then=f"os.kill(os.getppid(), signal.{name}); time.sleep(1000)")
    result = run(make(work_dir=tmp_path, timeout=0.5, shield=False), code)
    assert result.exit_code in (TIMED_OUT, 137)
    assert gone(int((tmp_path / "pid").read_text()))


@linux
def test_when_our_process_is_killed_the_code_ends(appears, gone, tmp_path):
    host = (
        "import asyncio, sys\n"
        "from quorate.coding import CodeBlock, LocalCommandLineCodeExecutor\n"
        "executor = LocalCommandLineCodeExecutor(work_dir=sys.argv[1])\n"
        "asyncio.run(executor.execute_code_blocks([CodeBlock(sys.argv[2], 'python')]))\n"
    )
    code = daemon(then="time.sleep(1000)")
    with subprocess.Popen([sys.executable, "-c", host, str(tmp_path), code]) as process:
        pid = int(appears(tmp_path / "pid"))
        process.kill()
    for _ in range(1000):
        if gone(pid):
            return
        time.sleep(0.005)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the code outlived our process")


class TestPlainRunner:
    """What runs jobs where there is no keeper."""

    @pytest.fixture
    def job(self, tmp_path):
        def make_job(code, timeout=20.0):
            command = (sys.executable, "-c", code)
            return Job(command, tmp_path, None, timeout, BoundedOutput(1000), Stop())

        return make_job

    def test_a_job_runs(self, job, tmp_path):
        one = job("import os, sys; print(os.getcwd(), sorted(os.environ)[0]); sys.exit(3)")
        assert PlainRunner({"A": "b"}).run(one) == 3
        assert one.output.text().split() == [str(tmp_path), "A"]

    def test_its_group_ends_with_it(self, job, gone, tmp_path):
        one = job("import subprocess; print(subprocess.Popen(['sleep', '1000']).pid)")
        assert PlainRunner({"PATH": os.environ["PATH"]}).run(one) == 0
        pid = int(one.output.text())
        for _ in range(1000):
            if gone(pid):
                return
            time.sleep(0.005)
        pytest.fail("a process of the group is left")

    def test_time_runs_out(self, job):
        one = job("print(1, flush=True); import time; time.sleep(1000)", timeout=0.3)
        assert PlainRunner({}).run(one) == TIMED_OUT
        assert one.output.text() == "1\nTimeout: the code was stopped after 0.3 seconds\n"

    def test_it_can_be_stopped(self, job):
        one = job("import time; time.sleep(1000)")
        one.stop.ask()
        assert PlainRunner({}).run(one) == 137

    def test_a_program_that_is_not_there(self, tmp_path):
        one = Job((str(tmp_path / "none"),), tmp_path, None, 20, BoundedOutput(1000), Stop())
        assert PlainRunner({}).run(one) == 127
        assert "cannot run" in one.output.text()


def test_the_temporary_code_file_is_removed(make, run, tmp_path):
    run(make(work_dir=tmp_path), "print(1)")
    run(make(work_dir=tmp_path, timeout=0.2), "while True: pass")
    assert list(Path(tmp_path).iterdir()) == []
