"""Answers: what a result holds, and that streaming one changes nothing about it."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, get_args

import pytest

from pytest_quorate.contracts._driving import ask, both_ways, driven, fields_of, opened, read
from pytest_quorate.contracts._subject import Subject
from quorate.errors import QuorateError
from quorate.models import CreateResult, FinishReason, Usage

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from quorate.messages import Message


class AnswerTests(Subject, contract=True):
    """An answer is whole, the same either way, and honest about what is not known."""

    @driven
    async def test_the_stream_ends_with_its_only_result(self, fresh: Fresh) -> None:
        """A stream gives texts, then exactly one ``CreateResult``, then nothing.

        Why: readers join the texts and take the last part for the result; a second result counts usage twice, a
        text after it is lost.
        Fix: keep usage, finish reason and calls while streaming, and yield one result at the very end.
        """
        async with opened(fresh()) as client:
            parts: list[object] = [part async for part in client.create_stream(self.messages)]
        results = [index for index, part in enumerate(parts) if isinstance(part, CreateResult)]
        assert results == [len(parts) - 1], f"results at {results} of {len(parts)} parts"
        assert all(isinstance(part, str) for part in parts[:-1])

    @driven
    async def test_the_streamed_text_is_the_content(self, fresh: Fresh) -> None:
        """The texts of a stream, joined, are the result's content.

        Why: what a person saw on the screen must be what the conversation remembers.
        Fix: build the content from the very texts you yield; strip or repair neither alone.
        """
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert result.content
        assert "".join(parts) == result.content

    @driven
    async def test_both_ways_give_the_same_result(self, fresh: Fresh) -> None:
        """``create`` and ``create_stream`` give equal results for equal requests.

        Why: whether somebody watches must not change a conversation, its cost, or its replay.
        Fix: decode both into one place; see ``quorate.models.wire`` for chat completions.
        """
        async with opened(fresh()) as client:
            whole = await client.create(self.messages)
            _, streamed = await read(client, self.messages)
        assert fields_of(streamed) == fields_of(whole)

    @both_ways
    @driven
    async def test_a_result_says_what_it_knows(self, fresh: Fresh, way: str) -> None:
        """Content is text, the model is named, the finish reason is one of ours; usage and cost may be None.

        Why: usage and money are added up by name of the model; a made-up 0 hides what a call cost.
        Fix: give ``usage=None`` or ``cost=None`` when the endpoint does not tell, and map its finish reasons.
        """
        async with opened(fresh()) as client:
            result = await ask(client, way, self.messages)
        assert isinstance(result.content, str)
        assert isinstance(result.model, str)
        assert result.model, "result.model is empty; name the model that answered"
        assert result.finish_reason in get_args(FinishReason)
        assert result.usage is None or isinstance(result.usage, Usage)
        assert result.cost is None or result.cost >= 0
        assert not result.cached
        assert result.choices == (), "choices is for n > 1"
        assert result.message == {"role": "assistant", "content": result.content}

    @both_ways
    @driven
    async def test_messages_and_tools_are_not_changed(self, fresh: Fresh, way: str) -> None:
        """What the caller passed is afterwards what it was, all the way down.

        Why: the messages are the conversation itself, shared by all its agents; a role renamed in place is renamed for
        everybody, and in the journal.
        Fix: copy a message before you shape it to what the endpoint accepts.
        """
        messages = _history(self.question)
        tools = [dict(tool) for tool in self.tools] if "tools" in self.capabilities else []
        before = copy.deepcopy((messages, tools))
        async with opened(fresh()) as client:
            await ask(client, way, messages, tools=tools)
        assert (messages, tools) == before

    @both_ways
    @driven
    async def test_every_kind_of_message_is_accepted(self, fresh: Fresh, way: str) -> None:
        """A history with instructions, names, empty and null content, and the results of tools is answered.

        Why: that is what a group chat hands over, and a model without a system role or names has to live with it.
        Fix: shape messages to what the model accepts (``quorate.models.wire.wire_messages`` does the common part).
        """
        async with opened(fresh()) as client:
            result = await ask(client, way, _history(self.question))
        assert isinstance(result.content, str)

    @both_ways
    @driven
    async def test_content_in_parts_is_text(self, fresh: Fresh, way: str) -> None:
        """Content as a list of text parts asks the same as the text.

        Why: programs that may send images write every message so.
        Fix: pass parts on where the endpoint takes them, or join them with ``quorate.messages.text_of``.
        """
        parts: list[dict[str, Any]] = [{"type": "text", "text": self.question}]
        async with opened(fresh()) as client:
            expected = await ask(client, way, self.messages)
            result = await ask(client, way, [{"role": "user", "content": parts}])
        assert result.content == expected.content

    @both_ways
    @pytest.mark.parametrize("wrong", [42, {"content": "without a role"}], ids=["number", "no role"])
    @driven
    async def test_what_is_no_message_is_refused(self, fresh: Fresh, way: str, wrong: Any) -> None:
        """Something that is no message gives one of quorate's errors, which names its place.

        Why: an ``AttributeError`` from within an SDK does not tell a user which message of the conversation is wrong.
        Fix: clean messages with ``quorate.models.wire.wire_messages``, or raise ``quorate.errors.MessageError``.
        """
        messages = [*self.messages, wrong]
        async with opened(fresh()) as client:
            with pytest.raises(QuorateError) as caught:
                await ask(client, way, messages)
        assert "[1]" in str(caught.value), f"the error does not name messages[1]: {caught.value}"

    @both_ways
    @driven
    async def test_text_that_is_no_unicode_breaks_nothing(self, fresh: Fresh, way: str) -> None:
        """A lone surrogate, as undecodable output leaves it in a text, is survived.

        Why: code prints bytes that are no text, they come back in a message, and the chat must go on.
        Fix: encode with ``errors="replace"`` (``quorate.models.wire.encode_request`` does).
        """
        messages: list[Message] = [{"role": "user", "content": f"{self.question} \udce9"}]
        async with opened(fresh()) as client:
            result = await ask(client, way, messages)
        assert isinstance(result.content, str)


def _history(question: str) -> list[Message]:
    call: Any = {"id": "call_0", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 1}'}}
    return [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "Hello.", "name": "Ada"},
        {"role": "assistant", "content": "", "name": "Bo"},
        {"role": "user", "content": None},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "2", "tool_call_id": "call_0"},
        {"role": "assistant", "content": "It is 2.", "context": {"kept": "here"}},
        {"role": "user", "content": [{"type": "text", "text": question}]},
    ]
