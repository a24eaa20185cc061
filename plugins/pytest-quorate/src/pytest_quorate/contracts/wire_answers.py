"""Answers on the wire: what endpoints put into a response or a stream, and what it means."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pytest_quorate.contracts._driving import ask, both_ways, driven, opened
from pytest_quorate.contracts._served import always, chunk, play, stream_of
from pytest_quorate.contracts._subject import Subject
from quorate.models import Usage

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer

_CALLS = [("add", '{"a": 1, "b": 2}'), ("multiply", '{"a": 3, "b": 4, "note": "fünf 🎉"}'), ("now", "{}")]
_USAGE = {
    "prompt_tokens": 11,
    "completion_tokens": 7,
    "total_tokens": 18,
    "prompt_tokens_details": {"cached_tokens": 5},
    "completion_tokens_details": {"reasoning_tokens": 3},
}


class WireAnswerTests(Subject, contract=True):
    """Every form of an answer that endpoints are known to send is understood."""

    @both_ways
    @pytest.mark.parametrize("text", [None, ""], ids=["null", "empty"])
    @driven
    async def test_null_and_empty_content(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, text: str | None
    ) -> None:
        """An answer whose content is null or empty is the empty text.

        Why: models do stop without a word; ``None`` as content breaks whoever joins or measures it.
        Fix: read content as ``content or ""``.
        """
        always(scripted_server, text)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.content == ""
        assert result.finish_reason == "stop"

    @both_ways
    @driven
    async def test_interleaved_tool_calls(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Calls whose arguments arrive in turns, a few characters each, are put together by their index.

        Why: endpoints stream parallel calls side by side; joined in order of arrival their arguments are garbage.
        Fix: keep one list of argument pieces per ``index``; a piece carries no id and no name.
        """
        always(scripted_server, tool_calls=_CALLS)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert isinstance(result.content, list)
        got = [(call["function"]["name"], call["function"]["arguments"]) for call in result.content]
        assert got == _CALLS
        assert [call["id"] for call in result.content] == ["call_0", "call_1", "call_2"]
        assert result.finish_reason == "tool_calls"

    @both_ways
    @driven
    async def test_text_beside_tool_calls(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Text that comes with tool calls is the result's ``text``, and stays in its message.

        Why: models explain what they are about to do; the explanation belongs to the history.
        Fix: give the calls as ``content`` and the text as ``text``.
        """
        always(scripted_server, "I will add.", tool_calls=_CALLS)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert isinstance(result.content, list)
        assert result.text == "I will add."
        assert result.message.get("content") == "I will add."

    @both_ways
    @driven
    async def test_usage(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """The endpoint's counts arrive, cached and reasoning tokens included, streamed ones too.

        Why: money is computed from them; an endpoint adds them to a stream only when asked.
        Fix: send ``stream_options={"include_usage": true}``, and read the details.
        """
        always(scripted_server, "five", usage=_USAGE)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.usage == Usage(11, 7, cached_tokens=5, reasoning_tokens=3)

    @both_ways
    @driven
    async def test_absent_usage_is_unknown(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Where the endpoint does not count, usage is None.

        Why: a 0 would be added up as if the call had been free.
        Fix: give None, never zeros, when no usage was sent.
        """
        always(scripted_server, "five", usage=None)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.usage is None

    @pytest.mark.parametrize("place", ["after the finish", "with the finish", "on every chunk"])
    @driven
    async def test_late_usage(self, fresh: Fresh, scripted_server: ScriptedServer, place: str) -> None:
        """Usage is found wherever in a stream it comes, last count first.

        Why: OpenAI sends it after the finish reason in a chunk without choices, others with the last chunk, vLLM on
        request with every chunk, growing.
        Fix: read on after the finish reason until the stream ends, and keep the last usage seen.
        """
        usage = {"prompt_tokens": 11, "completion_tokens": 7}
        growing = usage | {"completion_tokens": 3} if place == "on every chunk" else None
        late = place == "after the finish"
        events = [chunk({"content": "five"}, usage=growing), chunk({}, "stop", usage=None if late else usage)]
        events += [chunk(None, usage=usage)] if late else []
        play(scripted_server, stream_of(events))
        async with opened(fresh()) as client:
            result = await ask(client, "create_stream", self.messages)
        assert result.content == "five"
        assert result.usage == Usage(11, 7)

    @both_ways
    @pytest.mark.parametrize(
        ("wire", "ours"),
        [
            ("stop", "stop"),
            ("length", "length"),
            ("content_filter", "content_filter"),
            ("tool_calls", "tool_calls"),
            ("function_call", "tool_calls"),
            ("some_new_reason", "unknown"),
        ],
        ids=["stop", "length", "content_filter", "tool_calls", "function_call", "new"],
    )
    @driven
    async def test_finish_reasons(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str, wire: str, ours: str
    ) -> None:
        """The endpoint's finish reason becomes one of ours; one that nobody knows yet is ``unknown``.

        Why: an answer that was cut (``length``) or filtered must not pass for a complete one.
        Fix: map them by a table, with ``unknown`` for the rest.
        """
        calls = _CALLS[:1] if ours == "tool_calls" else []
        always(scripted_server, None if calls else "five", tool_calls=calls, finish_reason=wire)
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.finish_reason == ours

    @both_ways
    @driven
    async def test_the_model_is_named_as_the_endpoint_names_it(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str
    ) -> None:
        """The result names the model that answered.

        Why: aliases (``gpt-5``) are answered by dated models, and price and replay depend on which.
        Fix: take ``model`` from the response, and the configured name only when there is none.
        """
        always(scripted_server, "five", model="the-model-that-answered")
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.model == "the-model-that-answered"

    @both_ways
    @driven
    async def test_a_refusal_is_told_from_an_answer(
        self, fresh: Fresh, scripted_server: ScriptedServer, way: str
    ) -> None:
        """A refusal (null content beside ``refusal``) gives its text and the finish reason ``content_filter``.

        Why: OpenAI sends refusals beside structured output this way; dropped, the answer is empty for no reason.
        Fix: read ``refusal`` where ``content`` is null.
        """
        always(scripted_server, refusal="I cannot help with that.")
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.content == "I cannot help with that."
        assert result.finish_reason == "content_filter"

    @both_ways
    @driven
    async def test_ten_megabytes(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """An answer of 10 MB arrives whole, streamed in one event too.

        Why: long contexts and inline images are that big; a limit on line length cuts or refuses them.
        Fix: do not limit lines, and join pieces once, not piece by piece.
        """
        text = "0123456789" * 1_000_000
        always(scripted_server, chunks=[text])
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert result.content == text, "the 10 MB are not the same"
