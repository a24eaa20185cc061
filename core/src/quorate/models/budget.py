"""What a model call may take, reserved in the stop conditions around it before it is made, and settled after."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from quorate._drive import within
from quorate.errors import ChatStopped, ModelError
from quorate.models.counting import estimate_tokens
from quorate.models.results import CreateResult, Usage
from quorate.stopping.accounts import NOTHING, Want
from quorate.stopping.scope import current_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

    from quorate.config import ModelConfig
    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient
    from quorate.models.prices import Prices
    from quorate.stopping.scope import Scope

ANSWER = 500
"""Tokens that an answer without ``max_tokens`` is taken to have, or those of the configuration's longest one so far."""

SLACK = 0.05
"""Seconds before the end of a chat's time from which on a call that takes too long is said to have met it."""


class Held:
    """A reservation for one model call: a context around the call, which gives back what was not settled.

    Args:
        scope: the innermost stop condition around the call; None where there is none.
        want: what is reserved.
        client: what is asked: a configuration as people read it.
        prompt: the tokens of the prompt, as far as they are known.
    """

    __slots__ = ("_client", "_prompt", "_scope", "_want")

    def __init__(self, scope: Scope | None, want: Want = NOTHING, client: str = "", prompt: int = 0) -> None:
        self._scope = scope
        self._want = want
        self._client = client
        self._prompt = prompt

    def limited(self, limit: Callable[[], float | None]) -> Callable[[], float | None]:
        """The seconds that may be waited for the answer: as the configuration says, and no longer than the chat may."""
        scope = self._scope
        if scope is None:
            return limit

        def shorter() -> float | None:
            given = [seconds for seconds in (limit(), scope.time_left()) if seconds is not None]
            return min(given) if given else None

        return shorter

    def settle(self, answer: CreateResult) -> None:
        """Count what the answer took, instead of what was reserved for it."""
        scope, self._scope = self._scope, None
        if scope is None:
            return
        usage = answer.usage or Usage(self._prompt, estimate_tokens([answer.message]))
        tokens = usage.total_tokens
        bank = scope.bank
        scope.settle(self._want, tokens, answer.cost, answer.model or self._client)
        bank.longest[self._client] = max(usage.completion_tokens, bank.longest.get(self._client, 0))
        if answer.cost and tokens:
            bank.prices[self._client] = max(answer.cost / tokens, bank.prices.get(self._client, 0.0))

    def __enter__(self) -> None:
        """Nothing: the reservation is made."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what is still reserved: endpoints do not say what a failed call used.

        Raises:
            ChatStopped: the call took longer than the chat may last.
        """
        scope, self._scope = self._scope, None
        if scope is None:
            return
        scope.settle(self._want)
        if isinstance(error, TimeoutError):
            reason = scope.met(want=Want(now=monotonic() + SLACK))
            if reason is not None:
                raise ChatStopped(reason) from error


async def hold(
    client: ChatCompletionClient,
    config: ModelConfig | None,
    prices: Prices | None,
    messages: Sequence[Message],
    request: Mapping[str, Any],
) -> Held:
    """Reserve what a call may take in every stop condition around it.

    Args:
        client: who is asked.
        config: its configuration.
        prices: what knows prices.
        messages: the conversation.
        request: the rest of the request.

    Raises:
        ChatStopped: it does not fit, or the chat is over for another reason; the call must not be made.
    """
    scope = current_scope()
    if scope is None:
        return Held(None)
    name = type(client).__name__ if config is None else f"{config.place} ({config.label})"
    if not scope.limits("tokens", "cost"):
        scope.reserve(NOTHING)
        return Held(scope, client=name)
    usage = await _usage(client, config, messages, request, scope.bank.longest.get(name, 0))
    usd = 0.0
    if scope.limits("cost"):
        usd = await _price(client, config, prices, usage, scope.bank.prices.get(name, 0.0))
    want = Want(usage.total_tokens, usd)
    scope.reserve(want)
    return Held(scope, want, name, usage.prompt_tokens)


def settle_unreserved(answer: CreateResult) -> None:
    """Count what an answer took in every stop condition around it, where nothing could be reserved before."""
    if (scope := current_scope()) is not None:
        tokens = 0 if answer.cached or answer.usage is None else answer.usage.total_tokens
        scope.settle(NOTHING, tokens, 0.0 if answer.cached else answer.cost, answer.model)


async def prompt_tokens(
    client: ChatCompletionClient,
    limit: float | None,
    messages: Sequence[Message],
    tools: Sequence[Mapping[str, Any]],
    params: Mapping[str, Any],
) -> int:
    """The tokens of a prompt, as its client counts them; an estimate where it does not, or cannot be asked now.

    Raises:
        MessageError: something is not a message.
    """
    if (counting := getattr(client, "count_tokens", None)) is None:
        return estimate_tokens(messages, tools)
    try:
        return int(await within(limit, counting, messages, tools=tools, **params))
    except (ModelError, TimeoutError):  # a fallback may answer all the same, and budgets need a number
        return estimate_tokens(messages, tools)


def at_most(seconds: float) -> float:
    """A wait before the next try, cut to what the chat's time leaves of it."""
    scope = current_scope()
    left = None if scope is None else scope.time_left()
    return seconds if left is None else max(0.0, min(seconds, left))


async def _usage(
    client: ChatCompletionClient,
    config: ModelConfig | None,
    messages: Sequence[Message],
    request: Mapping[str, Any],
    longest: int,
) -> Usage:
    """The tokens that a call may read and write."""
    params = {**(config.params if config is not None else {}), **request}
    limit = None if config is None else config.timeout
    prompt = await prompt_tokens(client, limit, messages, tuple(params.get("tools") or ()), {})
    given = params.get("max_completion_tokens") or params.get("max_tokens")
    answer = int(given) if given else max(ANSWER, longest)
    length = client.model_info.context_length  # after the prompt was counted: that may find it out
    if length is not None:
        answer = min(answer, max(0, length - prompt))
    return Usage(prompt, answer * int(params.get("n") or 1))


async def _price(
    client: ChatCompletionClient, config: ModelConfig | None, prices: Prices | None, usage: Usage, learned: float
) -> float:
    """The dollars that so many tokens may cost; 0 where nobody says before the answer is there."""
    if config is not None and prices is not None:
        answer = CreateResult("", model=config.model, usage=usage)
        await prices.put_on(answer, config, client)
        if answer.cost is not None:
            return answer.cost
    return learned * usage.total_tokens
