"""The docker executor keeps the contract of all executors, without a network and with one."""

from __future__ import annotations

from contextlib import closing
from typing import ClassVar

import docker
import pytest

from pytest_quorate import ExecutorContract
from quorate_docker_executor import RECORD, DockerCommandLineCodeExecutor
from quorate_docker_executor._lease import LABEL, owner

CONTAINED = frozenset(
    {
        "drops_privileges",
        "ends_background",
        "ends_with_us",
        "hides_files",
        "hides_processes",
        "keeps_files",
        "keeps_signals",
    }
)


@pytest.mark.usefixtures("engine")
class TestContract(ExecutorContract):
    record, isolation, network = RECORD, "container", False
    languages = ("python", "py", "sh", "bash", "shell")
    capabilities = CONTAINED
    limits: ClassVar = {
        "cpu": {"ulimits": {"cpu": 1}},
        "file_size": {"ulimits": {"fsize": 8 << 20}},
        "memory": {"memory": "256m"},
        "processes": {"pids": 64},
    }

    def make(self, work_dir, **options):
        return DockerCommandLineCodeExecutor(work_dir=work_dir, **options)

    def leftovers(self):
        with closing(docker.from_env()) as client:
            found = client.api.containers(all=True, filters={"label": f"{LABEL}={owner()}"})
            return [each["Names"][0] for each in found]
