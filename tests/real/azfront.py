"""An Azure OpenAI resource's face for a real vLLM: its paths, credentials, headers and error bodies, as ASGI middleware.

``python tests/real/vllm_server.py --model DIR --middleware azfront.AzureFront --env PYTHONPATH=tests/real --
python tests/real/azfront.py COMMAND...`` puts it in front of a server, and hands the command ``QUORATE_AZURE_URL``,
``_KEY``, ``_TOKEN`` and ``_DEPLOYMENT``. The server reads ``AZFRONT_KEY``, ``AZFRONT_TOKEN`` and
``AZFRONT_DEPLOYMENTS`` (``deployment=model,...``).

Paths and request headers are what the ``openai`` SDK was seen to send. **Error bodies, codes and response headers were
written from memory and never checked against the service**: a test that passes here shows that a client and this file
agree, not that Azure behaves so.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    Event = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Event]]
    Send = Callable[[Event], Awaitable[None]]
    App = Callable[[Event, Receive, Send], Awaitable[None]]

KEY = os.environ.get("AZFRONT_KEY", "key-of-the-front")
TOKEN = os.environ.get("AZFRONT_TOKEN", "token-of-the-front")
DEPLOYMENTS = dict(pair.split("=", 1) for pair in os.environ.get("AZFRONT_DEPLOYMENTS", "gpt-tiny=tiny").split(","))

_VERSION = re.compile(r"20\d\d-\d\d-\d\d(-preview)?")
_DATED = re.compile(r"/openai/deployments/(?P<deployment>[^/]+)/(?P<rest>.+)")
_V1 = "/openai/v1/"
_FILTERED_WORD = "please block this prompt"
_SEVERITIES = {name: {"filtered": False, "severity": "safe"} for name in ("hate", "self_harm", "sexual")}


@dataclass(frozen=True, slots=True)
class Refusal(Exception):
    """What the front itself answers."""

    status: int
    code: str
    message: str
    more: tuple[tuple[str, Any], ...] = ()


_WRONG_KEY = Refusal(
    401, "401", "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key."
)
_NOT_FOUND = Refusal(404, "404", "Resource not found")
_NO_DEPLOYMENT = Refusal(404, "DeploymentNotFound", "The API deployment for this resource does not exist.")
_FILTERED = Refusal(
    400,
    "content_filter",
    "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
    (
        ("param", "prompt"),
        ("status", 400),
        (
            "innererror",
            {
                "code": "ResponsibleAIPolicyViolation",
                "content_filter_result": {**_SEVERITIES, "violence": {"filtered": True, "severity": "medium"}},
            },
        ),
    ),
)


class AzureFront:
    """Turns ``/openai/...`` requests into the server's own; everything else passes as it is.

    Args:
        app: the server behind it.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/openai/"):
            await self._app(scope, receive, send)
            return
        ids = [(b"apim-request-id", str(uuid.uuid4()).encode()), (b"x-ms-region", b"Loopback")]
        try:
            path, body = await _translated(scope, receive)
        except Refusal as refusal:
            await _refuse(refusal, ids, send)
            return
        kept = [
            (k, v) for k, v in scope["headers"] if k.lower() not in (b"content-length", b"api-key", b"authorization")
        ]
        headers = [*kept, (b"content-length", str(len(body)).encode())]
        inner = {**scope, "path": path, "raw_path": path.encode(), "query_string": b"", "headers": headers}
        await self._app(inner, _once(body, receive), _with_headers(ids, send))


async def _translated(scope: Event, receive: Receive) -> tuple[str, bytes]:
    """The path and body that the server understands.

    Raises:
        Refusal: the request is none that Azure would take.
    """
    path, headers = scope["path"], {name.lower(): value.decode() for name, value in scope["headers"]}
    v1, dated = path.startswith(_V1), _DATED.fullmatch(path)
    bearers = {f"Bearer {TOKEN}", f"Bearer {KEY}"} if v1 else {f"Bearer {TOKEN}"}
    if headers.get(b"api-key") != KEY and headers.get(b"authorization") not in bearers:
        raise _WRONG_KEY
    version = parse_qs(scope["query_string"].decode()).get("api-version", [""])[0]
    if not v1 and not _VERSION.fullmatch(version):
        raise _NOT_FOUND
    body = await _read(receive)
    asked = _object(body)
    deployment = unquote(dated["deployment"]) if dated else asked.get("model")
    if deployment is not None:
        if deployment not in DEPLOYMENTS:
            raise _NO_DEPLOYMENT
        body = json.dumps({**asked, "model": DEPLOYMENTS[deployment]}).encode() if asked else body
    if _FILTERED_WORD in json.dumps(asked.get("messages", "")):
        raise _FILTERED
    rest = dated["rest"] if dated else path[len(_V1 if v1 else "/openai/") :]
    return f"/v1/{rest}", body


async def _read(receive: Receive) -> bytes:
    parts: list[bytes] = []
    more = True
    while more:
        event = await receive()
        parts.append(event.get("body", b""))
        more = event.get("more_body", False)
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


async def _refuse(refusal: Refusal, ids: list[tuple[bytes, bytes]], send: Send) -> None:
    error = {"code": refusal.code, "message": refusal.message, **dict(refusal.more)}
    body = json.dumps({"error": error}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *ids]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _once(body: bytes, receive: Receive) -> Receive:
    """The body again, as one event; then whatever comes, such as the client hanging up."""
    events = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Event:
        return events.pop() if events else await receive()

    return again


def _with_headers(ids: list[tuple[bytes, bytes]], send: Send) -> Send:
    async def sending(event: Event) -> None:
        start = event["type"] == "http.response.start"
        await send({**event, "headers": [*event["headers"], *ids]} if start else event)

    return sending


def main() -> int:
    """Run a command that is told of the front; its status."""
    command = sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]
    told = {
        "QUORATE_AZURE_URL": os.environ["QUORATE_VLLM_URL"].removesuffix("/v1"),
        "QUORATE_AZURE_KEY": KEY,
        "QUORATE_AZURE_TOKEN": TOKEN,
        "QUORATE_AZURE_DEPLOYMENT": next(iter(DEPLOYMENTS)),
    }
    return subprocess.run(command, env={**os.environ, **told}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
