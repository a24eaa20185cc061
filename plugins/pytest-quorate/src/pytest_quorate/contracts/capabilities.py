"""Capabilities: what is claimed works, and what is not claimed is refused, never silently left out."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from pytest_quorate.contracts._driving import ask, both_ways, driven, fields_of, opened, read, refusal
from pytest_quorate.contracts._subject import ADD, PIXEL, Subject
from quorate.errors import ModelError

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from quorate.messages import Message
    from quorate.models import ChatCompletionClient, CreateResult


class Sum(BaseModel):
    """What structured output is asked for."""

    question: str
    total: int


class CapabilityTests(Subject, contract=True):
    """Every capability has a test. Claimed, it must work; not claimed, asking for it must be refused."""

    @driven
    async def test_tools(self, fresh: Fresh) -> None:
        """With tools on offer the model's calls come back as the content, in wire format, the same either way.

        Why: an agent runs what ``content`` lists, by name, with arguments read as JSON.
        Fix: decode calls to ``{"id", "type": "function", "function": {"name", "arguments"}}``; refuse ``tools`` with
        the kind ``bad_request`` when the model cannot call any.
        """
        if await self._is_refused(fresh, "tools", tools=[ADD]):
            return
        asked: list[Message] = [{"role": "user", "content": self.tool_question}]
        async with opened(fresh()) as client:
            result = await client.create(asked, tools=self.tools)
            parts, streamed = await read(client, asked, tools=self.tools)
            assert fields_of(streamed) == fields_of(result)
            assert "".join(parts) == (result.text or "")
            calls = _calls(result, {tool["function"]["name"] for tool in self.tools})
            told: list[Message] = [{"role": "tool", "content": "5", "tool_call_id": call["id"]} for call in calls]
            after = await client.create([*asked, result.message, *told], tools=self.tools)
        assert isinstance(after.content, str), "after a tool's result the model answers"

    @driven
    async def test_tool_choice(self, fresh: Fresh) -> None:
        """``tool_choice="none"`` prevents calls, and the name of a tool that is not on offer is refused.

        Why: agents forbid calls where only an answer will do; a mistyped name must not mean "any tool".
        Fix: pass the choice on in the endpoint's words, and raise ``bad_request`` for an unknown name.
        """
        if await self._is_refused(fresh, "tools", tools=[ADD]):
            return
        asked: list[Message] = [{"role": "user", "content": self.tool_question}]
        async with opened(fresh()) as client:
            result = await client.create(asked, tools=self.tools, tool_choice="none")
            assert isinstance(result.content, str)
            with pytest.raises(ModelError) as caught:
                await client.create(asked, tools=self.tools, tool_choice="no_such_tool")
        assert caught.value.kind == "bad_request"
        assert "no_such_tool" in str(caught.value)

    @driven
    async def test_parallel_tools(self, fresh: Fresh) -> None:
        """Several calls of one answer come back together, each under an id of its own.

        Why: results are matched to calls by id; equal ids mix them up.
        Fix: number calls that the endpoint gives no id, and join streamed arguments by the call's index.
        """
        if await self._is_refused(fresh, "parallel_tools", tools=[ADD], parallel_tool_calls=True):
            return
        asked: list[Message] = [{"role": "user", "content": self.parallel_question}]
        async with opened(fresh()) as client:
            result = await client.create(asked, tools=self.tools, parallel_tool_calls=True)
            _, streamed = await read(client, asked, tools=self.tools, parallel_tool_calls=True)
        assert fields_of(streamed) == fields_of(result)
        calls = _calls(result, {tool["function"]["name"] for tool in self.tools})
        assert len(calls) == 2, f"{len(calls)} calls where 2 were asked for"
        assert len({call["id"] for call in calls}) == 2, "two calls have one id"

    @both_ways
    @driven
    async def test_structured_output(self, fresh: Fresh, way: str) -> None:
        """With a pydantic class, or a wire ``response_format``, the content is JSON that the class accepts.

        Why: programs parse it without looking; a model that is merely asked nicely fails them once in a while.
        Fix: hold the model to the schema (``quorate.models.wire.build_request`` writes it), or refuse.
        """
        schema = {"type": "json_schema", "json_schema": {"name": "Sum", "schema": Sum.model_json_schema()}}
        if await self._is_refused(fresh, "structured_output", response_format=schema):
            return
        async with opened(fresh()) as client:
            for wanted in (Sum, schema):
                result = await ask(client, way, self.messages, response_format=wanted)
                assert isinstance(result.content, str)
                Sum.model_validate_json(result.content)

    @both_ways
    @driven
    async def test_vision(self, fresh: Fresh, way: str) -> None:
        """A message with an image is answered; where no image can be seen it is refused.

        Why: a model that answers about a picture it was never shown makes something up.
        Fix: pass ``image_url`` parts on, or raise ``bad_request`` when a message holds one.
        """
        image: list[dict[str, Any]] = [
            {"type": "text", "text": self.question},
            {"type": "image_url", "image_url": {"url": PIXEL}},
        ]
        messages: list[Message] = [{"role": "user", "content": image}]
        if await self._is_refused(fresh, "vision", messages):
            return
        async with opened(fresh()) as client:
            assert (await ask(client, way, messages)).content

    @both_ways
    @driven
    async def test_logprobs(self, fresh: Fresh, way: str) -> None:
        """``logprobs=True`` gives a log probability for every token, which joined are the content.

        Why: scoring and ``decide`` compute with them; those of a stream must be as complete.
        Fix: keep ``logprobs.content`` of every chunk; refuse the parameter otherwise.
        """
        if await self._is_refused(fresh, "logprobs", logprobs=True):
            return
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages, logprobs=True)
        tokens = result.logprobs["content"]
        assert all(token["logprob"] <= 0 for token in tokens)
        assert "".join(token["token"] for token in tokens) == result.content

    @both_ways
    @driven
    async def test_n(self, fresh: Fresh, way: str) -> None:
        """``n=2`` gives two choices, and the first is the answer.

        Why: who asks for two and pays for two wants two; streamed texts belong to the first alone.
        Fix: keep every choice's message in ``choices``; refuse ``n`` when the model gives one answer only.
        """
        if await self._is_refused(fresh, "n", n=2):
            return
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages, n=2)
        assert len(result.choices) == 2
        assert result.choices[0] == result.message
        assert all(choice.get("content") for choice in result.choices)

    @both_ways
    @driven
    async def test_seed(self, fresh: Fresh, way: str) -> None:
        """The same seed gives the same answer, also where the model varies.

        Why: that is what people repeat experiments with.
        Fix: pass ``seed`` on, or refuse it.
        """
        if await self._is_refused(fresh, "seed", seed=7):
            return
        async with opened(fresh()) as client:
            first = await ask(client, way, self.messages, seed=7, temperature=1.0)
            second = await ask(client, way, self.messages, seed=7, temperature=1.0)
        assert first.content == second.content

    @both_ways
    @driven
    async def test_reasoning(self, fresh: Fresh, way: str) -> None:
        """Reasoning comes as the result's ``thought``, apart from the content.

        Why: thoughts that stand in the content are taken for the answer, by people and by code that runs it.
        Fix: keep ``reasoning_content`` apart; refuse ``reasoning_effort`` when the model has no reasoning.
        """
        if await self._is_refused(fresh, "reasoning", reasoning_effort="low"):
            return
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages, reasoning_effort="low")
        assert result.thought
        assert result.thought not in result.content

    async def _is_refused(
        self, fresh: Fresh, capability: str, messages: list[Message] | None = None, **request: Any
    ) -> bool:
        """False when the capability is claimed; else fail unless asking for it is refused."""
        if capability in self.capabilities:
            return False
        async with opened(fresh()) as client:
            if words := self.documented_refusals.get(capability):
                _check_words(client, capability, words)
                await refusal(ask(client, "create", messages or self.messages, **request))
                return True
            for way in ("create", "create_stream"):
                error = await refusal(ask(client, way, messages or self.messages, **request))
                assert error is not None, _unclaimed(capability)
                assert error.kind == "bad_request", f"{way} refused {capability!r} as {error.kind}, not bad_request"
        return True


def _calls(result: CreateResult, names: set[str]) -> list[Any]:
    assert isinstance(result.content, list), f"the content is {result.content!r:.120} where tool calls were due"
    assert result.finish_reason == "tool_calls"
    for call in result.content:
        assert call["id"]
        assert call["type"] == "function"
        assert call["function"]["name"] in names
        assert isinstance(json.loads(call["function"]["arguments"]), dict)
    assert result.message.get("tool_calls") == result.content
    return result.content


def _unclaimed(capability: str) -> str:
    return (
        f"{capability!r} is not claimed, and asking for it was not refused; claim it in capabilities, raise a "
        "ModelError of the kind bad_request, or say in the client's docstring that it is ignored and quote the words "
        "in documented_refusals"
    )


def _check_words(client: ChatCompletionClient, capability: str, words: str) -> None:
    said = " ".join((inspect.getdoc(type(client)) or "").split())
    assert " ".join(words.split()) in said, (
        f"documented_refusals[{capability!r}] quotes words that the docstring of {type(client).__name__} does not hold"
    )
