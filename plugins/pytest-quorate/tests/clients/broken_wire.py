"""Clients that read streams or write requests wrongly, each in one way."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import asyncio
import json
import threading
from contextvars import ContextVar

from honest_client import Answer, HonestClient

from quorate.models.failures import failure

_seen = ContextVar("what this stream has brought so far")


class DecodesByHalves(HonestClient):
    fails = {"test_cut_anywhere"}

    def mangled(self, data):
        return data.decode("utf-8", "replace").encode()


class NeedsASpace(HonestClient):
    fails = {"test_dialects"}

    def mangled(self, data):
        return data.replace(b"data:{", b"other:{")


class NeedsDone(HonestClient):
    fails = {"test_without_done", "test_a_last_event_without_its_blank_line"}

    async def create_stream(self, messages, **request):
        _seen.set([])
        async for part in super().create_stream(messages, **request):
            if not isinstance(part, str) and b"[DONE]" not in b"".join(_seen.get()) and b"data:" in _seen.get()[0]:
                raise failure(self.endpoint, "network", "there was no [DONE]")
            yield part

    def mangled(self, data):
        _seen.get([]).append(data)
        return data


class NeedsChoices(HonestClient):
    fails = {"test_empty_and_odd_chunks"}

    def mangled(self, data):
        if b"prompt_filter_results" in data:
            raise IndexError("list index out of range")
        return data


class Hoards(HonestClient):
    """Reads a stream to its end before it says anything."""

    fails = {
        "test_text_is_given_as_it_comes",
        "test_silence_in_the_middle",
        "test_a_stream_that_breaks_off",
        "test_cancellation_in_a_stream_hangs_up",
        "test_leaving_a_stream_hangs_up",
        "test_a_dropped_stream_hangs_up",
    }
    patience = 1.0

    async def exchange(self, base_url, body):
        answer = await super().exchange(base_url, body)
        answer.__class__ = HoardingAnswer
        return answer


class HoardingAnswer(Answer):
    async def chunks(self):
        for chunk in [chunk async for chunk in super().chunks()]:
            yield chunk


class BlocksTheLoop(HonestClient):
    fails = {"test_a_slow_drip"}
    only = fails

    async def create_stream(self, messages, **request):
        parts = []

        async def read():
            parts.extend([part async for part in HonestClient.create_stream(self, messages, **request)])

        thread = threading.Thread(target=lambda: asyncio.run(read()))
        thread.start()
        thread.join()
        for part in parts:
            yield part


class NeedsEvents(HonestClient):
    fails = {"test_an_endpoint_that_cannot_stream", "test_success_with_an_error_body"}

    async def _open(self, body, params, *, stream):
        answer = await super()._open(body, params, stream=stream)
        if stream and answer.headers["content-type"] == "application/json":
            await answer.aclose()
            raise failure(self.endpoint, "bad_response", "the answer is no stream")
        return answer


class NeverFlushes(HonestClient):
    fails = {"test_a_last_event_without_its_blank_line"}

    def mangled(self, data):
        if b"chat.completion.chunk" in data and not data.endswith(b"\n") and data.startswith(b"data: "):
            return data.rpartition(b"data: ")[0]
        return data


class Editing(HonestClient):
    """Changes the body before it is sent."""

    def edited(self, body):
        raise NotImplementedError

    def _body(self, *request, **more):
        return json.dumps(self.edited(json.loads(super()._body(*request, **more)))).encode()


class AsksTwice(HonestClient):
    fails = {"test_one_request_of_the_right_kind"}
    only = {"test_one_request_of_the_right_kind", "test_usage", "test_statuses"}

    async def _open(self, body, params, *, stream):
        first = await super()._open(body, params, stream=stream)
        await first.aclose()
        return await super()._open(body, params, stream=stream)


class StreamsAlways(Editing):
    fails = {"test_one_request_of_the_right_kind"}
    only = {"test_one_request_of_the_right_kind"}

    def edited(self, body):
        return body | {"stream": True}


class ConfigurationWins(HonestClient):
    fails = {"test_parameters_of_the_call_win"}

    def _body(self, messages, tools, choice, response_format, params, **more):
        return super()._body(messages, tools, choice, response_format, {**params, **self.config.params}, **more)


class KnowsEveryParameter(Editing):
    fails = {"test_unknown_parameters_pass"}

    def edited(self, body):
        return {key: value for key, value in body.items() if key not in ("quality_of_life", "brand_new_parameter")}


class SendsTheConfiguration(Editing):
    fails = {"test_what_is_ours_stays_here"}

    def edited(self, body):
        return body | {"tags": self.config.tags}


class SortsMessages(Editing):
    fails = {"test_messages_arrive"}

    def edited(self, body):
        messages = body["messages"]
        if len(messages) > 5:
            messages[0], messages[1] = messages[1], messages[0]
        return body


class JoinsResults(HonestClient):
    fails = {"test_several_results_in_one_message"}

    def _body(self, messages, *request, **more):
        plain = [
            {key: value for key, value in each.items() if key != "tool_responses"} if isinstance(each, dict) else each
            for each in messages
        ]
        return super()._body([{**m, "tool_call_id": "?"} if _joined(m) else m for m in plain], *request, **more)


def _joined(message):
    return isinstance(message, dict) and message.get("role") == "tool" and "tool_call_id" not in message


class LeavesTheChoiceOpen(Editing):
    fails = {"test_tools_arrive"}

    def edited(self, body):
        return {key: value for key, value in body.items() if key != "tool_choice" or isinstance(value, str)}


class DropsImages(Editing):
    fails = {"test_images_arrive"}

    def edited(self, body):
        for message in body["messages"]:
            if isinstance(message.get("content"), list):
                message["content"] = [part for part in message["content"] if part["type"] == "text"]
        return body
