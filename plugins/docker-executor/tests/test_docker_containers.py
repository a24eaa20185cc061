"""Containers: kept warm, replaced when they are lost, one for each call, and gone with whoever made them."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest
from docker.errors import NotFound

from quorate import CodeBlock, ExecutorError
from quorate.coding import with_requirements
from quorate_docker_executor import DockerCommandLineCodeExecutor
from quorate_docker_executor._lease import LABEL, owner, reap

WHERE = "import socket; print(socket.gethostname())"


def within(seconds, holds):
    end = time.monotonic() + seconds
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.mark.parametrize(("reuse", "containers"), [(True, 1), (False, 3)])
def test_a_container_is_kept_or_fresh(executor, run, reuse, containers, ours):
    made, before = executor(reuse=reuse), ours()
    said = run(made, WHERE, WHERE).output + run(made, WHERE).output
    assert len(set(said.split())) == containers
    assert len(ours() - before) == int(reuse)


def test_a_warm_container_keeps_its_tmp_and_a_fresh_one_has_none(executor, run):
    look = "import os; print(os.path.exists('/tmp/kept')); open('/tmp/kept', 'w').close()"
    assert run(executor(), look, look).output == "False\nTrue\n"
    assert run(executor(reuse=False), look, look).output == "False\nFalse\n"


def test_calls_at_once_get_containers_of_their_own(executor):
    made = executor()
    code = WHERE + "; import time; time.sleep(1)"

    async def several():
        calls = (made.execute_code_blocks([CodeBlock(code, "python")]) for _ in range(3))
        return [result.output for result in await asyncio.gather(*calls)]

    assert len(set(asyncio.run(several()))) == 3


def test_a_container_that_was_removed_is_replaced(engine, executor, run, ours):
    made, before = executor(), ours()
    run(made, "open('kept', 'w').write('x')")
    (container,) = ours() - before
    engine.api.remove_container(container, force=True)
    assert run(made, "print(open('kept').read())").output == "x\n"


def test_a_container_that_is_removed_while_code_runs(engine, executor, run, ours, tmp_path):
    made, before = executor(), ours()

    def remove():
        assert within(15, (tmp_path / "work" / "begun").exists)
        (container,) = ours() - before
        engine.api.remove_container(container, force=True)

    thread = threading.Thread(target=remove)
    thread.start()
    result = run(made, "import time; open('begun', 'w').close(); time.sleep(60)")
    thread.join()
    assert result.exit_code == 137
    assert "ended while the code ran" in result.output
    assert run(made, "print('next')").output == "next\n"


def test_a_work_directory_that_is_made_anew(executor, run, tmp_path):
    made = executor()
    run(made, "open('old', 'w').close()")
    (tmp_path / "work").rename(tmp_path / "moved")
    assert (
        run(made, "import os; open('new', 'w').close(); print(os.listdir() == ['new'] or os.listdir())").exit_code == 0
    )
    assert (tmp_path / "work" / "new").exists()


def test_code_that_kills_what_watches_it(executor, run):
    made = executor(timeout=10)
    hostile = "import os, subprocess, sys\nsubprocess.Popen(['sleep', '60'], start_new_session=True)\nos.kill(os.getppid(), 9)"
    assert run(made, hostile).exit_code in (124, 137)
    count = "import glob; print(sum('sleep' in open(p).read() for p in glob.glob('/proc/[0-9]*/comm')))"
    assert run(made, count).output == "0\n"


def test_code_cannot_end_its_container(executor, run):
    made = executor()
    first = run(made, WHERE)
    run(made, "import os\nfor pid in (1, -1):\n    try: os.kill(pid, 9)\n    except OSError: pass")
    assert run(made, WHERE).output == first.output


def test_bind_dir(executor, run, tmp_path):
    (tmp_path / "seen").mkdir()
    (tmp_path / "work").symlink_to(tmp_path / "seen")  # two paths to one folder, as a container and its host have
    made = executor(bind_dir=tmp_path / "seen")
    assert run(made, "open('new', 'w').write('x')").files == ("new",)


@pytest.mark.parametrize("there", [True, False])
def test_a_bind_dir_that_is_another_folder(executor, run, tmp_path, there):
    if there:
        (tmp_path / "other").mkdir()
    with pytest.raises(ExecutorError, match="bind_dir"):
        run(executor(bind_dir=tmp_path / "other"), "print(1)")


def test_other_languages(executor, run):
    made = executor(languages={"awk-like": ["sh", "-e"], "none": "no-such-program"})
    assert run(made, "false\necho never", language="awk-like").exit_code == 1
    missing = run(made, "x", language="none")
    assert (missing.exit_code, "has no no-such-program" in missing.output) == (127, True)


def test_functions(executor, run):
    @with_requirements(python_packages=["no-such-package-anywhere"])
    def double(number: int) -> int:
        """Twice the number."""
        return 2 * number

    result = run(executor(functions=[double]), "from functions import double\nprint(double(21))")
    assert result.exit_code != 0
    assert "does not reach the network" in result.output


def test_an_executor_that_is_forgotten(run, ours, tmp_path):
    before = ours()
    made = DockerCommandLineCodeExecutor(work_dir=tmp_path / "work")
    run(made, "print(1)")
    assert ours() - before
    del made
    gc.collect()
    assert not ours() - before


PROGRAM = f"""
import asyncio, os, sys
from quorate import CodeBlock
from quorate_docker_executor import DockerCommandLineCodeExecutor
executor = DockerCommandLineCodeExecutor(work_dir=sys.argv[1])
print(asyncio.run(executor.execute_code_blocks([CodeBlock({WHERE!r}, "python")])).output.strip(), flush=True)
"""


def test_a_program_that_ends(engine, ours, tmp_path):
    command = [sys.executable, "-W", "error", "-c", PROGRAM, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as program:
        assert program.wait(60) == 0
    assert not ours(program.pid)


def test_a_program_that_is_killed(engine, ours, tmp_path):
    command = [sys.executable, "-c", PROGRAM + "import time; time.sleep(60)", tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        assert program.stdout.readline().strip()
        assert ours(program.pid)
        program.kill()
    assert within(10, lambda: not ours(program.pid)), "the container outlives the program that made it"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_fork_has_containers_of_its_own(executor, run):
    made = executor()
    ours = run(made, WHERE).output
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            os.write(writer, run(made, WHERE).output.encode())
            asyncio.run(made.stop())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        theirs = told.read()
    os.waitpid(child, 0)
    assert theirs
    assert theirs != ours
    assert run(made, WHERE).output == ours


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux can another process's end be told for sure")
def test_reaping(engine, ours):
    dead = subprocess.run(
        [sys.executable, "-c", "from quorate_docker_executor._lease import owner; print(owner())"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    elsewhere = f"another-boot {' '.join(owner().split()[1:])}"

    def created(whose):
        made = engine.api.create_container("python:3-slim", "true", labels={LABEL: whose})
        return made["Id"]

    gone, living, distant = created(dead), created(owner()), created(elsewhere)
    ended = created(elsewhere)
    engine.api.start(ended)
    with suppress(NotFound):  # somebody else may reap it at once
        engine.api.wait(ended)
    try:
        reap(engine.api)
        left = {each["Id"] for each in engine.api.containers(all=True)}
        assert left & {gone, living, distant, ended} == {living, distant}
    finally:
        for each in living, distant:
            engine.api.remove_container(each, force=True)
