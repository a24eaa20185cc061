"""Clients of the scripted server, of a stand-in for vLLM's own routes, and of a real server where there is one."""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from quorate_vllm_client import VLLMChatCompletionClient


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in list(os.environ):
        if name in ("VLLM_BASE_URL", "VLLM_API_KEY") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def client(scripted_server):
    return VLLMChatCompletionClient(model="m", base_url=scripted_server.base_url)


@pytest.fixture(params=["create", "create_stream"])
def ask(request):
    """Ask one question either way; gives the streamed text (None for ``create``) and the result."""

    async def whole(client, messages, **more):
        return None, await client.create(messages, **more)

    async def streamed(client, messages, **more):
        parts = [part async for part in client.create_stream(messages, **more)]
        assert all(isinstance(part, str) and part for part in parts[:-1])
        return "".join(parts[:-1]), parts[-1]

    return whole if request.param == "create" else streamed


class StandIn:
    """Answers vLLM's routes beside chat completions as 0.32 was seen to, for what one real server cannot be.

    Attributes:
        version: the version; None answers 404.
        models: what ``/v1/models`` lists.
        template: ``(messages) -> text``, raising ValueError to refuse; used by both routes.
        tokenizes: whether there is ``/tokenize``.
        answer: the text of every answer.
        asked: the path and decoded body of each request.
    """

    def __init__(self):
        self.version = "0.32.0"
        self.models = [{"id": "stand-in", "parent": None, "max_model_len": 512}]
        self.template = json.dumps
        self.tokenizes = True
        self.answer = "yes"
        self.asked = []

    def __call__(self, path, body):
        self.asked.append((path, body))
        if path == "/version" and self.version:
            return 200, {"version": self.version}
        if path == "/v1/models" and self.models is not None:
            return 200, {"object": "list", "data": self.models}
        if (path == "/tokenize" and self.tokenizes) or path == "/v1/chat/completions":
            try:
                text = self.template(body["messages"])
            except ValueError as error:
                return 400, {"error": {"message": str(error), "type": "BadRequestError", "param": None, "code": 400}}
            if path == "/tokenize":
                return 200, {"count": len(text), "max_model_len": 512, "tokens": list(text.encode())}
            message = {"role": "assistant", "content": self.answer}
            choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
            return 200, {"model": body.get("model"), "choices": choices}
        return 404, {"error": {"message": "Not Found", "type": "NotFoundError", "param": None, "code": 404}}

    def paths(self):
        return [path for path, _ in self.asked]

    def chats(self):
        return [body for path, body in self.asked if path == "/v1/chat/completions"]


@pytest.fixture
def stand_in():
    """The stand-in, with ``base_url``."""
    told = StandIn()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self):
            length = int(self.headers.get("content-length") or 0)
            status, value = told(self.path, json.loads(self.rfile.read(length) or b"null"))
            body = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def __getattr__(self, name):
            if name in ("do_GET", "do_POST"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        told.base_url = f"http://127.0.0.1:{server.server_port}/v1"
        yield told
        server.shutdown()
        thread.join()


def _real(name):
    url = os.environ.get("QUORATE_VLLM_URL")
    if not url:
        pytest.skip("QUORATE_VLLM_URL names no vLLM server; run `nox -s vllm`, or tests/real/vllm_server.py")
    with urllib.request.urlopen(f"{url}/models", timeout=10) as answer:
        served = [each["id"] for each in json.load(answer)["data"]]
    if name not in served:
        pytest.skip(f"the server at QUORATE_VLLM_URL serves {served}, and this test is about the model {name!r}")
    return url


@pytest.fixture
def tiny_url():
    """A real server of the demonstration model, with tool calls; skips without one."""
    return _real("tiny")


@pytest.fixture
def random_url():
    """A real server of a model with random weights, a strict chat template and reasoning; skips without one."""
    return _real("random")
