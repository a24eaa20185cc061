"""Engines that cannot be used, and images that are not there: each error says what to do."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket

import pytest

from quorate import ExecutorError
from quorate_docker_executor._engine import connect

SKIP_PERMISSION = "a socket that this user may not use cannot be made on this platform"


@pytest.fixture
def nowhere(short, monkeypatch):
    address = f"unix://{short}/nobody.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    return address


def test_no_engine(executor_without_engine, run, nowhere):
    with pytest.raises(ExecutorError, match="No such file or directory") as caught:
        run(executor_without_engine, "print(1)")
    assert nowhere in str(caught.value)
    for remedy in ("Docker Desktop", "systemctl start docker", "DOCKER_HOST", "local"):
        assert remedy in str(caught.value)


def test_an_engine_that_has_ended(short, nowhere):
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(short / "nobody.sock"))
    with pytest.raises(ExecutorError, match=r"Connection refused.*start it"):
        connect()


@pytest.mark.skipif(not hasattr(os, "fork"), reason=SKIP_PERMISSION)
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_an_engine_that_is_not_for_us(short, nowhere):
    with socket.socket(socket.AF_UNIX) as closed:
        closed.bind(str(short / "nobody.sock"))
        (short / "nobody.sock").chmod(0)
        with pytest.raises(ExecutorError):
            connect()  # loads what it needs while that can be read
        said = _as_nobody(connect)
    assert "permission denied" in said
    assert nowhere in said
    assert "usermod -aG docker" in said


def _as_nobody(do) -> str:
    """Do something as a user who is not root; the message of its error."""
    reader, writer = os.pipe()
    if (child := os.fork()) == 0:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            do()
        except ExecutorError as error:
            os.write(writer, str(error).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        said = told.read().decode()
    os.waitpid(child, 0)
    return said


def test_the_context_of_the_docker_command(tmp_path, monkeypatch):
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text('{"currentContext": "mine"}')
    folder = tmp_path / "contexts" / "meta" / hashlib.sha256(b"mine").hexdigest()
    folder.mkdir(parents=True)
    address = f"unix://{tmp_path}/mine.sock"
    meta = {"Name": "mine", "Metadata": {}, "Endpoints": {"docker": {"Host": address, "SkipTLSVerify": False}}}
    (folder / "meta.json").write_text(json.dumps(meta))
    with pytest.raises(ExecutorError, match=address):
        connect()


def test_an_image_that_is_not_there(executor, run):
    with pytest.raises(ExecutorError) as caught:
        run(executor(image=["quorate.invalid/first:1", "quorate.invalid/second:2"]), "print(1)")
    for part in (
        "first:1 is not there and cannot be pulled",
        "second:2 is not there",
        "docker pull",
        "docker image ls",
    ):
        assert part in str(caught.value)


def test_the_first_image_that_is_there(executor, run):
    assert run(executor(image=["quorate.invalid/first:1", "python:3-slim"]), "print(42)").output == "42\n"


def test_an_image_name_that_is_none(executor, run):
    with pytest.raises(ExecutorError, match="invalid reference format"):
        run(executor(image="No Image!"), "print(1)")


def test_an_image_without_a_shell(engine, executor, run):
    import io
    import tarfile

    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("nothing"))
    name = f"quorate-test-{secrets.token_hex(8)}"
    engine.api.import_image_from_data(empty.getvalue(), name, "1")
    try:
        with pytest.raises(ExecutorError, match="must have a POSIX shell"):
            run(executor(image=f"{name}:1"), "print(1)")
    finally:
        engine.images.remove(f"{name}:1", force=True)


def test_a_gpu_where_there_is_none(executor, run, engine):
    if "nvidia" in engine.info()["Runtimes"]:
        pytest.skip("this engine has GPUs")
    with pytest.raises(ExecutorError, match="NVIDIA container toolkit"):
        run(executor(gpus="all"), "print(1)")
