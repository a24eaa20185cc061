"""Clients that give wrong answers, each in one way; ``fails`` names the tests that must notice, and nobody else may."""

# ruff: noqa: RUF012, SIM105 - nobody changes these sets

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from urllib.parse import urlsplit

from honest_client import CAPABILITIES, HonestClient

from quorate.errors import ModelError
from quorate.models import ModelInfo, Usage
from quorate.models.client import BaseChatCompletionClient


class Changing(HonestClient):
    """Changes the result, either way."""

    def changed(self, result):
        return result

    async def create(self, messages, **request):
        return self.changed(await super().create(messages, **request))

    async def create_stream(self, messages, **request):
        async for part in super().create_stream(messages, **request):
            yield part if isinstance(part, str) else self.changed(part)


class TwoResults(HonestClient):
    fails = {"test_the_stream_ends_with_its_only_result"}

    async def create_stream(self, messages, **request):
        async for part in super().create_stream(messages, **request):
            yield part
        yield part


class LosesTheFirstWord(HonestClient):
    fails = {"test_the_streamed_text_is_the_content", "test_cut_anywhere", "test_dialects", "test_without_done"}
    only = fails

    async def create_stream(self, messages, **request):
        first = True
        async for part in super().create_stream(messages, **request):
            if not first or not isinstance(part, str):
                yield part
            first = False


class StreamsWithoutUsage(HonestClient):
    fails = {
        "test_both_ways_give_the_same_result",
        "test_tools",
        "test_parallel_tools",
        "test_usage",
        "test_late_usage",
    }

    async def create_stream(self, messages, **request):
        async for part in super().create_stream(messages, **request):
            yield part if isinstance(part, str) else replace(part, usage=None)


class Nameless(Changing):
    fails = {"test_a_result_says_what_it_knows", "test_the_model_is_named_as_the_endpoint_names_it"}

    def changed(self, result):
        return replace(result, model="")


class SaysWhatWasConfigured(Changing):
    fails = {"test_the_model_is_named_as_the_endpoint_names_it"}

    def changed(self, result):
        return replace(result, model=self.config.model)


class ChangesMessages(HonestClient):
    fails = {"test_messages_and_tools_are_not_changed"}

    def _body(self, messages, *request, **more):
        for message in messages:
            if isinstance(message, dict):
                message.pop("name", None)
        return super()._body(messages, *request, **more)


class NeedsNoInstructions(HonestClient):
    fails = {
        "test_every_kind_of_message_is_accepted",
        "test_messages_and_tools_are_not_changed",
        "test_messages_arrive",
    }

    def _body(self, messages, *request, **more):
        if any(isinstance(message, dict) and message.get("role") == "system" for message in messages):
            raise ModelError("no system role here", kind="bad_request")
        return super()._body(messages, *request, **more)


class ReadsNoParts(HonestClient):
    fails = {"test_content_in_parts_is_text"}

    def _body(self, messages, *request, **more):
        (content, *_) = [message.get("content") for message in messages if isinstance(message, dict)]
        if isinstance(content, list) and len(content) == 1:
            raise TypeError("content must be text")
        return super()._body(messages, *request, **more)


class TrustsMessages(HonestClient):
    fails = {"test_what_is_no_message_is_refused"}

    def _body(self, messages, *request, **more):
        assert [message["role"] for message in messages]
        return super()._body(messages, *request, **more)


class StrictUnicode(HonestClient):
    fails = {"test_text_that_is_no_unicode_breaks_nothing"}

    def _body(self, messages, *request, **more):
        str(messages[0]["content"]).encode()
        repr(messages).encode()
        "".join(m["content"] for m in messages if isinstance(m, dict) and isinstance(m.get("content"), str)).encode()
        return super()._body(messages, *request, **more)


class HasNoModelInfo(HonestClient):
    fails = {
        "test_it_has_the_methods_of_the_protocol",
        "test_what_it_declares_is_what_it_claims",
        "test_decide",
        "test_remaining_tokens",
    }
    model_info = None


class ChoosesNoTool(HonestClient):
    fails = {"test_it_takes_the_arguments_of_the_protocol"}

    async def create(self, messages, *, tools=(), tool_choice=None, response_format=None, **params):
        choice = tool_choice or "auto"
        return await super().create(
            messages, tools=tools, tool_choice=choice, response_format=response_format, **params
        )


class ClosesAtOnce(HonestClient):
    fails = {"test_its_methods_are_awaited_and_iterated"}

    def close(self):
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future


class Iterator:
    def __init__(self, stream):
        self.stream = stream

    def __aiter__(self):
        return self

    async def __anext__(self):
        return await anext(self.stream)


class CannotBeLeft(HonestClient):
    fails = {
        "test_a_stream_can_be_left",
        "test_a_stream_left_early_breaks_nothing",
        "test_leaving_a_stream_hangs_up",
        "test_text_is_given_as_it_comes",
    }

    def create_stream(self, messages, **request):
        return Iterator(super().create_stream(messages, **request))


class LooksTheHostUp(HonestClient):
    fails = {"test_making_one_is_light"}

    def __init__(self, config=None, /, **fields):
        super().__init__(config, **fields)
        try:
            socket.getaddrinfo(urlsplit(self.config.base_url).hostname, 80)
        except OSError:
            pass


class SeesNothing(HonestClient):
    fails = {"test_what_it_declares_is_what_it_claims"}
    model_info = ModelInfo(vision=False)


class ComesBackAsSomethingElse(HonestClient):
    fails = {"test_a_pickle_works_or_is_refused"}

    def __reduce__(self):
        return dict, ()


class ClaimsTooMuch(HonestClient):
    fails = {"test_decide", "test_count_tokens"}
    capabilities = CAPABILITIES | {"count_tokens"}

    async def decide(self, question, choices):
        return await super().decide(question, choices) + "!"

    async def count_tokens(self, messages, *, tools=()):
        return await super().count_tokens(messages, tools=tools) + 1


class TakesAnyChoice(HonestClient):
    fails = {"test_what_is_no_choice_is_refused"}

    async def choose(self, question, choices, **params):
        return await super().choose(question, list(dict.fromkeys(filter(None, choices))) or ["yes", "no"], **params)


class CountsOnItsFingers(HonestClient):
    """Says nothing of an estimate."""

    fails = {"test_count_tokens"}

    async def count_tokens(self, messages, *, tools=()):
        """Count."""
        return await super().count_tokens(messages, tools=tools)


class GuessesTheContext(HonestClient):
    fails = {"test_remaining_tokens"}

    async def remaining_tokens(self, messages, *, tools=()):
        return 4096 - await self.count_tokens(messages, tools=tools)


class ClaimsTooLittle(HonestClient):
    fails = {
        "test_tools",
        "test_tool_choice",
        "test_tools_arrive",
        "test_parallel_tools",
        "test_structured_output",
        "test_vision",
        "test_images_arrive",
        "test_logprobs",
        "test_n",
        "test_seed",
        "test_reasoning",
    }
    capabilities = frozenset()


class TakesAnyTool(HonestClient):
    fails = {"test_tool_choice"}

    def _body(self, messages, tools, tool_choice, *request, **more):
        known = ["auto", "required", "none", *(tool["function"]["name"] for tool in tools)]
        return super()._body(messages, tools, tool_choice if tool_choice in known else "auto", *request, **more)


class OneIdForAll(Changing):
    fails = {"test_parallel_tools", "test_interleaved_tool_calls"}

    def changed(self, result):
        calls = result.content if isinstance(result.content, list) else []
        return replace(result, content=[call | {"id": "call"} for call in calls] or result.content)


class AsksForJsonNicely(HonestClient):
    fails = {"test_structured_output"}

    def _body(self, messages, tools, choice, response_format, *request, **more):
        return super()._body(messages, tools, choice, None, *request, **more)


class StreamsOneLogprob(Changing):
    fails = {"test_logprobs"}

    def changed(self, result):
        tokens = (result.logprobs or {}).get("content", [])[:1]
        return replace(result, logprobs=result.logprobs and {"content": tokens})


class GivesOneChoice(Changing):
    fails = {"test_n"}

    def changed(self, result):
        return replace(result, choices=())


class ForgetsTheSeed(HonestClient):
    fails = {"test_seed"}

    def _body(self, messages, tools, choice, response_format, params, **more):
        left = {key: value for key, value in params.items() if key != "seed"}
        return super()._body(messages, tools, choice, response_format, left, **more)


class ThinksAloud(HonestClient):
    fails = {"test_reasoning"}

    def mangled(self, data):
        return data.replace(b'"reasoning_content"', b'"some_other_field"')


class BlindAndMute(HonestClient):
    fails = {"test_vision", "test_images_arrive"}

    def _body(self, messages, *request, **more):
        if "image_url" in repr(messages):
            raise ModelError("no images", kind="bad_request")
        return super()._body(messages, *request, **more)


class NoneForEmpty(Changing):
    fails = {"test_null_and_empty_content"}

    def changed(self, result):
        return replace(result, content=result.content or None)


class IgnoresTheIndex(HonestClient):
    fails = {"test_interleaved_tool_calls", "test_parallel_tools"}

    def mangled(self, data):
        return data.replace(b'"tool_calls": [{"index": 1', b'"tool_calls": [{"index": 0')


class LosesTextBesideCalls(Changing):
    fails = {"test_text_beside_tool_calls"}

    def changed(self, result):
        return replace(result, text=None) if isinstance(result.content, list) else result


class CountsNothing(Changing):
    fails = {"test_absent_usage_is_unknown"}

    def changed(self, result):
        return replace(result, usage=result.usage or Usage())


class ForgetsDetails(Changing):
    fails = {"test_usage"}

    def changed(self, result):
        usage = result.usage
        return replace(result, usage=usage and Usage(usage.prompt_tokens, usage.completion_tokens))


class StopsAtTheFinish(HonestClient):
    fails = {
        "test_usage",
        "test_late_usage",
        "test_both_ways_give_the_same_result",
        "test_tools",
        "test_parallel_tools",
    }

    def mangled(self, data):
        return data.replace(b'"choices": [], "usage"', b'"choices": [], "ignored"')


class KnowsFourReasons(Changing):
    fails = {"test_finish_reasons"}

    def changed(self, result):
        return replace(result, finish_reason="stop" if result.finish_reason == "unknown" else result.finish_reason)


class LosesRefusals(HonestClient):
    fails = {"test_a_refusal_is_told_from_an_answer"}

    def mangled(self, data):
        return data.replace(b'"refusal": "', b'"ignored": "')


class CutsLongAnswers(Changing):
    fails = {"test_ten_megabytes"}

    def changed(self, result):
        return replace(result, content=result.content[:1_000_000])


class Minimal(BaseChatCompletionClient):
    """Forgets all that the base class cannot give."""

    fails = {"test_it_has_the_methods_of_the_protocol"}
    only = fails
    close = None
