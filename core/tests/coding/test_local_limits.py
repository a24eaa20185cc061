"""The local executor: limits of each process, and the second look at shell code."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from quorate.coding import BoundedOutput, Job, LocalCommandLineCodeExecutor, Stop
from quorate.coding._limits import limits_of
from quorate.coding._notice import noticed
from quorate.coding._processes import PlainRunner
from quorate.errors import ConfigError

LIMITS = {"cpu_seconds": 7, "file_size": 1 << 20} | ({"memory": 1 << 30} if sys.platform == "linux" else {})
SHOW = "import resource as r; print(*(r.getrlimit(n)[0] for n in (r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_AS)))"


def test_each_process_is_limited(make, run):
    shown = run(make(**LIMITS), SHOW).output.split()
    assert shown[:2] == ["7", str(1 << 20)]
    assert sys.platform != "linux" or shown[2] == str(1 << 30)


def test_without_a_keeper_a_shell_sets_them(tmp_path):
    job = Job((sys.executable, "-c", SHOW), tmp_path, None, 20, BoundedOutput(1000), Stop())
    assert PlainRunner({"A": "b"}, limits_of("the executor", **LIMITS)).run(job) == 0
    assert job.output.text().split()[:2] == ["7", str(1 << 20)]


def test_processes_are_limited_for_a_user_who_is_not_root():
    """Run as somebody else: the limit counts all processes of the user, and does not bind root."""
    if os.geteuid() == 0:
        with pytest.raises(ConfigError, match="processes of root cannot be limited"):
            LocalCommandLineCodeExecutor(processes=10)
        return
    assert limits_of("the executor", processes=10) == {"NPROC": (10, 10)}


@pytest.mark.parametrize(
    "options", [{"memory": 0}, {"memory": True}, {"cpu_seconds": 1.5}, {"file_size": "1g"}, {"cpu_seconds": -1}]
)
def test_a_limit_is_a_whole_number(options):
    with pytest.raises(ConfigError, match=f"{next(iter(options))} is a whole number above 0"):
        LocalCommandLineCodeExecutor(**options)


def test_where_a_platform_knows_no_limits_they_are_refused(monkeypatch):
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(ConfigError, match="cpu_seconds cannot be limited on this platform"):
        limits_of("the executor", cpu_seconds=3)


def test_computing_too_long_is_named(make, run):
    result = run(make(cpu_seconds=1), "while True: pass")
    assert (result.exit_code, result.output) == (128 + 24, "Ended by signal 24 (SIGXCPU)\n")


# -- the second look

DANGEROUS = [
    "rm -rf /",
    "rm -fr x",
    "cd x && rm -r -f y",
    "sudo rm -rfv y",
    "if true; then rm -Rrf y; fi",
    "mv notes /dev/null",
    "dd if=/dev/zero of=/dev/sda",
    "echo x | dd of=y",
    "cat x > /dev/sda1",
    "echo x >/dev/nvme0n1",
    ":(){ :|:& };:",
]
HARMLESS = ["rm -r x", "rm x", "rm -f x", "git add x", "echo dd", "date +%dd", "mv a b 2> /dev/null", "farm -rf", "ls"]


@pytest.mark.parametrize("code", DANGEROUS)
def test_dangerous_commands_are_noticed(code):
    assert noticed(f"echo first\n{code}\n") is not None


@pytest.mark.parametrize("code", HARMLESS)
def test_others_are_not(code):
    assert noticed(f"echo first\n{code}\n") is None


@pytest.mark.parametrize("language", ["sh", "bash", "shell"])
def test_a_dangerous_command_is_refused_as_a_result_and_can_be_allowed(make, run, tmp_path, language):
    (tmp_path / "work" / "old").mkdir(parents=True)
    executor = make(work_dir=tmp_path / "work")
    result = run(executor, "touch ran\nrm -rf old", language)
    assert result.exit_code == 1
    assert "was not run, since it looks dangerous: `rm -rf` removes without asking" in result.output
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["old"]
    assert run(make(work_dir=tmp_path / "work", allow_dangerous_commands=True), "rm -rf old", language).exit_code == 0
    assert list((tmp_path / "work").iterdir()) == []


def test_only_shell_code_is_looked_at(make, run):
    assert run(make(), "print('rm -rf /')").output == "rm -rf /\n"


@pytest.mark.skipif(os.name == "nt", reason="asks a POSIX shell")
@pytest.mark.parametrize("code", DANGEROUS + HARMLESS)
def test_the_examples_are_shell_code(code):
    assert subprocess.run(["bash", "-n", "-c", code], check=False).returncode == 0
