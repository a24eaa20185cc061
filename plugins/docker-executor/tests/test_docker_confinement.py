"""What code in a container can use and reach: the defaults, each option that relaxes one, and what is refused."""

from __future__ import annotations

import os
import socket

import pytest

from quorate import ConfigError
from quorate_docker_executor import DockerCommandLineCodeExecutor

STATUS = "print(*(line for line in open('/proc/self/status') if line.startswith(('Cap', 'NoNewPrivs'))), sep='')"


@pytest.fixture
def inspected(engine, ours, executor, run):
    """What the engine says of the container of an executor with these options, and what a look from inside gives."""

    def inspect(look="print()", **options):
        before = ours()
        result = run(executor(**options), look)
        assert result.exit_code == 0, result.output
        (made,) = ours() - before
        return engine.api.inspect_container(made), result.output

    return inspect


def test_the_defaults(inspected, tmp_path):
    look = (
        "import os, socket; print(os.getuid(), os.getgid(), [name for _, name in socket.if_nameindex()], os.getcwd())"
    )
    container, said = inspected(look)
    host, user = container["HostConfig"], f"{os.getuid()}:{os.getgid()}"
    assert said == f"{user.replace(':', ' ')} ['lo'] /workspace\n"
    assert {name: host[name] for name in ("NetworkMode", "CapDrop", "SecurityOpt", "ReadonlyRootfs", "Init")} == {
        "NetworkMode": "none",
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true"],
        "ReadonlyRootfs": True,
        "Init": True,
    }
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (1 << 30, 1 << 30, 10**9, 256)
    assert {each["Name"] for each in host["Ulimits"]} == {"core", "fsize", "nofile", "nproc"}
    assert host["AutoRemove"]
    assert not host["Privileged"]
    assert host["CapAdd"] is None
    assert list(host["Tmpfs"]) == ["/tmp"]
    assert [(each["Source"], each["Target"]) for each in host["Mounts"]] == [(str(tmp_path / "work"), "/workspace")]
    assert container["Config"]["User"].partition(":")[0] not in ("", "root", str(os.getuid()))


def test_what_can_be_written(executor, run):
    code = (
        "import os, shutil\n"
        "for place in ('/', '/etc', '/usr', '/root', '/var/tmp', '/proc/sys/kernel', '/sys', '/tmp', '/workspace'):\n"
        "    try: open(place + '/new', 'w').write('x'); print(place)\n"
        "    except OSError: pass\n"
        "print(shutil.disk_usage('/tmp').total >> 20)\n"
    )
    assert run(executor(), code).output == "/tmp\n/workspace\n256\n"
    assert run(executor(read_only=False, user="0:0", tmpfs="32m"), code).output.startswith("/\n/etc\n/usr\n/root\n")


def test_the_environment_is_the_images(executor, run, monkeypatch):
    monkeypatch.setenv("OUR_SETTING", "ours")
    code = (
        "import os; print('OUR_SETTING' in os.environ, os.environ.get('GIVEN'), os.environ['PATH'], os.environ['HOME'])"
    )
    assert run(executor(env={"GIVEN": "given"}), code).output == "False given /usr/local/bin:/usr/bin:/bin /tmp\n"


@pytest.mark.parametrize(("network", "mode"), [(True, ("default", "bridge")), ("bridge", ("bridge",))])
def test_a_network(inspected, network, mode, engine):
    with socket.create_server(("", 0)) as server:
        gateway = engine.networks.get("bridge").attrs["IPAM"]["Config"][0].get("Gateway", "172.17.0.1")
        look = f"import socket; socket.create_connection(({gateway!r}, {server.getsockname()[1]}), 5); print('reached')"
        container, said = inspected(look, network=network)
    assert said == "reached\n"
    assert container["HostConfig"]["NetworkMode"] in mode


def test_whether_it_has_a_network_is_declared():
    made = [DockerCommandLineCodeExecutor(network=network).network for network in (False, True, "mine")]
    assert made == [False, True, True]


def test_limits(inspected):
    container, _ = inspected(memory="64m", cpus=0.5, pids=40, ulimits={"nofile": 99, "cpu": 9})
    host = container["HostConfig"]
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (
        64 << 20,
        64 << 20,
        5 * 10**8,
        40,
    )
    limits = {each["Name"]: each["Hard"] for each in host["Ulimits"]}
    assert (limits["nofile"], limits["cpu"], limits["core"]) == (99, 9, 0)


def test_what_memory_has_to_do_with_it_is_said(executor, run):
    result = run(executor(memory="64m"), "held = bytearray(1 << 30)")
    assert result.exit_code == 137
    assert "more memory than 64m" in result.output


def test_capabilities_and_privileges(executor, run):
    said = run(executor(), STATUS).output
    assert "CapEff:\t0000000000000000" in said
    assert "NoNewPrivs:\t1" in said
    said = run(executor(user="root", capabilities=["CHOWN"], new_privileges=True), STATUS).output
    assert "CapEff:\t0000000000000001" in said
    assert "NoNewPrivs:\t0" in said


def test_volumes(executor, run, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "given").write_text("given")
    code = "print(open('/data/given').read())\nopen('/data/new', 'w').write('new')"
    result = run(executor(volumes={str(tmp_path / "data"): "/data"}), code)
    assert result.output.startswith("given\n")
    assert "Read-only file system" in result.output
    assert run(executor(volumes={str(tmp_path / "data"): "/data:rw"}), code).exit_code == 0
    assert (tmp_path / "data" / "new").read_text() == "new"


def test_another_user(executor, run, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("only root can give files to another user")
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", 1000, 1000)
    code = "import os; print(os.getuid()); open('new', 'w').write('x')"
    assert run(executor(user="1000:1000", work_dir=tmp_path / "theirs"), code).output == "1000\n"
    assert (tmp_path / "theirs" / "new").stat().st_uid == 1000


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"privileged": True}, "privileged=True is refused"),
        ({"network": "host"}, "services of this machine"),
        ({"network": "container:other"}, "another container"),
        ({"network": ""}, "network is True, False or a name"),
        ({"capabilities": ["SYS_ADMIN"]}, "SYS_ADMIN is refused"),
        ({"capabilities": ["ALL"]}, "ALL is refused"),
        ({"volumes": {"/var/run/docker.sock": "/sock"}}, "commands the engine"),
        ({"volumes": {"/": "/host"}}, "commands the engine"),
        ({"volumes": {"/run": "/run:rw"}}, "commands the engine"),
        ({"volumes": {"/var/./run/": "/run"}}, "commands the engine"),
        ({"volumes": {"here": "/there"}}, "absolute path"),
        ({"volumes": {"/data": "there"}}, "absolute path in the container"),
        ({"work_dir": "/run"}, "work_dir: /run is refused"),
        ({"work_dir": "out", "bind_dir": "/"}, "bind_dir: / is refused"),
        ({"bind_dir": "/data"}, "give work_dir too"),
        ({"memory": "much"}, "memory is a number of bytes"),
        ({"tmpfs": 0}, "tmpfs is a number of bytes"),
        ({"cpus": -1}, "cpus is a positive number"),
        ({"pids": True}, "pids is a positive number"),
        ({"ulimits": {"nofile": "many"}}, r"ulimits\['nofile'\] is a number"),
        ({"gpus": []}, "gpus is"),
        ({"image": []}, "image is a name"),
        ({"image": [""]}, "image is a name"),
        ({"env": {"A=B": "c"}}, "env holds texts"),
        ({"timeout": 0}, "timeout is a positive number"),
    ],
)
def test_refusals(options, said):
    with pytest.raises(ConfigError, match=said):
        DockerCommandLineCodeExecutor(**options)


def test_a_socket_is_refused_wherever_it_is(short):
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(short / "any.sock"))
        (short / "link").symlink_to(short / "any.sock")
        for name in ("any.sock", "link"):
            with pytest.raises(ConfigError, match="commands the engine"):
                DockerCommandLineCodeExecutor(volumes={str(short / name): "/sock"})


@pytest.mark.parametrize("place", ["docker.sock", "podman/podman.sock"])
def test_a_rootless_engine_is_out_of_reach_too(tmp_path, monkeypatch, place):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    DockerCommandLineCodeExecutor(volumes={str(tmp_path): "/mine"})
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).touch()
    with pytest.raises(ConfigError, match="commands the engine"):
        DockerCommandLineCodeExecutor(volumes={str(tmp_path): "/mine"})


def test_the_engine_that_is_named_is_out_of_reach_too(tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/engine/own.sock")
    (tmp_path / "engine").mkdir()
    with pytest.raises(ConfigError, match=r"own\.sock commands the engine"):
        DockerCommandLineCodeExecutor(volumes={str(tmp_path / "engine"): "/engine"})
