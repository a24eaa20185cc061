"""What code finds in the sandbox, and what each option adds."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

LOOK = "import os, sys\nprint(*sorted(os.listdir('/')))\nprint(os.path.exists({home!r}), os.getcwd())"
WRITE = """
for path in {paths!r}:
    try: open(path, 'wb').write(b'x' * {size})
    except OSError as error: print(path, error.strerror)
"""


def test_nothing_of_the_machine_but_the_system(executor, run, tmp_path):
    (tmp_path / "secret").write_text("")
    told = run(executor(), LOOK.format(home=str(tmp_path / "secret")))
    names, rest = told.output.splitlines()
    assert rest == f"False {tmp_path / 'work'}"
    python = {Path(prefix).parts[1] for prefix in (sys.prefix, sys.base_prefix)}
    system = {"bin", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "sbin", "tmp", "usr"}
    assert set(names.split()) - system <= {*python, tmp_path.parts[1]}


def test_nothing_can_be_written_but_in_the_work_directory_and_tmp(executor, run):
    places = ["/new", "/dev/new", "/etc/new", "/usr/new", f"{sys.prefix}/new", "/tmp/new", "new"]
    told = run(executor(), WRITE.format(paths=places, size=1)).output.splitlines()
    assert [line.partition(" ")[0] for line in told] == places[:5]


def test_tmp_has_a_size(executor, run):
    places = ["/tmp/new", "/dev/shm/new"]
    told = run(executor(tmpfs=1 << 20), WRITE.format(paths=places, size=2 << 20)).output.splitlines()
    assert told == [f"{place} No space left on device" for place in places]


def test_what_can_be_read_besides(executor, run, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "book").write_text("once")
    code = f"print(open('{data}/book').read())\nopen('{data}/book', 'w')"
    told = run(executor(read_only=[data]), code)
    assert (told.exit_code, told.output.startswith("once\n")) == (1, True)
    assert "Read-only file system" in told.output


def test_the_network_by_option(executor, run):
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"import socket\nsocket.create_connection({server.getsockname()!r}, 2)\nprint('reached')"
        assert run(executor(network=True), code).output == "reached\n"
        assert run(executor(), code).exit_code == 1
    names = "print(__import__('os').path.exists('/etc/resolv.conf'))"
    assert run(executor(network=True), names).output == f"{Path('/etc/resolv.conf').exists()}\n"


def test_a_virtual_environment_in_the_work_directory_can_be_changed(executor, run, tmp_path):
    folder = tmp_path / "work" / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    code = "import os, sys\nprint(sys.prefix, os.environ['VIRTUAL_ENV'])\nopen(sys.prefix + '/new', 'w')"
    told = run(executor(virtual_env_context=folder), code)
    assert (told.exit_code, told.output) == (0, f"{folder} {folder}\n")
    outside = run(executor(virtual_env_context=folder, work_dir=tmp_path / "other"), code)
    assert "Read-only file system" in outside.output


def test_variables_that_are_given(executor, run):
    code = "import os\nprint(os.environ['HOME'], os.environ['MINE'])"
    assert run(executor(env={"MINE": "1"}), code).output == "/tmp 1\n"
    assert run(executor(env={"MINE": "2", "HOME": "/"}), code).output == "/ 2\n"


def test_a_signal_is_named(executor, run):
    told = run(executor(), "import os; os.abort()")
    assert (told.exit_code, told.output) == (134, "Ended by signal 6 (SIGABRT)\n")


@pytest.mark.parametrize("language", ["perl-of-mine", "sh"])
def test_a_program_that_the_sandbox_does_not_have(executor, run, tmp_path, language):
    program = tmp_path / "bin" / "perl-of-mine"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        told = run(executor(languages={"perl-of-mine": "perl-of-mine"}), "true", language=language)
    assert (told.exit_code == 0) == (language == "sh")
    assert ("not installed where the bubblewrap executor looks for it" in told.output) == (language != "sh")
