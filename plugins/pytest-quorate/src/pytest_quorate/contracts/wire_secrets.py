"""Secrets: a key goes to its origin, and shows up nowhere else, whatever the endpoint does with it."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import json
import logging
import pickle
import warnings
from contextlib import contextmanager
from traceback import TracebackException
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import ask, both_ways, driven, failing, opened
from pytest_quorate.contracts._served import always, chunk, seen
from pytest_quorate.contracts._subject import KEY_VARIABLES, Subject
from pytest_quorate.server import ScriptedServer

if TYPE_CHECKING:
    from collections.abc import Generator

    from pytest_quorate.contracts._subject import Fresh

KEY = "sk-canary-7f3d9b1e5a2c4860"
"""The key that must not be found; it stands in no local variable of these tests, so that no traceback has it from us."""

_SAID = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}}).encode()
_EVENT = b"data: %b\n\n"
_ECHOES: dict[str, dict[str, Any]] = {
    "401": {"status": 401, "body": _SAID},
    "400 html": {"status": 400, "body": f"<html>{KEY}</html>".encode(), "content_type": "text/html"},
    "500 beside it": {"status": 500, "body": json.dumps({"headers": {"authorization": f"Bearer {KEY}"}}).encode()},
    "200 error": {"body": _SAID},
    "200 garbage": {"body": f"you sent {KEY}".encode()},
    "200 no completion": {"body": json.dumps({"you_sent": KEY}).encode()},
    "redirect": {"status": 307, "headers": {"location": f"/v2?key={KEY}"}, "body": KEY.encode()},
}
_EVENTS: dict[str, bytes] = {
    "error": _EVENT % _SAID,
    "garbage": _EVENT % f"you sent {KEY}".encode(),
    "no chunk": _EVENT % json.dumps({"choices": KEY}).encode(),
    "error after text": _EVENT % chunk({"content": "first"}).encode() + _EVENT % _SAID,
    "cut": _EVENT % chunk({"content": "first"}).encode() + b": " + KEY.encode(),
}


class WireSecretTests(Subject, contract=True):
    """The key arrives where it belongs, and is seen nowhere else."""

    @both_ways
    @driven
    async def test_the_key_arrives(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """The configuration's ``api_key`` is in a header of the request, and neither in its path nor in its body.

        Why: what stands in a path or a body is logged by every proxy on the way.
        Fix: send it as ``Authorization: Bearer`` or in the header that your endpoint wants.
        """
        async with opened(fresh(api_key=KEY)) as client:
            await ask(client, way, self.messages)
        (request,) = scripted_server.requests
        assert any(KEY in value for value in request.headers.values()), "the key did not arrive"
        assert KEY not in request.path
        assert KEY not in repr(request.body)

    @both_ways
    @driven
    async def test_no_key_of_the_environment(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Keys of the environment do not go to an endpoint that only the configuration names.

        Why: a user tries a colleague's server, and has sent it the key of their account.
        Fix: fill in the key with ``quorate.config.resolve(config, RECORD)``, and tell your SDK explicitly that there is
        none, so that it does not look for one itself.
        """
        for name in (*KEY_VARIABLES, *(self.record.api_key_env if self.record else ())):
            monkeypatch.setenv(name, KEY)
        async with opened(fresh()) as client:
            await ask(client, way, self.messages)
        assert KEY not in seen(scripted_server), "a key of the environment was sent to an endpoint that it is not for"

    @driven
    async def test_the_key_of_the_environment_belongs_to_its_origin(
        self, fresh: Fresh, scripted_server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The record's key goes to the endpoint that its variable names beside it, and not to another port of that host.

        Why: an origin is scheme, host and port; another port is another server.
        Fix: as for ``test_no_key_of_the_environment``; name the variables in the record.
        """
        record = self.record
        names_both = record is not None and record.base_url_env and record.api_key_env
        for name in record.api_key_env[:1] if record else ():
            monkeypatch.setenv(name, KEY)
        for name in record.base_url_env[:1] if record else ():
            monkeypatch.setenv(name, scripted_server.base_url)
        with ScriptedServer() as other:
            async with opened(self.make_client(other.base_url)) as client:
                await client.create(self.messages)
            assert other.chats
            assert KEY not in seen(other), "the key went to another port"
        async with opened(fresh()) as client:
            await client.create(self.messages)
        if names_both:
            assert KEY in seen(scripted_server), "the key did not go to the endpoint that stands beside it"

    @both_ways
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @driven
    async def test_a_redirect_takes_no_key_along(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, status: int
    ) -> None:
        """Whoever a redirect leads to is not shown the key.

        Why: an endpoint (or whoever answers in its place) could send the key wherever it likes.
        Fix: do not follow redirects; the failure is a bad response that names the target.
        """
        with ScriptedServer() as other:
            always(scripted_server, status=status, headers={"location": f"{other.base_url}/chat/completions"}, body=b"")
            async with opened(fresh(api_key=KEY)) as client:
                error = await failing(client, way, self.messages)
            assert KEY not in seen(other), "the key went to the target of a redirect"
        assert error.kind == "bad_response"
        assert other.base_url in str(error)

    @both_ways
    @pytest.mark.parametrize("echo", list(_ECHOES))
    @driven
    async def test_no_key_in_errors(self, fresh: Fresh, scripted_server: ScriptedServer, way: str, echo: str) -> None:
        """An endpoint that says the key back does not get it into the error.

        Neither into its text, arguments and chain, nor into the local variables of its traceback.

        Why: error reporters send all of that away.
        Fix: hide the key with ``Endpoint.scrub``; raise outside the ``except`` block, so that the SDK's error (which
        holds the request) is not chained; keep neither headers nor undecoded bodies in the frames that raise.
        """
        always(scripted_server, **_ECHOES[echo])
        async with opened(fresh(api_key=KEY)) as client:
            error = await failing(client, way, self.messages)
        assert _places(error) == []

    @pytest.mark.parametrize("echo", list(_EVENTS))
    @driven
    async def test_no_key_in_errors_of_streams(self, fresh: Fresh, scripted_server: ScriptedServer, echo: str) -> None:
        """The same, for an endpoint that says the key back in the middle of a stream.

        Why: as above.
        Fix: as above.
        """
        body = _EVENTS[echo]
        if echo == "cut":
            always(scripted_server, chunks=[body, 0.05, "x" * 5000], cut=len(body) + 1000)
        else:
            always(scripted_server, body=body, content_type="text/event-stream")
        del body
        async with opened(fresh(api_key=KEY)) as client:
            error = await failing(client, "create_stream", self.messages)
        assert _places(error) == []

    @both_ways
    @driven
    async def test_no_key_in_logs_warnings_and_output(
        self,
        fresh: Fresh,
        scripted_server: ScriptedServer,
        way: str,
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        """With every logger at DEBUG, the HTTP library's included, the key is in no record, no warning and no output.

        Why: the first thing people do with a problem is to switch logging on and post what it says.
        Fix: log no headers and no bodies; put a filter on the loggers of a library that does.
        """
        with warnings.catch_warnings(record=True) as warned, _everything_logged(caplog):
            warnings.simplefilter("always")
            async with opened(fresh(api_key=KEY)) as client:
                await ask(client, way, self.messages)
                with _everything_logged(caplog):  # now that the libraries are imported
                    await ask(client, way, self.messages)
                    for fault in (_ECHOES["401"], {"text": "cut", "cut": 10}):
                        always(scripted_server, **fault)
                        await failing(client, way, self.messages)
        logged = [record.name for record in caplog.records if KEY in _record_text(record)]
        assert not logged, f"the key was logged by {sorted(set(logged))}"
        assert not [1 for warning in warned if KEY in str(warning.message)], "a warning holds the key"
        printed = capfd.readouterr()
        assert KEY not in printed.out + printed.err, "the key was printed"

    @driven
    async def test_no_key_in_representations(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Neither ``repr`` nor ``str`` of the client and its attributes shows the key, nor does a pickle.

        Why: a debugger, a failed assertion and an error reporter all show them.
        Fix: keep the key as a ``SecretStr`` (it comes as one), and in clear only where it is sent.
        """
        client = fresh(api_key=KEY)
        async with opened(client):
            await client.create(self.messages)
            assert scripted_server.requests
            for name, shown in (("repr", repr(client)), ("str", str(client)), ("vars", repr(_own(client)))):
                assert KEY not in shown, f"{name} of the client shows the key"
            try:
                pickled = pickle.dumps(client)
            except (TypeError, AttributeError, pickle.PicklingError):
                pickled = b""
            assert KEY.encode() not in pickled, "a pickle of the client holds the key"


def _own(value: object) -> dict[str, Any]:
    slots = [name for cls in type(value).__mro__ for name in getattr(cls, "__slots__", ())]
    return {**getattr(value, "__dict__", {}), **{name: getattr(value, name, None) for name in slots}}


def _places(error: BaseException) -> list[str]:
    """Where in an error, its chain and its tracebacks the key can be read."""
    found: list[str] = []
    for link in _chain(error):
        name = type(link).__name__
        shown = {"text": str(link), "repr": repr(link), "args": repr(link.args), "attributes": repr(_own(link))}
        found += [f"{part} of {name}" for part, text in shown.items() if KEY in text]
        told = TracebackException.from_exception(link, capture_locals=True)
        found += [
            f"local variable {local} in {frame.name} ({frame.filename}:{frame.lineno})"
            for frame in told.stack
            for local, value in (frame.locals or {}).items()
            if KEY in value
        ]
        found += [f"traceback of {name}"] if not found and KEY in "".join(told.format()) else []
    return found


def _chain(error: BaseException) -> list[BaseException]:
    links: list[BaseException] = []
    left: list[Any] = [error]
    while left:
        link = left.pop()
        if link is None or link in links:
            continue
        links.append(link)
        left += [link.__cause__, link.__context__, *getattr(link, "exceptions", ())]
    return links


@contextmanager
def _everything_logged(caplog: pytest.LogCaptureFixture) -> Generator[None]:
    """Every logger there is says everything, and hands it up to where the test can see it."""
    loggers = [each for each in logging.root.manager.loggerDict.values() if isinstance(each, logging.Logger)]
    before = [(each, each.level, each.propagate, each.disabled) for each in loggers]
    with caplog.at_level(logging.DEBUG):
        for each in loggers:
            each.setLevel(logging.DEBUG)
            each.propagate, each.disabled = True, False
        try:
            yield
        finally:
            for each, level, propagate, disabled in before:
                each.setLevel(level)
                each.propagate, each.disabled = propagate, disabled


def _record_text(record: logging.LogRecord) -> str:
    raised = record.exc_info[1] if record.exc_info else None
    return f"{record.getMessage()} {record.__dict__!r} {_places(raised) and KEY if raised else ''}"
