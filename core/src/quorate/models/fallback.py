"""A config list as one client: retries, falls back, restarts streams, asks the cache. The only place that does."""

from __future__ import annotations

import warnings
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from quorate._drive import kernel_code, perform, within
from quorate._streams import each
from quorate.errors import ModelError
from quorate.events import UsageSummed
from quorate.models.budget import at_most, hold, prompt_tokens
from quorate.models.cache import CacheWarning, current_cache
from quorate.models.compaction import Prompt
from quorate.models.deciding import checked, choose, conversation, picked
from quorate.models.ladder import Health, Ladder
from quorate.models.results import CreateResult, ModelInfo, Restarted
from quorate.models.sight import check_sight
from quorate.models.stored import Stored
from quorate.models.usage import MODES, Tally, count

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from quorate.config import LLMConfig, ModelConfig
    from quorate.events import Observers
    from quorate.messages import Message
    from quorate.models.cache import Cache
    from quorate.models.client import ChatCompletionClient
    from quorate.models.prices import Prices


class FallbackClient:
    """Asks the configurations of a list in order; the first that works answers.

    Args:
        llm_config: the configurations, best first, and what belongs to all of them.
        resolve: gives the client of one configuration.
        prices: puts the cost on answers.
        health: which configurations were given up lately; clients of one kernel share it.
        cache: answers requests that were made before, unless another cache is open around the call.
        observers: who is told when a summary is to be shown.

    Attributes:
        configs: the configurations, best first.
        tools: tool schemas that go with every call.
        context: values for message templates.
        allow_format_str_template: whether an agent fills the templates of messages before it asks.
        usage: what this client's answers used and cost, those included that ``filter_func`` refused.
    """

    def __init__(
        self,
        llm_config: LLMConfig,
        resolve: Callable[[ModelConfig], ChatCompletionClient],
        prices: Prices,
        *,
        health: Health | None = None,
        cache: Cache | None = None,
        observers: Observers | None = None,
    ) -> None:
        self.configs = llm_config.configs
        self.tools: tuple[Mapping[str, Any], ...] = (
            *llm_config.tools,
            *({"type": "function", "function": function} for function in llm_config.functions),
        )
        self.usage = Tally()
        self.context = llm_config.context
        self.allow_format_str_template = llm_config.allow_format_str_template
        self._llm = llm_config
        self._resolve = resolve
        self._prices = prices
        self._health = health or Health()
        self._own_cache = cache
        self._observers = observers
        self._told: set[tuple[str, str]] = set()

    @property
    def stream(self) -> bool | None:
        """Whether the first configuration asks for streams; None when it does not say."""
        return self.configs[0].stream

    @property
    def model_info(self) -> ModelInfo:
        """What the first configuration's model can do."""
        return self._resolve(self.configs[0]).model_info

    @kernel_code
    async def create(self, messages: Sequence[Message], **request: Any) -> CreateResult:
        """Give the complete answer; arguments as :meth:`ChatCompletionClient.create` takes them.

        Raises:
            ModelsExhausted: every configuration failed, or one failed in a way that another cannot mend.
        """
        return await self._answered(_creating, messages, self._with_tools(request), self._settled)

    @kernel_code
    async def decide(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> str:
        """Choose one of several texts; where there is one only, nobody is asked.

        Args:
            question: the question, or a conversation that ends with it.
            choices: the texts to choose from.
            params: request parameters.

        Returns:
            One of ``choices``, never anything else.

        Raises:
            ModelError: the choices are no choices (kind ``bad_request``).
            ModelsExhausted: as in :meth:`create`; a model that named no choice, or several, has failed, too.
        """
        options = checked(choices)
        if len(options) == 1:
            return options[0]
        return picked(await self.choose(question, options, **params), options)

    @kernel_code
    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> CreateResult:
        """Do what :meth:`decide` does, and give the whole result: the choice is its content.

        ``filter_func`` judges answers to people and other agents; a choice is none, and it is not asked.
        """
        options = checked(choices)
        request = {**params, "choices": options}
        answer = await self._answered(_choosing, conversation(question), request, self._counted)
        picked(answer, options)
        return answer

    @kernel_code
    async def count_tokens(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), **params: Any
    ) -> int:
        """Say how many tokens the prompt has, this client's own tools included.

        The client of the first configuration counts. Where it has no tokenizer, or cannot be asked now, the number is
        an estimate, on the high side.

        Raises:
            MessageError: something is not a message.
        """
        tools = tools or self.tools
        config = self.configs[0]
        return await prompt_tokens(self._resolve(config), config.timeout, messages, tools, params)

    @kernel_code
    async def remaining_tokens(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), **params: Any
    ) -> int | None:
        """Say how many tokens of the first configuration's context :meth:`count_tokens` leaves for the answer.

        Returns:
            Below 0 when the prompt is too long; None when its client's ``model_info`` has no ``context_length``.

        Raises:
            MessageError: something is not a message.
        """
        counted = await self.count_tokens(messages, tools=tools, **params)  # first: it may find the length out
        length = self.model_info.context_length
        return None if length is None else length - counted

    async def _answered(
        self,
        method: Callable[[ChatCompletionClient], Callable[..., Any]],
        messages: Sequence[Message],
        request: dict[str, Any],
        settled: Callable[[CreateResult, Ladder], Awaitable[bool]],
    ) -> CreateResult:
        """The first answer that works, of whatever method of the clients is asked."""
        ladder, prompt = Ladder(self.configs, self._llm.deadline, self._health), Prompt(messages)
        while True:
            config = ladder.begin()
            try:
                answer = await self._whole(config, ladder.limit, method, prompt.read_by(config), request)
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                wait = await prompt.failed(error, ladder, self._resolve, request)
            else:
                if await settled(answer, ladder):
                    return ladder.answered(answer)
                wait = 0.0
            await _wait(wait)

    @kernel_code
    async def create_stream(self, messages: Sequence[Message], **request: Any) -> AsyncIterator[str | CreateResult]:
        """Give text parts, then the complete result.

        When an answer breaks off after its first part, a :class:`Restarted` part says so and the next answer begins:
        what came before it is void.

        Raises:
            ModelsExhausted: as in :meth:`create`.
        """
        request = self._with_tools(request)
        ladder, prompt = Ladder(self.configs, self._llm.deadline, self._health), Prompt(messages)
        while True:
            config = ladder.begin()
            started, answer = False, None
            try:
                async with aclosing(self._parts(config, ladder.limit, prompt.read_by(config), request)) as parts:
                    async for part in parts:
                        if isinstance(part, str):
                            started = True
                            yield part
                        else:
                            answer = part
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                wait = await prompt.failed(error, ladder, self._resolve, request, started=started)
                why = str(error)
            else:
                if answer is not None and await self._settled(answer, ladder):
                    yield ladder.answered(answer)
                    return
                wait, why = 0.0, "filter_func refused it"
            if started:
                yield Restarted(why)
            await _wait(wait)

    async def _whole(
        self,
        config: ModelConfig,
        limit: Callable[[], float | None],
        method: Callable[[ChatCompletionClient], Callable[..., Any]],
        messages: Sequence[Message],
        request: dict[str, Any],
    ) -> CreateResult:
        """One configuration's answer, from the cache or from its client."""
        client = self._resolve(config)
        check_sight(client, messages)
        stored = self._stored(client, config, messages, request)
        if (known := await stored.read()) is not None:
            await self._prices.put_on(known, config, client)
            return known
        held = await hold(client, config, self._prices, messages, request)
        with held:
            result: object = await within(held.limited(limit)(), method(client), messages, **request)
            answer = _checked(result, config)
            await self._prices.put_on(answer, config, client)
            held.settle(answer)
        await stored.write(answer)
        return answer

    async def _parts(
        self,
        config: ModelConfig,
        limit: Callable[[], float | None],
        messages: Sequence[Message],
        request: dict[str, Any],
    ) -> AsyncGenerator[str | CreateResult]:
        """The same in parts."""
        client = self._resolve(config)
        check_sight(client, messages)
        stored = self._stored(client, config, messages, request)
        if (known := await stored.read()) is not None:
            await self._prices.put_on(known, config, client)
            if text := known.content if isinstance(known.content, str) else known.text:
                yield text
            yield known
            return
        held = await hold(client, config, self._prices, messages, request)
        make = _timed(client.create_stream, held.limited(limit))
        with held:
            async with aclosing(each(make, messages, **request)) as parts:
                async for part in parts:
                    if isinstance(part, str):
                        yield part
                        continue
                    answer = _checked(part, config)
                    await self._prices.put_on(answer, config, client)
                    held.settle(answer)
                    await stored.write(answer)
                    yield answer
                    return
        msg = f"{config.label}: the stream ended without a complete result"
        raise ModelError(msg, kind="bad_response")

    def _stored(
        self, client: ChatCompletionClient, config: ModelConfig, messages: Sequence[Message], request: dict[str, Any]
    ) -> Stored:
        """The place of an answer in the cache; that it has none is told once."""
        cache = self._own_cache if (around := current_cache()) is None else around
        stored = Stored(cache, client, config, messages, request)
        if stored.why_not is not None and (told := (config.place, stored.why_not)) not in self._told:
            self._told.add(told)
            warnings.warn(f"{config.place}: answers are not cached: {stored.why_not}", CacheWarning, stacklevel=2)
        return stored

    async def _settled(self, answer: CreateResult, ladder: Ladder) -> bool:
        """Count an answer, and say whether it is the one to give: accepted, or there is nobody else to ask."""
        self._count(answer)
        judge = self._llm.filter_func
        accepted = judge is None or await perform(judge, context=self._llm.context, response=answer)
        return accepted or not ladder.refused()

    async def _counted(self, answer: CreateResult, _ladder: Ladder) -> bool:
        """Count an answer that nobody judges."""
        self._count(answer)
        return True

    def _count(self, answer: CreateResult) -> None:
        """Count an answer here and in the tallies that are open around the call; whoever asked does not."""
        self.usage.add(answer)
        count(answer)

    def _with_tools(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"tools": self.tools, **request} if self.tools else request

    # -- usage, as AutoGen 0.2's OpenAIWrapper tells it

    @property
    def total_usage_summary(self) -> dict[str, Any] | None:
        """What was used and what it cost, answers from the response cache included; None before the first answer."""
        return self.usage.summaries("total")["total"]

    @property
    def actual_usage_summary(self) -> dict[str, Any] | None:
        """The same without answers from the response cache."""
        return self.usage.summaries("actual")["actual"]

    def print_usage_summary(self, mode: str | Sequence[str] = MODES) -> None:
        """Tell the kernel's observers what was used; the terminal shows it.

        Raises:
            ValueError: the mode is neither ``actual`` nor ``total`` nor both.
        """
        summaries = self.usage.summaries(mode)
        if self._observers:
            self._observers.tell(
                UsageSummed(agent="", summaries=summaries, price_sources=self.usage.total.price_sources)
            )

    def clear_usage_summary(self) -> None:
        """Count from nothing again."""
        self.usage = Tally()

    async def close(self) -> None:
        """Do nothing: clients and cache belong to the kernel."""


def _creating(client: ChatCompletionClient) -> Callable[..., Any]:
    return client.create


def _choosing(client: ChatCompletionClient) -> Callable[..., Any]:
    """A client's own way to choose; one that has none can still be asked."""
    own: Callable[..., Any] | None = getattr(client, "choose", None)
    return own if own is not None else partial(choose, client)


def _checked(result: object, config: ModelConfig) -> CreateResult:
    if not isinstance(result, CreateResult):
        msg = f"{config.label}: the client gave {type(result).__name__}; it must give a quorate.CreateResult"
        raise ModelError(msg, kind="bug")
    return result


def _timed(make: Callable[..., AsyncIterator[Any]], limit: Callable[[], float | None]) -> Callable[..., Any]:
    """A client's stream with a limit on the wait for each part; one made of plain functions cannot be cut short."""
    if limit() is None or getattr(make, "__quorate_kernel__", False):
        return make

    async def parts(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        import asyncio

        items = make(*args, **kwargs)
        try:
            while (left := limit()) is None or left > 0:
                async with asyncio.timeout(left):
                    part = await anext(items, _END)
                if part is _END:
                    return
                yield part
        finally:
            if (close := getattr(items, "aclose", None)) is not None:
                await close()
        raise TimeoutError

    return parts


_END = object()


async def _wait(seconds: float) -> None:
    if seconds:
        import anyio

        await perform(anyio.sleep, at_most(seconds))
