"""The command line: help, version, errors without a traceback, Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from quorate import ConfigError, cli
from quorate.cli import COMMANDS, quorate


def run(*arguments, **variables):
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("QUORATE_", "OPENAI_", "OAI_"))}
    return subprocess.run(
        [sys.executable, "-m", "quorate", *arguments],
        env={**kept, **variables},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_the_distributions(env):
    done = env.quorate("--version")
    assert (done.returncode, done.stderr) == (0, "")
    version = env.run("import json, quorate; print(json.dumps(quorate.__version__))")
    assert done.stdout == f"quorate, version {version}\n"


def test_help_names_every_command():
    done = run("--help")
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: quorate [OPTIONS] COMMAND [ARGS]...")
    for name in COMMANDS:
        assert f"\n  {name} " in done.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name):
    done = run(name, "--help")
    assert done.returncode == 0
    assert f"Usage: quorate {name} " in done.stdout


def test_an_unknown_command():
    done = run("pluginz")
    assert done.returncode == 2
    assert "No such command 'pluginz'" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_option():
    done = run("plugins", "--yaml")
    assert (done.returncode, "No such option" in done.stderr) == (2, True)


def test_one_command_does_not_pay_for_another():
    code = "import sys; from quorate.cli import quorate; quorate.get_command(None, 'plugins')\n"
    code += "sys.exit(any(name in sys.modules for name in ('pydantic', 'quorate.cli.chat', 'quorate.agents')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_error_of_ours_is_one_message_and_no_traceback(tmp_path):
    done = run("chat", "Hello", "--executor", "moon", OAI_CONFIG_LIST="[{]")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert "OAI_CONFIG_LIST" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_error_of_ours_inside_a_command(monkeypatch):
    """In this process, so that the exception itself can be looked at."""

    def fail(*_args, **_options):
        msg = "OAI_CONFIG_LIST[2].base_url: is no URL"
        raise ConfigError(msg)

    monkeypatch.setattr("quorate.cli._main_job.solve", fail)
    result = CliRunner().invoke(quorate, ["chat", "Hello"])
    assert (result.exit_code, result.output) == (1, "Error: OAI_CONFIG_LIST[2].base_url: is no URL\n")


def test_somebody_elses_error_keeps_its_traceback(monkeypatch):
    def fail(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("quorate.cli._main_job.solve", fail)
    assert isinstance(CliRunner().invoke(quorate, ["chat", "Hello"]).exception, ZeroDivisionError)


def test_ctrl_c_exits_with_130(env):
    env.add("quorate-slow", "import time\nprint('ready', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [env.python, "-m", "quorate", "plugins"],
        env={"PATH": os.environ["PATH"], "HOME": str(env.home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    out, error = process.communicate(timeout=30)
    assert (process.returncode, out, error) == (130, "", "\nInterrupted.\n")


def test_a_closed_pipe_is_no_traceback(env):
    command = f'"{env.python}" -m quorate plugins --json | head -c 5'
    done = subprocess.run(
        ["sh", "-c", command], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("[\n  {", "")


def test_every_command_can_be_imported():
    assert quorate.list_commands(None) == list(COMMANDS)
    for name in COMMANDS:
        assert quorate.get_command(None, name).name == name
    assert quorate.get_command(None, "nix") is None
    assert cli.__doc__
