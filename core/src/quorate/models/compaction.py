"""A prompt that is too long for a model: what would fit, who shortens it, and the one try with what is left."""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate.errors import ModelError
from quorate.models.budget import ANSWER, prompt_tokens

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient
    from quorate.models.ladder import Ladder

_STATED = re.compile(r"context (?:length|window|size)\D{0,20}(\d[\d,]*)|(\d[\d,]*) maximum", re.IGNORECASE)
"""Where the wording of a refusal says how long the context is, as OpenAI, vLLM, SGLang, llama.cpp and others put it."""


@dataclass(frozen=True, slots=True)
class Room:
    """What a model takes.

    Attributes:
        tokens: how many the prompt may have, its tools included.
        count: counts those of a prompt with these messages.
    """

    tokens: int
    count: Callable[[Sequence[Message]], Awaitable[int]]


Compact: TypeAlias = "Callable[[Sequence[Message], Room], Awaitable[Sequence[Message]]]"
"""Kernel code that makes fewer or shorter messages of a prompt; it gives new ones and leaves those as they are."""

_compact: ContextVar[Compact | None] = ContextVar("quorate_compact", default=None)


@contextmanager
def compacting(compact: Compact | None) -> Generator[None]:
    """Have prompts shortened that turn out too long in the model calls below; None for not at all."""
    token = _compact.set(compact)
    try:
        yield
    finally:
        _compact.reset(token)


class Prompt:
    """The messages of one call, as the configuration whose turn it is reads them.

    Each configuration is asked the whole first, and what is left of it once, where it said that the whole is too long.

    Args:
        messages: the whole.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        self._whole = messages
        self._messages = messages
        self._compact = _compact.get()
        self._tried: ModelConfig | None = None

    def read_by(self, config: ModelConfig) -> Sequence[Message]:
        """The messages for a configuration: the whole, unless it was shortened for this very one."""
        return self._messages if self._tried is config else self._whole

    async def failed(
        self,
        error: Exception,
        ladder: Ladder,
        resolve: Callable[[ModelConfig], ChatCompletionClient],
        request: Mapping[str, Any],
        *,
        started: bool = False,
    ) -> float:
        """A try failed: shorten the prompt and try again, or go on as the ladder says; seconds to wait before it.

        Raises:
            ModelsExhausted: there is no next try.
            QuorateError: the failure is not one of the endpoint's.
        """
        config = ladder.config
        overflow = isinstance(error, ModelError) and error.kind == "context_overflow"
        if self._compact is None or not overflow or self._tried is config:
            return ladder.failed(error, started=started)
        room = await room_of(resolve(config), config, self._whole, request, str(error))
        with compacting(None):  # what shortens may ask a model itself
            left = await self._compact(self._whole, room)
        if same(left, self._whole):
            return ladder.failed(error, started=started)
        self._tried, self._messages = config, left
        note = f"the prompt was too long for the model, so it was shortened: {len(left)} of {len(self._whole)} messages"
        return ladder.shortened(error, note, started=started)


def same(some: Sequence[Message], others: Sequence[Message]) -> bool:
    """Whether two lists hold the very same messages."""
    return len(some) == len(others) and all(map(_is, some, others))


def _is(one: object, other: object) -> bool:
    return one is other


async def room_of(
    client: ChatCompletionClient,
    config: ModelConfig | None,
    messages: Sequence[Message],
    request: Mapping[str, Any],
    said: str,
) -> Room:
    """What fits into a model that refused a prompt: by its context's length where that is known, else half of the prompt.

    Args:
        client: who refused it.
        config: its configuration.
        messages: the prompt.
        request: the rest of the request.
        said: what the refusal said; many name the length of the context.
    """
    params = {**(config.params if config is not None else {}), **request}
    tools, limit = tuple(params.get("tools") or ()), None if config is None else config.timeout

    async def count(messages: Sequence[Message]) -> int:
        return await prompt_tokens(client, limit, messages, tools, {})

    counted = await count(messages)
    info = getattr(client, "model_info", None)  # a client of the program's own may say nothing of itself
    length = (info.context_length if info is not None else None) or stated_length(said)
    if length is None:
        return Room(counted // 2, count)
    asked = params.get("max_completion_tokens") or params.get("max_tokens")
    fits = length - (int(asked) if asked else min(ANSWER, length // 4))
    # It was refused, whatever we count: a count may be an estimate, and what is left must be less than it was.
    return Room(min(fits, counted * 3 // 4) if fits > 0 else counted // 2, count)


def stated_length(said: str) -> int | None:
    """The length of the context in tokens, where a refusal says it."""
    found = _STATED.search(said)
    return int((found[1] or found[2]).replace(",", "")) if found else None
