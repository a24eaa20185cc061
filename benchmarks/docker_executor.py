"""What the docker executor adds to a tiny block, against a bare ``docker exec`` in a warm container of the same kind.

Measured in turns in one run, so that a busy machine slows all: the ``docker`` command, an exec through the SDK, and the
executor with a warm and with a fresh container. The ratio of the warm one to the command (to the SDK where there is no
command) is what counts. A person reads it: nothing is asserted. Run it with ``python benchmarks/docker_executor.py
[rounds]``.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from typing import TYPE_CHECKING

import docker
from docker.errors import DockerException

from quorate.coding import CodeBlock
from quorate_docker_executor import DockerCommandLineCodeExecutor

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

AIM = 2.0
IMAGE = "python:3-slim"
CODE = "print(6 * 7)"


async def measure(client: docker.DockerClient, rounds: int, folder: str) -> dict[str, list[float]]:
    """Milliseconds of each way."""
    block = [CodeBlock(CODE, "python")]
    bare = client.containers.run(
        IMAGE, ["sleep", "600"], detach=True, auto_remove=True, init=True, network_mode="none", nano_cpus=10**9
    )
    try:
        async with (
            DockerCommandLineCodeExecutor(IMAGE, work_dir=f"{folder}/warm") as warm,
            DockerCommandLineCodeExecutor(IMAGE, work_dir=f"{folder}/fresh", reuse=False) as fresh,
        ):

            async def command() -> str:
                exec_ = ["docker", "exec", bare.id, "python3", "-c", CODE]
                return subprocess.run(exec_, capture_output=True, check=True, text=True).stdout  # noqa: ASYNC221

            async def sdk() -> str:
                return bare.exec_run(["python3", "-c", CODE]).output.decode()

            async def kept() -> str:
                return (await warm.execute_code_blocks(block)).output

            async def new() -> str:
                return (await fresh.execute_code_blocks(block)).output

            ways = {"docker exec": command} if shutil.which("docker") else {}
            return await in_turns({**ways, "SDK exec": sdk, "warm": kept, "fresh": new}, rounds)
    finally:
        bare.remove(force=True)


async def in_turns(ways: dict[str, Callable[[], Awaitable[str]]], rounds: int) -> dict[str, list[float]]:
    """Run each way once per round, and check what it says."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            began = time.perf_counter()
            said = await way()
            took[name].append((time.perf_counter() - began) * 1000)
            if said.strip() != "42":
                raise SystemExit(said)
    return took


def main() -> None:
    """Measure and tell."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    try:
        client = docker.from_env()
        client.images.get(IMAGE)
    except DockerException as error:
        print(f"not measured: needs a Docker engine that has {IMAGE} (nox -s docker): {error}")
        return
    with closing(client), tempfile.TemporaryDirectory() as folder:
        took = asyncio.run(measure(client, rounds, folder))
    medians = {name: statistics.median(times) for name, times in took.items()}
    base = next(iter(medians))
    for name, times in took.items():
        spread = f"{min(times):.0f} to {max(times):.0f}"
        print(f"{name:12} {medians[name]:7.1f} ms ({spread}), {medians[name] / medians[base]:.2f} times {base}")
    print(f"a warm block costs {medians['warm'] / medians[base]:.2f} times {base}; the aim is at most {AIM}")


if __name__ == "__main__":
    main()
