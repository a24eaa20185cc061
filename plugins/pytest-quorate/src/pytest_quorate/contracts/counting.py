"""Counting tokens: as the model does, or by an estimate that says so."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from pytest_quorate.contracts._driving import driven, opened
from pytest_quorate.contracts._subject import ADD, Subject
from quorate.errors import ModelError

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from quorate.messages import Message


class CountingTests(Subject, contract=True):
    """``count_tokens`` and ``remaining_tokens`` may be left out of a client that has nothing but the protocol."""

    @driven
    async def test_count_tokens(self, fresh: Fresh) -> None:
        """``count_tokens(messages)`` gives a number above 0 that grows with the messages.

        Claimed, it is what the model counts: the ``prompt_tokens`` of an answer. Not claimed, it may raise a
        ``ModelError``, or be an estimate, and then its docstring says so.

        Why: histories are cut to the context by it, and budgets reserve before a call.
        Fix: count with the model's own tokenizer and template; else leave the estimate of ``BaseChatCompletionClient``.
        """
        client: Any = fresh()
        longer: list[Message] = [{"role": "user", "content": f"{self.question} {self.question}"}]
        async with opened(client):
            claimed = "count_tokens" in self.capabilities
            if not hasattr(client, "count_tokens"):
                assert not claimed, "'count_tokens' is claimed, and there is no such method"
                return
            try:
                short, long = await client.count_tokens(self.messages), await client.count_tokens(longer)
            except ModelError:
                if claimed:
                    raise
                return
            assert isinstance(short, int)
            assert 0 < short < long
            if claimed:
                usage = (await client.create(self.messages)).usage
                assert usage is None or usage.prompt_tokens == short, f"{short} tokens were counted, and {usage} used"
            else:
                said = (inspect.getdoc(client.count_tokens) or "").lower()
                assert "estimate" in said, "count_tokens is not claimed, and its docstring calls it no estimate"

    @driven
    async def test_remaining_tokens(self, fresh: Fresh) -> None:
        """``remaining_tokens`` is the context's length less what is counted, tools included; None when it is not known.

        Why: how long an answer may be is decided by it; a guessed length fails in the middle of a conversation.
        Fix: take the length from ``model_info.context_length``, or leave the method of ``BaseChatCompletionClient``.
        """
        client: Any = fresh()
        async with opened(client):
            if not hasattr(client, "remaining_tokens"):
                return
            for tools in ([], [ADD] if "tools" in self.capabilities else []):
                try:
                    remaining = await client.remaining_tokens(self.messages, tools=tools)
                    counted = await client.count_tokens(self.messages, tools=tools)
                except ModelError:
                    assert "count_tokens" not in self.capabilities, "what can be counted must not fail to remain"
                    return
                length = client.model_info.context_length
                assert remaining == (None if length is None else length - counted)
