"""Runs a command while LiteLLM's proxy is up on loopback, in front of a backend, and ends it whatever happens.

``python tests/real/litellm_proxy.py -- COMMAND...`` gives the command ``QUORATE_LITELLM_URL``, ``_KEY`` and
``_DEPLOYMENT``, and exits with its status. The proxy serves Azure's deployments route and was written by others, so it
is an independent check of that route; its errors are not Azure's, it takes any api-version, and its v1 route is not
Azure's. It is installed into an environment of its own: it wants an older SDK than we do.

The backend is a scripted server that repeats the last message, unless ``--backend URL --model NAME`` name another.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from contextlib import AbstractContextManager

HOME = Path(__file__).parents[2] / ".nox" / "litellm-proxy"
REQUIREMENT = "litellm[proxy]==1.106.2"  # the version that was seen to install and to work
KEY = "sk-key-of-the-proxy"
DEPLOYMENT = "gpt-tiny"
READY_WITHIN = 180.0  # seconds; 15 to 40 were seen
ENDS_WITHIN = 15.0
# Prices and models from its own package, no telemetry, no documentation pages.
ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "NO_DOCS": "1",
}
NOT_INHERITED = {"PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "DATABASE_URL", "HOST", "PORT"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Set up, serve, run the command; its status."""
    given = _parser().parse_args(arguments)
    program = _set_up(given.home.resolve())
    if not given.command:
        return 0
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: sys.exit(128 + caught))
    backend: AbstractContextManager[str] = nullcontext(given.backend) if given.backend else _scripted()
    with tempfile.TemporaryDirectory(prefix="quorate-litellm-") as folder, backend as url:
        config = Path(folder) / "config.yaml"
        config.write_text(json.dumps(_config(url, given.model)), encoding="utf-8")  # JSON is YAML too
        log = Path(folder) / "proxy.log"
        with _served([str(program), "--config", str(config), "--host", "127.0.0.1", "--telemetry", "False"], log) as at:
            told = {"QUORATE_LITELLM_URL": at, "QUORATE_LITELLM_KEY": KEY, "QUORATE_LITELLM_DEPLOYMENT": DEPLOYMENT}
            status = subprocess.run(given.command, env={**os.environ, **told}, check=False).returncode
        if status:
            print(f"the end of the proxy's log:\n{_tail(log, 30)}", flush=True)
        return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--backend", help="base URL of another backend, with /v1")
    parser.add_argument("--model", default="scripted-model", help="the backend's model")
    parser.add_argument(
        "--home", type=Path, default=HOME, help="the folder of LiteLLM's environment; made when missing"
    )
    parser.add_argument("command", nargs="*", help="after --")
    return parser


def _set_up(home: Path) -> Path:
    """LiteLLM's own program, installed when it is not there yet, by pip and its settings."""
    folder = home / ("Scripts" if os.name == "nt" else "bin")
    done = home / f"{REQUIREMENT.partition('==')[2]}.installed"
    if not done.exists():
        print(f"installing {REQUIREMENT} into {home}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(home)], check=True)
        subprocess.run([folder / "python", "-m", "pip", "install", "--quiet", REQUIREMENT], check=True)
        done.touch()
    return folder / "litellm"


@contextmanager
def _scripted() -> Generator[str]:
    """A backend that repeats the last message."""
    from pytest_quorate import ScriptedServer

    with ScriptedServer() as server:
        yield server.base_url


def _config(backend: str, model: str) -> dict[str, object]:
    behind = {"model": f"openai/{model}", "api_base": backend, "api_key": "none", "max_retries": 0}
    return {
        "model_list": [{"model_name": DEPLOYMENT, "litellm_params": behind}],
        "general_settings": {"master_key": KEY},
        "litellm_settings": {"telemetry": False, "num_retries": 0},
        "router_settings": {"disable_cooldowns": True, "num_retries": 0},
    }


@contextmanager
def _served(command: list[str], log: Path) -> Generator[str]:
    """The proxy's URL while it is up; at the end none of its processes is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    inherited = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
    with log.open("wb") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port)],
            env={**inherited, **ENVIRONMENT},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(server, url, log)
        yield url
    finally:
        _end(server)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    start = time.monotonic()
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while (waited := time.monotonic() - start) < READY_WITHIN:
        if server.poll() is not None:
            sys.exit(f"the proxy ended with status {server.returncode} before it was ready:\n{_tail(log, 40)}")
        try:
            with direct.open(f"{url}/health/liveliness", timeout=5):
                print(f"LiteLLM's proxy is ready at {url} after {waited:.0f} s", flush=True)
                return
        except OSError:
            time.sleep(0.5)
    sys.exit(f"the proxy was not ready within {READY_WITHIN:.0f} s:\n{_tail(log, 40)}")


def _tail(log: Path, lines: int) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the proxy to end, then end what is left of its process group."""
    server.terminate()
    try:
        server.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        print("the proxy did not end when asked; it is killed", flush=True)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait()


if __name__ == "__main__":
    sys.exit(main())
