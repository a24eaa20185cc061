"""A Docker engine, or the reason why there is none; executors that are stopped after their test."""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from quorate import ExecutorError
from quorate.coding import CodeBlock
from quorate_docker_executor import DockerCommandLineCodeExecutor
from quorate_docker_executor._engine import connect
from quorate_docker_executor._lease import LABEL

IMAGE = "python:3-slim"


@pytest.fixture(scope="session")
def engine():
    """The engine that is there, as the SDK sees it."""
    try:
        api, _ = connect()  # the SDK would leave a socket open where nobody answers
        api.close()
        client = docker.from_env()
        client.images.get(IMAGE)
    except (DockerException, ExecutorError) as error:
        reason = f"needs a Docker engine that has {IMAGE}; nox -s docker brings one: {error}"
        if os.environ.get("QUORATE_DOCKER_TESTS") == "must run":
            pytest.fail(reason)
        pytest.skip(reason)
    with contextlib.closing(client):
        yield client


@pytest.fixture
def ours(engine):
    """The identifiers of the containers that a process made, by its process ID; this one's unless told otherwise."""

    def ours(pid=None):
        found = engine.api.containers(all=True, filters={"label": LABEL})
        whose = str(pid or os.getpid())
        return {each["Id"] for each in found if each["Labels"][LABEL].split()[-2:-1] == [whose]}

    return ours


@pytest.fixture
def executor(engine, tmp_path):
    """Makes an executor, in the work directory ``work`` unless told otherwise."""
    made = []

    def make(**options):
        made.append(DockerCommandLineCodeExecutor(**{"work_dir": tmp_path / "work", "timeout": 20, **options}))
        return made[-1]

    yield make
    for each in made:
        asyncio.run(each.stop())


@pytest.fixture
def short():
    """A folder with a short path, for sockets, which everybody may enter."""
    with tempfile.TemporaryDirectory(prefix="q-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def executor_without_engine(tmp_path):
    """An executor that can be made anywhere."""
    return DockerCommandLineCodeExecutor(work_dir=tmp_path / "work")


@pytest.fixture
def run():
    """Run blocks, Python unless told otherwise; gives the result."""

    def run(executor, *codes, language="python"):
        return asyncio.run(executor.execute_code_blocks([CodeBlock(code, language) for code in codes]))

    return run
