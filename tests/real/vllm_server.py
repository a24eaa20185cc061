"""Runs a command while a real vLLM server is up on loopback, and ends the server whatever happens.

``python tests/real/vllm_server.py --model DIR -- COMMAND...`` gives the command ``QUORATE_VLLM_URL``, the server's
base URL with ``/v1``, and exits with the command's status. Without a command it only sets up the environment.
``--model random`` makes a model of random weights on the spot: its chat template is strict, it reasons, and its
server has no tool calls.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from vllm_environment import set_up

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

HERE = Path(__file__).parent
HOME = HERE.parents[1] / ".nox" / "vllm-server"
READY_WITHIN = 600.0  # seconds; half a minute to a minute and a half was seen
ENDS_WITHIN = 15.0
ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_OFFLINE": "1",
    "OMP_NUM_THREADS": "1",  # with two on a busy machine a token takes 250 ms, with one 10
    "TORCHINDUCTOR_DISABLE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "VLLM_CPU_KVCACHE_SPACE": "1",  # GiB; without it nearly all memory is asked for
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_NO_USAGE_STATS": "1",
}
# With PYTHONDONTWRITEBYTECODE every process compiles ten thousand modules anew; the others are the caller's.
NOT_INHERITED = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "VLLM_API_KEY"}
OPTIONS = """--host 127.0.0.1 --dtype float32 --max-model-len 1024 --max-num-seqs 8 --enforce-eager
    --generation-config vllm --trust-request-chat-template""".split()
XGRAMMAR = ["--structured-outputs-config", '{"backend":"xgrammar","disable_any_whitespace":true}']
TOOLS = ["--enable-auto-tool-choice", "--tool-call-parser", "hermes"]
REASONING = ["--reasoning-parser", "deepseek_r1"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up, serve, run the command; its status."""
    given = _parser().parse_args(arguments)
    python = set_up(given.home.resolve())
    if not given.command:
        return 0
    with tempfile.TemporaryDirectory(prefix="quorate-vllm-") as folder:
        random = given.model == "random"
        model = _random_model(python, Path(folder)) if random else str(Path(given.model).resolve(strict=True))
        features = REASONING if random else TOOLS
        name = ["--served-model-name", given.name or ("random" if random else "tiny")]
        middleware = [part for each in given.middleware for part in ("--middleware", each)]
        command = [str(python.with_name("vllm")), "serve", model, *OPTIONS, *XGRAMMAR, *features, *name, *middleware]
        environment = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED} | ENVIRONMENT | dict(given.env)
        log = Path(folder) / "server.log"
        with _served(command, environment, log) as url:
            status = subprocess.run(given.command, env={**os.environ, "QUORATE_VLLM_URL": url}, check=False).returncode
        if status:
            print(f"the end of the server's log:\n{_tail(log, 30)}", flush=True)
        return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="random", help="a folder in Hugging Face format, or random")
    parser.add_argument("--name", help="the name it is served under; tiny or random by default")
    parser.add_argument("--middleware", action="append", default=[], help="an ASGI middleware, module.name; repeatable")
    parser.add_argument("--env", action="append", default=[], type=_pair, help="K=V for the server; repeatable")
    parser.add_argument("--home", type=Path, default=HOME, help="the folder of vLLM's environment; made when missing")
    parser.add_argument("command", nargs="*", help="after --")
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _random_model(python: Path, folder: Path) -> str:
    subprocess.run([python, HERE / "random_model.py", folder / "model"], check=True)
    return str(folder / "model")


@contextmanager
def _served(command: list[str], environment: dict[str, str], log: Path) -> Generator[str]:
    """The server's base URL while it is up; at the end none of its processes is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    guard = _guard(server.pid)
    try:
        _wait(server, f"http://127.0.0.1:{port}", log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        _end(server)
        guard.communicate()


def _guard(group: int) -> subprocess.Popen[bytes]:
    """A process that ends the server's group when we are gone, even by ``kill -9``: our end of its pipe closes then."""
    program = (
        "import os, sys, contextlib, signal\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.stdin.read()\n"
        "with contextlib.suppress(ProcessLookupError): os.killpg(int(sys.argv[1]), 9)\n"
    )
    started = [sys.executable, "-c", program, str(group)]
    return subprocess.Popen(started, stdin=subprocess.PIPE, start_new_session=True)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    start, told = time.monotonic(), 0.0
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while (waited := time.monotonic() - start) < READY_WITHIN:
        if server.poll() is not None:
            sys.exit(f"the server ended with status {server.returncode} before it was ready:\n{_tail(log, 40)}")
        try:
            with direct.open(f"{url}/health", timeout=5):
                print(f"vLLM is ready at {url} after {waited:.0f} s", flush=True)
                return
        except OSError:
            time.sleep(0.5)
        if waited - told >= 10:
            told = waited
            print(f"{waited:3.0f} s: waiting for vLLM: {_tail(log, 1)[:120]}", flush=True)
    sys.exit(f"the server was not ready within {READY_WITHIN:.0f} s:\n{_tail(log, 40)}")


def _tail(log: Path, lines: int) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end, then end what is left of its process group."""
    server.terminate()
    try:
        server.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        print("the server did not end when asked; it is killed", flush=True)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


if __name__ == "__main__":
    sys.exit(main())
