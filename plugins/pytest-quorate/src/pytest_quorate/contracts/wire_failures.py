"""Failures of an endpoint: each becomes one ``ModelError`` of the right kind, and nobody but the kernel retries."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import both_ways, driven, failing, opened, until_it_fails
from pytest_quorate.contracts._served import always, always_error, chunk
from pytest_quorate.contracts._subject import Subject
from pytest_quorate.server import ScriptedServer

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh

_KINDS = [
    (400, None, "bad_request"),
    (400, "context_length_exceeded", "context_overflow"),
    (400, "content_filter", "content_filter"),
    (401, "invalid_api_key", "auth"),
    (403, None, "auth"),
    (404, "model_not_found", "bad_request"),
    (408, None, "timeout"),
    (422, None, "bad_request"),
    (429, "insufficient_quota", "quota"),
    (500, None, "overload"),
    (502, None, "overload"),
    (503, None, "overload"),
    (529, "overloaded_error", "overload"),
]
_OVERFLOW = "This model's maximum context length is 64 tokens. However, you requested 99 tokens."


class WireFailureTests(Subject, contract=True):
    """What the kernel decides by (kind, wait, whether output had started) is right for every failure."""

    @both_ways
    @pytest.mark.parametrize(("status", "code", "kind"), _KINDS)
    @driven
    async def test_statuses(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, status: int, code: str | None, kind: str
    ) -> None:
        """Status and error code give the kind of failure.

        Why: the kernel waits for a rate limit, goes to the next configuration for an outage or an empty account, and
        stops at a request that is wrong everywhere. The wrong kind repeats what is hopeless, or gives up too soon.
        Fix: ``quorate.models.failures.status_failure`` decides by status and code.
        """
        always_error(scripted_server, status, code)
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert (error.kind, error.status, error.output_started) == (kind, status, False)

    @both_ways
    @pytest.mark.parametrize("form", ["retry-after", "date", "retry-after-ms", "nothing"])
    @driven
    async def test_rate_limits(self, fresh: Fresh, scripted_server: ScriptedServer, way: str, form: str) -> None:
        """A 429 says how long to wait, in each of the three forms in use.

        Why: calling again too early prolongs the limit, and some endpoints count it.
        Fix: read ``retry-after-ms``, ``Retry-After`` in seconds and as an HTTP date into ``retry_after``
        (``quorate.models.failures.retry_after``); None when nothing is said.
        """
        later = datetime.now(UTC) + timedelta(hours=1)
        headers = {
            "retry-after": {"retry-after": "20"},
            "date": {"retry-after": format_datetime(later, usegmt=True)},
            "retry-after-ms": {"retry-after-ms": "250", "retry-after": "1"},
            "nothing": {},
        }[form]
        always_error(scripted_server, 429, headers=headers)
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "rate_limit"
        if form == "date":
            assert error.retry_after is not None
            assert 0 < error.retry_after <= 3600
        else:
            assert error.retry_after == {"retry-after": 20.0, "retry-after-ms": 0.25, "nothing": None}[form]

    @both_ways
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
    @driven
    async def test_a_failed_call_is_not_repeated(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, status: int
    ) -> None:
        """A failed call is one request, whatever ``max_retries`` says.

        Why: the kernel retries; a client that does too multiplies the attempts (3 times 3), hides them from the ledger,
        and holds up the fall-back.
        Fix: switch the SDK's own retries off (``max_retries=0``).
        """
        always_error(scripted_server, status, headers={"retry-after-ms": "1"})
        async with opened(fresh(max_retries=3)) as client:
            await failing(client, way, self.messages)
        assert len(scripted_server.requests) == 1

    @both_ways
    @driven
    async def test_a_dropped_call_is_not_repeated(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str
    ) -> None:
        """A call whose connection closes without an answer is one request as well.

        Why: the endpoint may have done the work already; only the kernel knows whether once more is wanted.
        Fix: switch off what the SDK and the HTTP library under it repeat by themselves.
        """
        always(scripted_server, cut=-1)
        async with opened(fresh(max_retries=3)) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "network"
        assert len(scripted_server.requests) == 1

    @both_ways
    @pytest.mark.parametrize(
        "body",
        [
            {"error": {"message": _OVERFLOW, "type": "BadRequestError", "param": None, "code": 400}},
            {"object": "error", "message": _OVERFLOW, "type": "BadRequestError", "code": 400},
        ],
        ids=["vllm", "older vllm"],
    )
    @driven
    async def test_overflow_in_words(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, body: dict[str, Any]
    ) -> None:
        """An overflow of the context that is told in words only is one all the same.

        Why: open servers have no code for it, and shortening the history helps where trying again does not.
        Fix: ``quorate.models.failures`` knows the wordings.
        """
        always(scripted_server, status=400, body=json.dumps(body).encode())
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "context_overflow"

    @both_ways
    @driven
    async def test_an_error_tells_where_and_what(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """The error names the endpoint and what it said, and is not as long as what it said.

        Why: with five configurations in a list, "Error code: 500" helps nobody; 10 MB of it help nobody either.
        Fix: make errors with ``quorate.models.failures``, which names, shortens and hides secrets.
        """
        told = "the third disk of rack seven is full. " + "x" * 1_000_000
        body = json.dumps({"error": {"message": told}}).encode()
        always(scripted_server, status=500, body=body)
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert f"127.0.0.1:{scripted_server.port}" in str(error)
        assert "the third disk of rack seven is full" in str(error)
        assert len(str(error)) < 5000, f"the message has {len(str(error))} characters"

    @both_ways
    @driven
    async def test_a_refused_connection(self, way: str) -> None:
        """An endpoint that is not there is a failure of the network.

        Why: the kernel goes to the next configuration; an ``OSError`` would go to the user.
        Fix: turn what your HTTP library raises while connecting into the kind ``network``.
        """
        with ScriptedServer() as server:
            server.refuse()
            async with opened(self.make_client(server.base_url)) as client:
                error = await failing(client, way, self.messages)
        assert error.kind == "network"

    @both_ways
    @driven
    async def test_a_host_that_does_not_exist(self, way: str) -> None:
        """A name that cannot be resolved is a failure of the network, and the error tells the name.

        Why: it is nearly always a mistyped ``base_url``.
        Fix: as for a refused connection; name the endpoint in the message.
        """
        async with opened(self.make_client("http://no-such-host.invalid/v1")) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "network"
        assert "no-such-host.invalid" in str(error)

    @both_ways
    @driven
    async def test_no_answer_in_time(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """An endpoint that takes the request and never answers is a timeout, after the configuration's ``timeout``.

        Why: without one a conversation stands still for as long as an SDK happens to wait: ten minutes and more.
        Fix: give ``config.timeout`` to your HTTP library, and turn what it raises into the kind ``timeout``.
        """
        scripted_server.never()
        async with opened(fresh(timeout=0.2)) as client:
            error = await failing(client, way, self.messages)
        assert (error.kind, error.output_started) == ("timeout", False)

    @driven
    async def test_silence_in_the_middle(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that falls silent is a timeout after output had started.

        Why: the kernel must not begin again in silence after text was seen.
        Fix: apply the timeout to every read, and set ``output_started``.
        """
        scripted_server.stream("first", 10 * self.patience, "second")
        async with opened(fresh(timeout=0.3)) as client:
            parts, error = await until_it_fails(client.create_stream(self.messages))
        assert parts == ["first"]
        assert (error.kind, error.output_started) == ("timeout", True)

    @driven
    async def test_a_stream_that_breaks_off(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A connection that drops within a stream is a failure of the network after output had started.

        Why: half an answer must never pass for a whole one, and the kernel restarts one only visibly.
        Fix: take the end of the body before a finish reason or ``[DONE]`` for a failure; set ``output_started``.
        """
        first = f"data: {chunk({'content': 'first'})}\n\n".encode()
        always(scripted_server, chunks=[first, 0.05, "x" * 5000], cut=len(first) + 1000)
        async with opened(fresh()) as client:
            parts, error = await until_it_fails(client.create_stream(self.messages))
        assert parts == ["first"]
        assert (error.kind, error.output_started) == ("network", True)

    @driven
    async def test_a_stream_that_just_ends(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream whose transfer is complete but whose answer is not counts as broken off, too.

        Why: a proxy that loses its server often ends the response properly.
        Fix: require a finish reason or ``[DONE]``.
        """
        body = f"data: {chunk({'content': 'first'})}\n\n".encode()
        always(scripted_server, body=body, content_type="text/event-stream")
        async with opened(fresh()) as client:
            parts, error = await until_it_fails(client.create_stream(self.messages))
        assert parts == ["first"]
        assert (error.kind, error.output_started) == ("network", True)

    @driven
    async def test_a_cut_body(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A response that stops within its body is a failure of the network, with no output.

        Why: cut JSON must not be reported as the endpoint's bad answer.
        Fix: turn what your HTTP library raises while reading into the kind ``network``.
        """
        always(scripted_server, "five", cut=30)
        async with opened(fresh()) as client:
            error = await failing(client, "create", self.messages)
        assert (error.kind, error.output_started) == ("network", False)
