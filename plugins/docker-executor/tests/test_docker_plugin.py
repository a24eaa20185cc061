"""What the plugin offers, how it is asked for, and what is said when its parts are missing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import quorate_docker_executor
from quorate import ConfigError, Kernel, UserProxyAgent
from quorate.testing import isolated_kernel
from quorate_docker_executor import DockerCommandLineCodeExecutor


@pytest.fixture
def kernel():
    with isolated_kernel(quorate_docker_executor) as kernel:
        yield kernel


def test_the_record(kernel):
    record = kernel.executor_record("docker")
    assert (record.isolation, record.network) == ("container", False)
    assert kernel.executor_record("commandline-docker") is record


@pytest.mark.parametrize(
    ("config", "images"),
    [
        ({"use_docker": True}, ("python:3-slim", "python:3")),
        ({"use_docker": "python:3", "work_dir": "_output"}, ("python:3",)),
        ({"use_docker": ["a:1", "b:2"]}, ("a:1", "b:2")),
        ({"executor": "docker", "image": "c:3", "timeout": 5}, ("c:3",)),
    ],
)
def test_how_it_is_asked_for(kernel, config, images, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    user = UserProxyAgent("user", code_execution_config=config, kernel=kernel)
    executor = user.code_executor
    assert isinstance(executor, DockerCommandLineCodeExecutor)
    assert executor.images == images
    assert list(tmp_path.iterdir()) == []


def test_options_that_relax_it_count_for_what_is_required(kernel):
    require = {"isolation": "container", "network": False}
    config = {"executor": "docker", "require": require}
    UserProxyAgent("user", code_execution_config=config, kernel=kernel)
    with pytest.raises(ConfigError, match="network"):
        UserProxyAgent("user", code_execution_config={**config, "network": True}, kernel=kernel)


def test_an_option_that_is_not_there(kernel):
    with pytest.raises(ConfigError, match=r"does not take these options: .*volume"):
        kernel.code_executor("docker", {"volume": "/:/host"})


def test_it_is_light():
    code = (
        "import sys, quorate_docker_executor\n"
        "assert not {'docker', 'requests', 'anyio', 'pydantic'} & set(sys.modules), sorted(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_without_the_sdk():
    code = (
        "import sys\n"
        "sys.modules['docker'] = None\n"
        "from quorate import UserProxyAgent, MissingDependency\n"
        "from quorate.testing import isolated_kernel\n"
        "import quorate_docker_executor\n"
        "kernel = isolated_kernel(quorate_docker_executor)\n"
        "user = UserProxyAgent('user', code_execution_config={'use_docker': True}, kernel=kernel)\n"
        "try: user.code_executor\n"
        "except MissingDependency as error: print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "needs the library 'docker" in done.stdout


def test_an_agent_without_code_needs_no_engine(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nobody.sock")
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_docker_executor, "docker-executor")
        user = UserProxyAgent("user", human_input_mode="NEVER", default_auto_reply="fine", kernel=kernel)
        assert user.generate_reply([{"role": "user", "content": "no code here"}]) == "fine"
