"""What an agent requires of its executor is checked when the agent is made."""

from __future__ import annotations

import pytest

from quorate import CodeExecutorRecord, CodeResult, ConfigError, ConversableAgent, hookimpl
from quorate.coding import LocalCommandLineCodeExecutor
from quorate.testing import isolated_kernel


class Executor:
    """Runs nothing; declares what it is told to."""

    def __init__(self, **declared):
        vars(self).update(declared)

    def execute_code_blocks(self, blocks):
        return CodeResult(0, "")


class Boxes:
    """A plugin with a container, a virtual machine that says nothing of itself, and one that says too much."""

    @hookimpl
    def quorate_code_executors(self):
        yield CodeExecutorRecord(name="box", factory=self.box, isolation="container", network=False)
        yield CodeExecutorRecord(name="quiet", factory=lambda **_: Executor(), isolation="vm", network=False)
        yield CodeExecutorRecord(
            name="boaster", factory=lambda: Executor(isolation="vm", network=False), isolation="process", network=True
        )

    def box(self, *, network=False, privileged=False):
        return Executor(network=network, isolation="none" if privileged else "container")


BOXED = {"isolation": "container", "network": False}


@pytest.fixture
def made():
    def make(require, executor="box", *plugins, **options):
        config = {"executor": executor, "require": require, **options}
        with isolated_kernel(*(plugins or [Boxes()])) as kernel:
            return ConversableAgent("a", code_execution_config=config, kernel=kernel).code_executor

    return make


@pytest.mark.parametrize(
    ("require", "executor"),
    [
        (BOXED, "box"),
        (BOXED, "quiet"),
        ({"isolation": "vm"}, "quiet"),
        ({"isolation": "process"}, "box"),
        ({"network": False}, "boaster"),
        ({"isolation": "none"}, "local"),
        (BOXED, Executor(isolation="vm", network=False)),
        ({"network": False}, Executor(network=False)),
        ({"isolation": "none"}, Executor()),
    ],
)
def test_what_satisfies_is_accepted(made, require, executor):
    assert made(require, executor) is not None


@pytest.mark.parametrize(
    ("require", "executor", "options", "says"),
    [
        (
            BOXED,
            "local",
            {},
            (
                "'local' of quorate-coding has the isolation 'none' where 'container' is required "
                "and lets code reach the network; without options that relax it, this satisfies "
                "isolation 'container' or stronger and no network: box, quiet"
            ),
        ),
        ({"isolation": "vm"}, "box", {}, "'box' of plugin-1.* 'container' where 'vm' is required; .*: quiet"),
        (BOXED, "box", {"network": True}, "'box' of .* with the options network lets code reach the network; .*: box"),
        (BOXED, "quiet", {"network": True}, "'quiet' of .* with the options network lets code reach the network"),
        (BOXED, "box", {"privileged": True}, "with the options privileged has the isolation 'none'"),
        ({"isolation": "vm"}, "boaster", {}, "'boaster' of .* has the isolation 'process' where 'vm' is required"),
        (BOXED, LocalCommandLineCodeExecutor(), {}, "LocalCommandLineCodeExecutor object .* isolation 'none'"),
        ({"isolation": "process"}, Executor(), {}, "declares no isolation where 'process' is required"),
        ({"isolation": "process"}, Executor(isolation="safe"), {}, "declares no isolation where 'process' is required"),
        ({"network": False}, Executor(), {}, "does not say whether code reaches the network"),
        ({"network": False}, Executor(network=None), {}, "does not say whether code reaches the network"),
    ],
)
def test_what_is_weaker_or_unknown_is_refused_with_what_would_do(made, require, executor, options, says):
    with pytest.raises(ConfigError, match=rf"code_execution_config\.require: the executor .*{says}"):
        made(require, executor, **options)


def test_where_nothing_installed_would_do_it_says_what_to_install():
    with isolated_kernel() as kernel, pytest.raises(ConfigError, match=r"none.* pip install quorate-docker-executor"):
        ConversableAgent("a", code_execution_config={"use_docker": False, "require": BOXED}, kernel=kernel)


def test_the_executor_that_answers_by_default_is_checked_too(monkeypatch):
    monkeypatch.setenv("AUTOGEN_USE_DOCKER", "no")
    with isolated_kernel() as kernel, pytest.raises(ConfigError, match="the executor 'local'"):
        ConversableAgent("a", code_execution_config={"require": BOXED}, kernel=kernel)


@pytest.mark.parametrize(
    ("require", "says"),
    [
        ({}, 'require: must be a dict with "isolation", "network" or both'),
        ("container", "require: must be a dict"),
        ({"isolation": "strong"}, "require.isolation: must be one of none, process, container, vm, not 'strong'"),
        ({"network": True}, "require.network: must be False"),
        ({"network": "no"}, "require.network: must be False"),
        ({"net": False}, "require.net: unknown key"),
    ],
)
def test_a_requirement_that_is_none(made, require, says):
    with pytest.raises(ConfigError, match=rf"code_execution_config\.{says}"):
        made(require)
