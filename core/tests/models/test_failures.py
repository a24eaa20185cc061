"""Failures: which kind each status and error code means, how long to wait, and what the message says."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from quorate.models.failures import Endpoint, classify, failure, retry_after, status_failure

ENDPOINT = Endpoint("https://host:1/v1", "m", secrets=("sk-secret-key", "EMPTY"))
OVERFLOWS = [
    "This model's maximum context length is 2048 tokens. However, you requested 2500 tokens (2400 in the messages)",
    "The decoder prompt (length 5000) is longer than the maximum model length of 2048. Make sure that",
    "the request exceeds the available context size, try increasing it",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "prompt is too long: 210000 tokens > 200000 maximum",
]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (400, None, "bad_request"),
        (400, "context_length_exceeded", "context_overflow"),
        (400, "content_filter", "content_filter"),
        (401, "invalid_api_key", "auth"),
        (402, None, "quota"),
        (403, None, "auth"),
        (404, "model_not_found", "bad_request"),
        (408, None, "timeout"),
        (409, None, "overload"),
        (413, None, "context_overflow"),
        (422, None, "bad_request"),
        (429, None, "rate_limit"),
        (429, "rate_limit_exceeded", "rate_limit"),
        (429, "insufficient_quota", "quota"),
        (500, None, "overload"),
        (502, None, "overload"),
        (503, None, "overload"),
        (504, None, "overload"),
        (529, None, "overload"),
    ],
)
def test_kinds_by_status_and_code(status, code, kind):
    assert classify(status, {"message": "boom", "code": code}) == kind
    body = json.dumps({"error": {"message": "boom", "code": code}}).encode()
    found = status_failure(ENDPOINT, status, {}, body)
    assert (found.kind, found.status) == (kind, status)
    assert f"HTTP {status}: boom" in str(found)


@pytest.mark.parametrize("message", OVERFLOWS)
def test_an_overflow_that_is_said_in_words_only(message):
    assert classify(400, {"message": message, "code": 400, "type": "BadRequestError"}) == "context_overflow"


def test_words_that_only_resemble_an_overflow():
    assert classify(400, {"message": "Unknown parameter: context_length"}) == "bad_request"
    assert classify(429, {"message": "maximum context length"}) == "rate_limit"


def test_the_code_of_an_inner_error_and_the_type_count():
    assert classify(400, {"innererror": {"code": "ResponsibleAIPolicyViolation"}}) == "content_filter"
    assert classify(429, {"type": "insufficient_quota", "code": None}) == "quota"


def test_the_message_names_endpoint_model_and_what_to_do():
    message = str(status_failure(ENDPOINT, 401, {}, b'{"error": {"message": "bad key", "code": "invalid_api_key"}}'))
    assert message == (
        "https://host:1/v1 (model m): HTTP 401: bad key [invalid_api_key]; "
        "check the api_key of this configuration and what the key may do"
    )
    advised = Endpoint("https://host:1/v1", "m", advice={"auth": "set SOME_KEY"})
    assert str(status_failure(advised, 401, {}, b"")).endswith("HTTP 401; set SOME_KEY")


@pytest.mark.parametrize(
    "body", [b"<html>\n Bad  gateway</html>", b'{"detail": "Bad gateway"}', b'{"error": "Bad gateway"}']
)
def test_bodies_of_other_shapes_are_shown(body):
    assert "Bad gateway" in str(status_failure(ENDPOINT, 502, {}, body))


def test_a_redirect_is_refused_and_says_where_it_pointed_without_its_query():
    found = status_failure(ENDPOINT, 307, {"location": "https://other/v1?key=1"}, b"")
    assert found.kind == "bad_response"
    assert "redirects to https://other/v1," in str(found)


def test_secrets_never_show():
    echoed = json.dumps({"error": {"message": 'Incorrect key "sk-secret-key" (EMPTY)'}}).encode()
    found = status_failure(ENDPOINT, 401, {"location": "sk-secret-key"}, echoed)
    assert 'Incorrect key "***" (EMPTY)' in str(found)
    quoted = Endpoint("http://h/v1", "m", secrets=('a"b\\c-secret',))
    assert "secret" not in str(failure(quoted, "bug", json.dumps({"k": 'a"b\\c-secret'})))
    assert "sk-secret-key" not in repr(ENDPOINT)
    assert "s3cret" not in str(Endpoint("https://user:s3cret@host/v1?key=s3cret#s3cret", "m"))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 GMT"}, 30.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:00:00 GMT"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:30 -0000"}, 30.0),
        ({"retry-after": "tomorrow"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": ""}, None),
    ],
)
def test_how_long_to_wait(headers, seconds):
    assert retry_after(headers, datetime(2015, 10, 21, 7, 28, 0, tzinfo=UTC)) == seconds


def test_the_wait_is_in_the_error():
    found = status_failure(ENDPOINT, 429, {"retry-after": "7"}, b"{}")
    assert found.retry_after == 7.0
    assert "asks to wait 7 s" in str(found)
