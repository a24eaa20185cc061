"""Garbage: responses that are successful by their status and no answers, each one clear error."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts._driving import both_ways, driven, failing, opened, until_it_fails
from pytest_quorate.contracts._served import always, chunk
from pytest_quorate.contracts._subject import Subject

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer

_BODIES = {
    "html": b"<!doctype html><html><title>Welcome to nginx!</title></html>",
    "cut json": b'{"choices": [{"index": 0, "message": {"role": "assi',
    "empty": b"",
    "null": b"null",
    "a number": b"42",
    "a list": b"[]",
    "no choices": b'{"object": "chat.completion"}',
    "null choices": b'{"choices": null}',
    "empty choices": b'{"choices": []}',
    "choices of another type": b'{"choices": "five"}',
    "a choice without a message": b'{"choices": [{"index": 0}]}',
    "content of another type": b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": 5}}]}',
    "no unicode": b"\xff\xfe\x00\x01",
    "deep": b"[" * 100_000,
    "huge": b"<p>" + b"x" * 10_000_000,
}
_EVENTS = {
    "no json": "{nonsense",
    "a number": "42",
    "a list": "[1, 2]",
    "choices of another type": '{"choices": "five"}',
    "content of another type": chunk({"content": {"not": "text"}}),
    "deep": "[" * 100_000,
}


class WireGarbageTests(Subject, contract=True):
    """Nothing that an endpoint sends can raise anything but a ``ModelError``, or pass for an answer."""

    @both_ways
    @pytest.mark.parametrize("name", list(_BODIES))
    @driven
    async def test_bodies(self, fresh: Fresh, scripted_server: ScriptedServer, way: str, name: str) -> None:
        """A body that is no chat completion is a bad response, and the error shows its beginning, no more.

        Why: a wrong ``base_url`` reaches somebody's web page; the user sees at once what was there instead.
        Fix: decode with ``quorate.models.wire.decode_response``, or catch every error of decoding (a ``RecursionError``
        too) and raise the kind ``bad_response`` with an excerpt.
        """
        body = _BODIES[name]
        kind = "text/html" if body.startswith(b"<") else "application/json"
        always(scripted_server, body=body, content_type=kind)
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "bad_response"
        assert not error.output_started
        assert len(str(error)) < 5000, f"the message has {len(str(error))} characters"
        if name == "html":
            assert "Welcome to nginx!" in str(error)

    @pytest.mark.parametrize("started", [False, True], ids=["at once", "after text"])
    @pytest.mark.parametrize("name", list(_EVENTS))
    @driven
    async def test_events(self, fresh: Fresh, scripted_server: ScriptedServer, name: str, started: bool) -> None:
        """An event that is no chunk is a bad response, and the error knows whether text had been given out.

        Why: skipped in silence it would be a hole in the answer.
        Fix: decode with ``quorate.models.wire.StreamDecoder``, or raise the kind ``bad_response``.
        """
        _stream_events(scripted_server, _EVENTS[name], started=started)
        async with opened(fresh()) as client:
            parts, error = await until_it_fails(client.create_stream(self.messages))
        assert all(isinstance(part, str) for part in parts)
        assert (error.kind, error.output_started) == ("bad_response", bool(parts))

    @both_ways
    @pytest.mark.parametrize(
        ("error", "kind"),
        [
            ({"message": "upstream is down", "code": 503}, "overload"),
            ({"message": "upstream is down", "type": "rate_limit_error", "code": None}, "rate_limit"),
            ({"message": "upstream is down", "type": "mystery", "code": None}, "bad_response"),
            ("upstream is down", "bad_response"),
        ],
        ids=["status", "type", "nothing", "text"],
    )
    @driven
    async def test_success_with_an_error_body(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, error: object, kind: str
    ) -> None:
        """An error object under status 200 is the failure it says it is.

        Why: gateways answer 200 before they know; taken for an answer it is empty, or a crash far away.
        Fix: look for ``error`` before ``choices`` (``quorate.models.wire`` does).
        """
        always(scripted_server, body=json.dumps({"error": error}).encode())
        async with opened(fresh()) as client:
            failed = await failing(client, way, self.messages)
        assert failed.kind == kind
        assert "upstream is down" in str(failed)

    @pytest.mark.parametrize("started", [False, True], ids=["at once", "after text"])
    @driven
    async def test_an_error_in_a_stream(self, fresh: Fresh, scripted_server: ScriptedServer, started: bool) -> None:
        """An error object in a stream ends it as the failure it says it is.

        Why: a stream has sent its status 200 long before something goes wrong.
        Fix: look for ``error`` in every event, and set ``output_started`` when text had been given out.
        """
        fault = json.dumps({"error": {"message": "the GPU fell over", "code": 500}})
        _stream_events(scripted_server, fault, started=started)
        async with opened(fresh()) as client:
            parts, error = await until_it_fails(client.create_stream(self.messages))
        assert (error.kind, error.output_started) == ("overload", bool(parts))
        assert "the GPU fell over" in str(error)

    @both_ways
    @driven
    async def test_what_is_no_http(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """A server that speaks something else is a failure of the network.

        Why: a wrong port reaches another service.
        Fix: turn your HTTP library's protocol errors into the kind ``network``.
        """
        always(scripted_server, raw=b"SSH-2.0-OpenSSH_9.6\r\n")
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == "network"

    @both_ways
    @pytest.mark.parametrize("status", [404, 502], ids=["not found", "bad gateway"])
    @driven
    async def test_an_error_page(self, fresh: Fresh, scripted_server: ScriptedServer, way: str, status: int) -> None:
        """An error whose body is a web page is still the failure that its status means.

        Why: load balancers and web servers answer so.
        Fix: decide by status first, and read the body as an error object only if it is one.
        """
        always(scripted_server, status=status, body=b"<html>nobody home</html>", content_type="text/html")
        async with opened(fresh()) as client:
            error = await failing(client, way, self.messages)
        assert error.kind == {404: "bad_request", 502: "overload"}[status]
        assert "nobody home" in str(error)


def _stream_events(server: ScriptedServer, event: str, *, started: bool) -> None:
    """Stream this event and the rest of an answer; after a text and a moment for it to be read, if asked for."""
    before: list[bytes | float] = [_data(chunk({"content": "first"})), 0.05] if started else []
    always(server, chunks=[*before, _data(event), _data(chunk({}, "stop"))])


def _data(event: str) -> bytes:
    return f"data: {event}\n\n".encode()
