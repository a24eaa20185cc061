"""What clients over HTTP share: an answer's bytes, what started a failure, whose client is closed, and trust."""

from __future__ import annotations

import asyncio
import itertools
import ssl

import pytest

from quorate import ModelError
from quorate.models.transport import ResponseAnswer, http_client, tls_context, transport_failure
from quorate.models.wire import Endpoint

ENDPOINT = Endpoint("http://127.0.0.1:1/v1", "m", secrets=("secret-key",))


class LibraryError(Exception):
    """As an HTTP library raises it."""


LibraryError.__module__ = "httpx2._exceptions"


class SlowError(LibraryError):
    pass


class TornError(LibraryError):
    pass


def failed(error):
    return transport_failure(ENDPOINT, error, timeouts=(SlowError,), unreadable=(TornError,))


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (SlowError(), "timeout", "no answer in time (SlowError)"),
        (TornError("bad gzip"), "bad_response", "the answer cannot be read (TornError: bad gzip)"),
        (LibraryError("all attempts failed"), "network", "the connection failed (LibraryError: all attempts failed)"),
    ],
)
def test_kinds(error, kind, said):
    failure = failed(error)
    assert failure.kind == kind
    assert said in str(failure)


def test_what_started_it_is_told_and_what_the_caller_did_is_not():
    def chained(*errors):
        for above, below in itertools.pairwise(errors):
            above.__context__ = below
        return errors[0]

    root = ConnectionRefusedError(111, "refused")
    assert "ConnectionRefusedError: [Errno 111] refused" in str(
        failed(chained(LibraryError("a"), LibraryError("b"), root))
    )
    assert "(LibraryError: a)" in str(failed(chained(LibraryError("a"), KeyError("the caller's"))))
    assert "(LibraryError: a)" in str(failed(chained(LibraryError("a"), OSError())))


def test_no_secret_is_told():
    assert "secret-key" not in str(failed(LibraryError("sent secret-key")))


class Response:
    def __init__(self, *parts, encoding=None):
        self.headers = {"content-encoding": encoding} if encoding else {}
        self.content = b"whole"
        self.parts = parts
        self.stream = self.read("raw")
        self.closed = []

    async def read(self, how):
        try:
            for part in self.parts:
                if isinstance(part, Exception):
                    raise part
                yield how.encode() + part
        finally:
            self.closed.append(how)

    def aiter_bytes(self):
        return self.read("plain")

    async def aclose(self):
        self.closed.append("response")


def answer(*parts, **more):
    response = Response(*parts, **more)
    return response, ResponseAnswer(response, (LibraryError,), failed)


async def read(chunks):
    return [chunk async for chunk in chunks]


def test_bytes_come_as_they_are_unless_they_are_compressed():
    response, plain = answer(b"1", b"2")
    assert asyncio.run(read(plain.chunks())) == [b"raw1", b"raw2"]
    assert asyncio.run(plain.read()) == b"whole"
    asyncio.run(plain.aclose())
    assert response.closed == ["raw", "response"]
    assert asyncio.run(read(answer(b"1", encoding="gzip")[1].chunks())) == [b"plain1"]


def test_a_body_that_breaks_off_is_a_failure_without_the_library_s_error():
    with pytest.raises(ModelError) as caught:
        asyncio.run(read(answer(b"1", SlowError("with the key"))[1].chunks()))
    assert caught.value.kind == "timeout"
    assert caught.value.__cause__ is caught.value.__context__ is None
    with pytest.raises(KeyError):
        asyncio.run(read(answer(KeyError("ours"))[1].chunks()))


def test_leaving_closes_what_the_bytes_come_from():
    async def main():
        response, left = answer(b"1", b"2")
        chunks = left.chunks()
        await anext(chunks)
        await chunks.aclose()
        assert response.closed == ["raw"]

    asyncio.run(main())


class Client:
    async def aclose(self):
        pass


def test_whose_client_is_closed():
    ours, theirs, made = Client(), Client(), Client()
    assert http_client(None, lambda: ours) == (ours, ours.aclose)
    assert http_client(theirs, lambda: ours) == (theirs, None)
    assert http_client(lambda: made, lambda: ours) == (made, made.aclose)


def test_authorities_are_loaded_for_https_alone():
    trusting = ssl.create_default_context()
    assert tls_context("HTTPS://x", lambda: trusting) is trusting
    nobody = tls_context("http://x", ssl.create_default_context)
    assert nobody.get_ca_certs() == []
    assert nobody.verify_mode is ssl.CERT_REQUIRED
