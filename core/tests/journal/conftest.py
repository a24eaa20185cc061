"""A server that counts what it is asked, and a program that is killed and started again."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import threading
from collections import Counter
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def load_program():
    spec = importlib.util.spec_from_file_location("journal_program", HERE / "program.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def program():
    """The program as a module, for runs in this process."""
    return load_program()


class World(ThreadingHTTPServer):
    """Answers by what it is asked alone, so that a conversation goes the same way each time."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked = Counter()
        self.lock = threading.Lock()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.server_address[1]

    def answer(self, kind, what):
        if kind != "model":
            return f"{kind} {what if isinstance(what, int) else len(what)}"
        last = what[-1] or ""
        if "tool" in last or last == "call":
            number = len(what)
            call = {"type": "function"}
            return {
                "calls": [
                    {
                        **call,
                        "id": f"c{number}{n}",
                        "function": {"name": "effect", "arguments": json.dumps({"number": number * 10 + n})},
                    }
                    for n in (1, 2)
                ]
            }
        if any(
            "Read the above conversation" in (text or "") or "role" in (text or "").split()[:3] for text in what[-1:]
        ):
            return {"text": ("ann", "ben", "plain")[len(str(what)) % 3]}
        return {"text": f"answer {len(what)} to {last[:20]}"}


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not body.endswith(b"]"):  # whoever asked was killed meanwhile
            return
        with self.server.lock:
            self.server.asked[body] += 1
        answer = json.dumps(self.server.answer(*json.loads(body))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass

    def handle(self):
        with suppress(ConnectionError):  # whoever asked was killed
            super().handle()


@pytest.fixture
def world():
    """A fresh server."""
    with World() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def forge():
    """Start the program once; it forks a child for each run."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(HERE / "program.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout.readline() == "ready\n"
        yield process
        process.stdin.close()
