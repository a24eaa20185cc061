"""Every way in which Azure can fail is one clear error of the right kind, decided by status and code.

The error bodies are as Azure's documentation has them, not as the service was seen to send them.
"""

from __future__ import annotations

import asyncio
import json
import traceback

import pytest

from pytest_quorate import ScriptedServer
from quorate.errors import ModelError

HELLO = [{"role": "user", "content": "hello"}]
KEY = "a-very-secret-key"
SAFE = {"filtered": False, "severity": "safe"}


def failure_of(ask, client, **more):
    with pytest.raises(ModelError) as caught:
        asyncio.run(ask(client, HELLO, **more))
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(client) + repr(client.__dict__)
    assert KEY not in shown
    assert (error.__context__, error.__cause__) == (None, None), "the original holds the request, and with it the key"
    return error


@pytest.fixture(params=["key", "token", "provider"])
def client(request, make, server):
    own = {"key": "api_key", "token": "azure_ad_token", "provider": "azure_ad_token_provider"}[request.param]
    return make(server, **{"api_key": None, own: (lambda: KEY) if own.endswith("provider") else KEY})


@pytest.mark.parametrize(
    ("status", "code", "kind", "advice"),
    [
        (400, None, "bad_request", "what this deployment and api_version 2024-10-21 accept"),
        (400, "OperationNotSupported", "bad_request", "what this deployment"),
        (400, "context_length_exceeded", "context_overflow", "shorten the conversation"),
        (400, "content_filter", "content_filter", "rephrase"),
        (401, "401", "auth", "check that"),
        (401, "PermissionDenied", "auth", "check that"),
        (403, "Forbidden", "auth", "check that"),
        (404, "DeploymentNotFound", "bad_request", "'m' must be the name of a deployment of this resource"),
        (404, "404", "bad_request", "check that this resource knows api_version 2024-10-21, and that base_url"),
        (408, "Timeout", "timeout", "raise timeout"),
        (429, "429", "rate_limit", "wait"),
        (429, "insufficient_quota", "quota", "billing"),
        (500, "InternalServerError", "overload", "try again later"),
        (503, "ServiceUnavailable", "overload", "try again later"),
    ],
)
def test_statuses_and_codes(server, client, ask, status, code, kind, advice):
    server.status(status, message=f"whatever it says of {KEY}", code=code, headers={"retry-after": "2"})
    error = failure_of(ask, client)
    assert (error.kind, error.status, error.retry_after, error.output_started) == (kind, status, 2.0, False)
    assert f"{server.url}/openai (model m): HTTP {status}: whatever it says of ***" in str(error)
    assert advice in str(error)
    assert len(server.requests) == 1


def test_the_advice_of_a_refusal_fits_the_credential(server, make, ask):
    server.status(401).status(401)
    assert "the key is one of this very resource" in str(failure_of(ask, make(server)))
    assert "Cognitive Services OpenAI User" in str(
        failure_of(ask, make(server, api_key=None, azure_ad_token="token-1"))
    )


def test_a_dot_in_an_unknown_deployment_recalls_the_old_habit(make, ask):
    with ScriptedServer(prefix="/openai/deployments/gpt-3.5-turbo") as server:
        server.status(404, code="DeploymentNotFound")
        error = failure_of(ask, make(server, model="gpt-3.5-turbo"))
    assert "AutoGen 0.2 took the dots out of names: 'gpt-35-turbo' may be what it is called" in str(error)


@pytest.mark.parametrize("spelling", ["content_filter_result", "content_filter_results"])
@pytest.mark.parametrize("inner", [True, False])
def test_the_filter_names_the_categories_that_blocked(server, client, ask, spelling, inner):
    results = {
        "hate": SAFE,
        "violence": {"filtered": True, "severity": "medium"},
        "jailbreak": {"filtered": True, "detected": True},
        "custom_blocklists": [],
        "profanity": {"filtered": False, "detected": True},
    }
    held = {spelling: results}
    more = {"innererror": {"code": "ResponsibleAIPolicyViolation", **held}} if inner else held
    error = {"message": "The response was filtered", "code": "content_filter", "status": 400, **more}
    server.status(400, body=json.dumps({"error": error}).encode())
    failed = failure_of(ask, client)
    assert (failed.kind, failed.status) == ("content_filter", 400)
    assert "the content filter of this deployment blocked violence (medium), jailbreak; rephrase" in str(failed)


def test_the_inner_code_alone_tells_the_filter(server, client, ask):
    error = {"message": "no", "code": "BadRequest", "innererror": {"code": "ResponsibleAIPolicyViolation"}}
    server.status(400, body=json.dumps({"error": error}).encode())
    assert failure_of(ask, client).kind == "content_filter"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
        ({}, None),
    ],
)
def test_waits(server, client, ask, headers, seconds):
    server.status(429, headers=headers)
    assert failure_of(ask, client).retry_after == seconds


@pytest.mark.parametrize(
    "body", [b"<html>Our services aren't available right now</html>", b'{"choices": [{"mess', b"", b"null", b"\xff\x00"]
)
def test_html_truncated_json_and_other_garbage(server, client, ask, body):
    server.garbage(body, content_type="text/html" if body[:1] == b"<" else "application/json")
    error = failure_of(ask, client)
    assert error.kind == "bad_response"
    assert "the endpoint of an Azure OpenAI resource" in str(error)


@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"error": "text"}', b"[" * 100_000])
def test_refusals_with_a_body_of_no_use(server, client, ask, body):
    server.status(404, body=body)
    assert failure_of(ask, client).kind == "bad_request"


def test_a_refused_connection(make, ask):
    with ScriptedServer() as server:
        server.refuse()
        error = failure_of(ask, make(server))
    assert error.kind == "network"
    assert "refused" in str(error).lower()
    assert server.url in str(error)


@pytest.mark.parametrize("script", ["drop", "cut", "garbage", "encoding"])
def test_broken_transfers(server, client, ask, script):
    scripts = {
        "drop": server.drop,
        "cut": lambda: server.drop(after_bytes=40),
        "garbage": lambda: server.garbage(b"SSH-2.0-OpenSSH\r\n\r\n", http=False),
        "encoding": lambda: server.garbage(b"this is no gzip", headers={"content-encoding": "gzip"}),
    }
    scripts[script]()
    assert failure_of(ask, client).kind == ("bad_response" if script == "encoding" else "network")


@pytest.mark.parametrize("where", ["config", "call"])
def test_timeouts(server, make, ask, where):
    server.never()
    limit = {"timeout": 0.2}
    error = failure_of(ask, make(server, **(limit if where == "config" else {})), **(limit if where == "call" else {}))
    assert error.kind == "timeout"
    assert server.wait_idle()


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (b'data: {"error": {"message": "filtered", "code": "content_filter"}}\n\n', "content_filter", "filtered"),
        (b'data: {"error": {"message": "lost it", "code": 500}}\n\n', "overload", "lost it"),
        (b"data: {nonsense\n\n", "bad_response", "nonsense"),
        (9.0, "timeout", "ReadTimeout"),
        (None, "network", "closed"),
    ],
    ids=["filter", "error", "garbage", "silence", "cut"],
)
def test_a_stream_that_fails_after_its_first_token(server, make, fault, kind, said):
    whole = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'
    cut = 200 + len(whole) if fault is None else None  # the chunk with the role is shorter than that
    server.stream(whole, 0.05, *(["b" * 500] if fault is None else [fault]), "c", cut=cut)
    parts = []

    async def main():
        async for part in make(server, timeout=0.5).create_stream(HELLO):
            parts.append(part)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(ModelError, match=said) as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.output_started) == (kind, True)
    assert parts == ["a"]
    assert server.wait_idle()
    assert len(server.requests) == 1


def test_the_same_client_works_after_a_failure(server, client, ask):
    server.status(500).reply("fine")

    async def main():
        with pytest.raises(ModelError):
            await ask(client, HELLO)
        return await ask(client, HELLO)

    assert asyncio.run(main())[1].content == "fine"
