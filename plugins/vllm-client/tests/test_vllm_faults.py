"""Every way in which a server can fail is one clear error of the right kind, without the key; nothing is retried."""

from __future__ import annotations

import asyncio
import json
import traceback

import pytest

from pytest_quorate import ScriptedServer
from quorate.errors import ModelError
from quorate_vllm_client import VLLMChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
KEY = "a-very-secret-key"


def client_of(server, **more):
    return VLLMChatCompletionClient(model="m", base_url=server.base_url, api_key=KEY, **more)


def failure_of(ask, client, **more):
    with pytest.raises(ModelError) as caught:
        asyncio.run(ask(client, HELLO, **more))
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(client) + repr(client.__dict__)
    assert KEY not in shown
    assert repr(client._settings) == repr(client._settings).replace(KEY, "")
    return error


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "bad_request"),
        (401, "auth"),
        (404, "bad_request"),
        (422, "bad_request"),
        (429, "rate_limit"),
        (500, "overload"),
        (503, "overload"),
    ],
)
def test_statuses(scripted_server, ask, status, kind):
    scripted_server.status(status, message=f"no, says {KEY}", headers={"retry-after": "2"})
    error = failure_of(ask, client_of(scripted_server))
    assert (error.kind, error.status, error.retry_after, error.output_started) == (kind, status, 2.0, False)
    assert f"{scripted_server.base_url} (model m): HTTP {status}: no, says ***" in str(error)
    assert len(scripted_server.chats) == 1


@pytest.mark.parametrize(
    ("message", "kind", "flag"),
    [
        # As vLLM 0.32 sent them.
        (
            '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
            "bad_request",
            "hermes",
        ),
        ('tool_choice="required" requires --tool-call-parser to be set', "bad_request", "--tool-call-parser NAME"),
        (
            "Chat template is passed with request, but --trust-request-chat-template is not set. Refused request",
            "bad_request",
            "--chat-template FILE",
        ),
        (
            "As of transformers v4.44, default chat template is no longer allowed, so you must provide a chat template",
            "bad_request",
            "--chat-template FILE",
        ),
        ("At most 1 image(s) may be provided in one prompt.", "bad_request", "--limit-mm-per-prompt"),
        (
            "This model's maximum context length is 1024 tokens. However, your prompt contains at least 1025 input tokens",
            "context_overflow",
            "--max-model-len",
        ),
        # As older versions wrote it.
        (
            "'max_tokens' or 'max_completion_tokens' is too large: 5000. This model's maximum context length is 4096",
            "context_overflow",
            "--max-model-len",
        ),
    ],
)
def test_the_servers_missing_flag_is_named(scripted_server, ask, message, kind, flag):
    body = {"error": {"message": message, "type": "BadRequestError", "param": None, "code": 400}}
    scripted_server.status(400, body=json.dumps(body).encode())
    error = failure_of(ask, client_of(scripted_server))
    assert (error.kind, error.status) == (kind, 400)
    assert flag in str(error).partition(message)[2]


def test_an_older_servers_error_without_an_envelope(scripted_server, ask):
    body = {"object": "error", "message": "The model `m` does not exist.", "type": "NotFoundError", "code": 404}
    scripted_server.status(404, body=json.dumps(body).encode())
    assert "name one that the server serves" in str(failure_of(ask, client_of(scripted_server)))


def test_a_redirect_is_refused(scripted_server, ask):
    with ScriptedServer() as thief:
        scripted_server.status(307, headers={"location": f"{thief.base_url}/chat/completions"})
        error = failure_of(ask, client_of(scripted_server))
        assert error.kind == "bad_response"
        assert not thief.requests


def test_a_server_that_is_not_up(ask):
    with ScriptedServer() as server:
        client = client_of(server)
    error = failure_of(ask, client)
    assert error.kind == "network"
    assert "check base_url, and that the server is up (vllm serve MODEL)" in str(error)


def test_no_answer_in_time(scripted_server, ask):
    client = client_of(scripted_server)
    scripted_server.never()
    assert failure_of(ask, client, timeout=0.2).kind == "timeout"


@pytest.mark.parametrize(("cut", "kind"), [(-1, "network"), (40, "network")])
def test_a_connection_that_drops(scripted_server, ask, cut, kind):
    scripted_server.drop(cut)
    assert failure_of(ask, client_of(scripted_server)).kind == kind


def test_a_stream_that_drops_after_text_says_so(scripted_server):
    scripted_server.drop(400)
    with pytest.raises(ModelError) as caught:
        asyncio.run(_read(client_of(scripted_server)))
    assert (caught.value.kind, caught.value.output_started) == ("network", True)


@pytest.mark.parametrize("body", [b"<html>a login page</html>", b"", b"[1]", b'{"choices": []}'])
def test_bodies_that_are_no_answer(scripted_server, ask, body):
    scripted_server.garbage(body)
    assert failure_of(ask, client_of(scripted_server)).kind == "bad_response"


def test_bytes_that_are_no_http(scripted_server, ask):
    scripted_server.garbage(b"SSH-2.0-OpenSSH_9.2\r\n", http=False)
    assert failure_of(ask, client_of(scripted_server)).kind == "network"


def test_an_error_inside_a_stream(scripted_server):
    scripted_server.stream("a", b'data: {"error": {"message": "EngineCore died", "code": 500}}\n\n')
    with pytest.raises(ModelError, match="EngineCore died") as caught:
        asyncio.run(_read(client_of(scripted_server)))
    assert (caught.value.kind, caught.value.output_started) == ("overload", True)


def test_a_complaint_inside_a_stream_names_the_flag_too(scripted_server):
    message = "Requested sample logprobs of 50, which is greater than max allowed: 20"
    error = {"message": message, "type": "BadRequestError", "param": "logprobs", "code": 400}
    scripted_server.stream(f"data: {json.dumps({'error': error})}\n\n".encode())
    with pytest.raises(ModelError, match="--max-logprobs N") as caught:
        asyncio.run(_read(client_of(scripted_server)))
    assert (caught.value.kind, caught.value.output_started) == ("bad_request", False)


async def _read(client):
    return [part async for part in client.create_stream(HELLO)]
