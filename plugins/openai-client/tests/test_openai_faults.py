"""Every way in which an endpoint can fail is one clear error of the right kind, and the client never retries."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from pytest_quorate import ScriptedServer
from quorate.errors import ModelError
from quorate_openai_client import OpenAIChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]
KEY = "sk-a-very-secret-key"


def client_of(server, **more):
    return OpenAIChatCompletionClient(model="m", base_url=server.base_url, api_key=KEY, **more)


def failure_of(ask, client, **more):
    with pytest.raises(ModelError) as caught:
        asyncio.run(ask(client, HELLO, **more))
    error = caught.value
    shown = "".join(traceback.format_exception(error)) + repr(error.__dict__) + repr(client) + repr(client.__dict__)
    assert KEY not in shown
    assert (error.__context__, error.__cause__) == (None, None), (
        "what is behind the error would hold the request, and with it the key"
    )
    return error


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, None, "bad_request"),
        (400, "context_length_exceeded", "context_overflow"),
        (400, "content_filter", "content_filter"),
        (401, "invalid_api_key", "auth"),
        (403, None, "auth"),
        (404, "model_not_found", "bad_request"),
        (408, None, "timeout"),
        (429, None, "rate_limit"),
        (429, "insufficient_quota", "quota"),
        (500, None, "overload"),
        (503, None, "overload"),
    ],
)
def test_statuses(scripted_server, ask, status, code, kind):
    scripted_server.status(status, message=f"no, says {KEY}", code=code, headers={"retry-after": "2"})
    error = failure_of(ask, client_of(scripted_server))
    assert (error.kind, error.status, error.retry_after, error.output_started) == (kind, status, 2.0, False)
    assert f"{scripted_server.base_url} (model m): HTTP {status}: no, says ***" in str(error)
    assert len(scripted_server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"), [({"retry-after-ms": "250"}, 0.25), ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0)]
)
def test_waits(scripted_server, ask, headers, seconds):
    scripted_server.status(429, headers=headers)
    assert failure_of(ask, client_of(scripted_server)).retry_after == seconds


def test_vllm_says_it_in_words(scripted_server, ask):
    body = b'{"error": {"message": "This model\'s maximum context length is 64 tokens.", "type": "x", "code": 400}}'
    scripted_server.status(400, body=body)
    assert failure_of(ask, client_of(scripted_server)).kind == "context_overflow"


def test_html_truncated_json_and_other_garbage(scripted_server, ask):
    bodies = [b"<html>Welcome to nginx</html>", b'{"choices": [{"mess', b"", b"null", b'{"choices": null}', b"\xff\x00"]
    for body in bodies:
        scripted_server.garbage(body, content_type="text/html" if body[:1] == b"<" else "application/json")
        error = failure_of(ask, client_of(scripted_server))
        assert error.kind == "bad_response", body
        assert "usually ends in /v1" in str(error)
    assert len(scripted_server.requests) == len(bodies)


def test_success_with_an_error_body(scripted_server, ask):
    scripted_server.garbage(b'{"error": {"message": "upstream is down", "code": 503}}')
    error = failure_of(ask, client_of(scripted_server))
    assert error.kind == "overload"
    assert "upstream is down" in str(error)


def test_a_body_that_is_not_what_its_header_says(scripted_server, ask):
    scripted_server.garbage(b"this is no gzip", headers={"content-encoding": "gzip"})
    assert failure_of(ask, client_of(scripted_server)).kind == "bad_response"


def test_a_refused_connection(ask):
    with ScriptedServer() as server:
        server.refuse()
        error = failure_of(ask, client_of(server))
    assert error.kind == "network"
    assert "refused" in str(error).lower()
    assert server.base_url in str(error)


def test_what_the_caller_was_handling_is_not_taken_for_the_cause(scripted_server, client):
    scripted_server.drop()

    async def main():
        try:
            raise ValueError("the caller's own")
        except ValueError:
            await client.create(HELLO)

    with pytest.raises(ModelError) as caught:
        asyncio.run(main())
    assert "RemoteProtocolError" in str(caught.value)
    assert "caller" not in str(caught.value)


def test_an_unknown_host(ask):
    client = OpenAIChatCompletionClient(model="m", base_url="http://no-such-host.invalid/v1", api_key=KEY)
    assert failure_of(ask, client).kind == "network"


@pytest.mark.parametrize("script", ["drop", "garbage"])
def test_a_server_that_hangs_up_or_speaks_no_http(scripted_server, ask, script):
    if script == "drop":
        scripted_server.drop()
    else:
        scripted_server.garbage(b"SSH-2.0-OpenSSH\r\n\r\n", http=False)
    assert failure_of(ask, client_of(scripted_server)).kind == "network"


def test_an_answer_that_is_cut(scripted_server, ask):
    scripted_server.drop(after_bytes=40)
    assert failure_of(ask, client_of(scripted_server)).kind == "network"


@pytest.mark.parametrize("where", ["config", "call"])
def test_timeouts(scripted_server, ask, where):
    scripted_server.never()
    if where == "config":
        error = failure_of(ask, client_of(scripted_server, timeout=0.2))
    else:
        error = failure_of(ask, client_of(scripted_server), timeout=0.2)
    assert error.kind == "timeout"
    assert "raise timeout" in str(error)
    assert scripted_server.wait_idle()


@pytest.mark.parametrize(
    ("fault", "kind", "said"),
    [
        (b'data: {"error": {"message": "lost it", "code": 500}}\n\n', "overload", "lost it"),
        (b"data: {nonsense\n\n", "bad_response", "nonsense"),
        (9.0, "timeout", "ReadTimeout"),
        (None, "network", "closed"),
    ],
    ids=["error", "garbage", "silence", "cut"],
)
def test_a_stream_that_fails_after_its_first_token(scripted_server, fault, kind, said):
    whole = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\n'
    cut = 200 + len(whole) if fault is None else None  # the chunk with the role is shorter than that
    scripted_server.stream(whole, 0.05, *(["b" * 500] if fault is None else [fault]), "c", cut=cut)
    client = client_of(scripted_server, timeout=0.5)
    parts = []

    async def main():
        async for part in client.create_stream(HELLO):
            parts.append(part)  # noqa: PERF401 - what came before the failure counts

    with pytest.raises(ModelError, match=f"{said}.*after part of the answer had arrived") as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.output_started) == (kind, True)
    assert parts == ["a"]
    assert scripted_server.wait_idle()
    assert len(scripted_server.requests) == 1


def test_a_stream_that_ends_early_without_breaking_the_transfer(scripted_server, client):
    event = b'data: {"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": null}]}\n\n'
    scripted_server.garbage(event, content_type="text/event-stream")

    async def main():
        return [part async for part in client.create_stream(HELLO)]

    with pytest.raises(ModelError, match="before the stream's end") as caught:
        asyncio.run(main())
    assert (caught.value.kind, caught.value.output_started) == ("network", True)


def test_keep_alive_comments_and_a_missing_done_are_no_faults(scripted_server, client):
    scripted_server.stream(b": ping\n\n", "a", b": ping\n\n", 0.02, "b", done=False)

    async def main():
        return [part async for part in client.create_stream(HELLO)]

    assert asyncio.run(main())[:-1] == ["a", "b"]


def test_redirects_are_refused_and_carry_nothing(scripted_server, ask):
    with ScriptedServer() as other:
        scripted_server.status(307, headers={"location": f"{other.base_url}/chat/completions"})
        error = failure_of(ask, client_of(scripted_server))
        assert other.requests == []
    assert error.kind == "bad_response"
    assert other.base_url in str(error)
