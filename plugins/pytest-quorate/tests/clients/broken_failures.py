"""Clients that fail in the wrong way, each in one."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import json

from honest_client import HonestClient

from quorate.errors import ModelError
from quorate.models import CreateResult


def remade(error, message=None, **changed):
    """A copy of an error with some of it changed."""
    fields = {name: getattr(error, name) for name in ("kind", "retry_after", "output_started", "status")}
    return ModelError(message or str(error), **{**fields, **changed})


class Failing(HonestClient):
    """Changes the error, either way; what is given instead of an error is the answer."""

    def changed(self, error):
        raise NotImplementedError

    async def create(self, messages, **request):
        try:
            return await super().create(messages, **request)
        except ModelError as error:
            made = self.changed(error.with_traceback(None))
        if isinstance(made, CreateResult):
            return made
        raise made

    async def create_stream(self, messages, **request):
        made = None
        try:
            async for part in super().create_stream(messages, **request):
                yield part
        except ModelError as error:
            made = self.changed(error.with_traceback(None))
        if isinstance(made, CreateResult):
            yield made
        elif made is not None:
            raise made


class TakesQuotaForARateLimit(Failing):
    fails = {"test_statuses"}

    def changed(self, error):
        return remade(error, kind="rate_limit") if error.kind == "quota" else error


class ReadsNoDates(Failing):
    fails = {"test_rate_limits"}

    def changed(self, error):
        return remade(error, retry_after=None if (error.retry_after or 0) > 20 else error.retry_after)


class ReadsNoMilliseconds(Failing):
    fails = {"test_rate_limits"}

    def changed(self, error):
        return remade(error, retry_after=1.0 if error.retry_after == 0.25 else error.retry_after)


class TriesAgain(HonestClient):
    fails = {"test_a_failed_call_is_not_repeated"}

    async def _open(self, body, params, *, stream):
        try:
            return await super()._open(body, params, stream=stream)
        except ModelError as error:
            if error.status not in (408, 409, 429, 500, 503):
                raise
        return await super()._open(body, params, stream=stream)


class ConnectsAgain(HonestClient):
    fails = {"test_a_dropped_call_is_not_repeated"}

    async def _open(self, body, params, *, stream):
        try:
            return await super()._open(body, params, stream=stream)
        except ModelError as error:
            if error.kind != "network":
                raise
        return await super()._open(body, params, stream=stream)


class ReadsCodesOnly(Failing):
    fails = {"test_overflow_in_words"}

    def changed(self, error):
        return remade(error, kind="bad_request") if "maximum context length" in str(error) else error


class TellsEverything(Failing):
    fails = {"test_an_error_tells_where_and_what"}

    def changed(self, error):
        return remade(error, f"{error}{'x' * 10_000}") if "rack seven" in str(error) else error


class TellsNoPlace(Failing):
    fails = {"test_an_error_tells_where_and_what", "test_a_host_that_does_not_exist"}

    def changed(self, error):
        return remade(error, str(error).replace(self.config.base_url, "the endpoint"))


class RaisesWhatComes(HonestClient):
    fails = {"test_a_refused_connection"}

    def failure_of(self, error):
        return error if isinstance(error, ConnectionRefusedError) else super().failure_of(error)


class CannotLookUp(HonestClient):
    fails = {"test_a_host_that_does_not_exist"}

    def failure_of(self, error):
        return error if type(error).__name__ == "gaierror" else super().failure_of(error)


class WaitsForEver(HonestClient):
    fails = {"test_no_answer_in_time", "test_silence_in_the_middle"}
    patience = 1.0

    def __init__(self, config=None, /, **fields):
        super().__init__(config, **fields)
        self.config = self.config.model_copy(update={"timeout": None})


class ForgetsWhatItSaid(Failing):
    fails = {
        "test_silence_in_the_middle",
        "test_a_stream_that_breaks_off",
        "test_a_stream_that_just_ends",
        "test_events",
        "test_an_error_in_a_stream",
    }

    def changed(self, error):
        return remade(error, output_started=False)


class TakesHalfForAll(Failing):
    fails = {"test_a_stream_that_breaks_off", "test_a_stream_that_just_ends"}

    def changed(self, error):
        return CreateResult("first", model="m") if error.output_started and error.kind == "network" else error


class TakesACutForNonsense(HonestClient):
    fails = {"test_a_cut_body"}

    def failure_of(self, error):
        made = super().failure_of(error)
        return remade(made, kind="bad_response") if type(error) is EOFError else made


class AnswersWithNothing(Failing):
    fails = {"test_bodies", "test_events", "test_no_socket_after_close", "test_it_goes_on_after_a_failure"}

    def changed(self, error):
        nonsense = error.kind == "bad_response" and error.status is None and "sk-" not in str(error)
        said = any(word in str(error) for word in ("upstream", "you_sent", "you sent", "***"))
        return CreateResult("", model="m") if nonsense and not said else error


class RaisesTheDecodersError(Failing):
    fails = {"test_bodies"}

    def changed(self, error):
        return json.JSONDecodeError("no", "<", 0) if "nginx" in str(error) else error


class SeesNoError(Failing):
    fails = {"test_success_with_an_error_body"}

    def changed(self, error):
        return CreateResult("", model="m") if "upstream is down" in str(error) else error


class SkipsWhatItCannotRead(HonestClient):
    fails = {"test_events"}

    def mangled(self, data):
        return data.replace(b"data: {nonsense\n", b": skipped\n")


class SkipsErrors(HonestClient):
    fails = {"test_an_error_in_a_stream"}

    def mangled(self, data):
        return data.replace(b'data: {"error": {"message": "the GPU', b': {"error": {"message": "the GPU')


class ExpectsHttp(HonestClient):
    fails = {"test_what_is_no_http"}

    def failure_of(self, error):
        return error if type(error) is ValueError else super().failure_of(error)


class ExpectsJson(Failing):
    fails = {"test_an_error_page"}

    def changed(self, error):
        return remade(error, kind="bad_response") if "nobody home" in str(error) else error


class BreaksForGood(Failing):
    fails = {"test_it_goes_on_after_a_failure"}

    def changed(self, error):
        self.config = self.config.model_copy(update={"base_url": "http://127.0.0.1:1/v1"})
        return error
