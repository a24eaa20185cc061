"""What the plugin offers, what it refuses, and what is said where there can be no sandbox."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest

import quorate_bubblewrap_executor
from quorate import ConfigError, ExecutorError, MissingDependency, UserProxyAgent
from quorate.testing import isolated_kernel
from quorate_bubblewrap_executor import BubblewrapCommandLineCodeExecutor

DEMAND = {"isolation": "container", "network": False}


@pytest.fixture
def kernel():
    with isolated_kernel(quorate_bubblewrap_executor) as kernel:
        yield kernel


def agent(kernel, **options):
    config = {"executor": "bubblewrap", "require": DEMAND, **options}
    return UserProxyAgent("user", code_execution_config=config, kernel=kernel)


def test_it_satisfies_an_agent_that_requires_a_container(kernel):
    assert isinstance(agent(kernel).code_executor, BubblewrapCommandLineCodeExecutor)


@pytest.mark.parametrize("relaxed", [{"network": True}, {"memory": None}, {"processes": None}])
def test_an_option_that_relaxes_it_counts(kernel, relaxed):
    with pytest.raises(ConfigError, match="bubblewrap"):
        agent(kernel, **relaxed)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"processes": 0}, "processes is a whole number above 0"),
        ({"tmpfs": "1g"}, "tmpfs is a whole number above 0"),
        ({"memory": -1}, "the bubblewrap executor: memory is a whole number"),
        ({"read_only": ["/no/such/folder"]}, "read_only.*'/no/such/folder'"),
        ({"read_only": "/usr"}, "read_only is a list"),
        ({"read_only": ["/"]}, "without the root"),
        ({"work_dir": "/"}, "the whole machine"),
        ({"virtual_env_context": "/no/such/venv"}, "there is no Python"),
    ],
)
def test_options_that_cannot_be(options, told):
    with pytest.raises(ConfigError, match=told):
        BubblewrapCommandLineCodeExecutor(**options)


def test_a_python_that_holds_the_home_directory(tmp_path, monkeypatch):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    with pytest.raises(ConfigError, match="holds your home directory"):
        BubblewrapCommandLineCodeExecutor(virtual_env_context=tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is refused for the platform")
def test_without_bubblewrap(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingDependency, match="apt-get install bubblewrap"):
        asyncio.run(BubblewrapCommandLineCodeExecutor().start())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is refused for the platform")
def test_a_kernel_that_refuses(tmp_path, monkeypatch):
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(ExecutorError, match=r"No permissions to create new namespace\..*sysctl kernel\.unpriv"):
        asyncio.run(BubblewrapCommandLineCodeExecutor().start())


@pytest.mark.skipif(sys.platform == "linux", reason="tells of other platforms than Linux")
def test_another_platform():
    with pytest.raises(ExecutorError, match="needs Linux's namespaces"):
        asyncio.run(BubblewrapCommandLineCodeExecutor().start())
