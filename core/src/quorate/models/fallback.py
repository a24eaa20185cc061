"""A config list as one client: retries, falls back, restarts streams, asks the cache. The only place that does."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import kernel_code, perform, within
from quorate._streams import each
from quorate.errors import ModelError
from quorate.models.cache import Cache, current_cache
from quorate.models.ladder import Health, Ladder
from quorate.models.results import CreateResult, ModelInfo, Restarted
from quorate.models.stored import Stored

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence

    from quorate.config import LLMConfig, ModelConfig
    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient


class FallbackClient:
    """Asks the configurations of a list in order; the first that works answers.

    Args:
        llm_config: the configurations, best first, and what belongs to all of them.
        resolve: gives the client of one configuration.
        health: which configurations were given up lately; clients of one kernel share it.
    """

    def __init__(
        self,
        llm_config: LLMConfig,
        resolve: Callable[[ModelConfig], ChatCompletionClient],
        health: Health | None = None,
    ) -> None:
        self.configs = llm_config.configs
        self.tools: tuple[Mapping[str, Any], ...] = (
            *llm_config.tools,
            *({"type": "function", "function": function} for function in llm_config.functions),
        )
        self._llm = llm_config
        self._resolve = resolve
        self._health = health or Health()
        self._own_cache = None if llm_config.cache_seed is None else Cache.disk(llm_config.cache_seed)

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
        request = self._with_tools(request)
        ladder = Ladder(self.configs, self._llm.deadline, self._health)
        while True:
            config = ladder.begin()
            try:
                client = self._resolve(config)
                stored = Stored(self._cache(), client, config, messages, request)
                known = await stored.read()
                result: object = known or await within(ladder.limit(), client.create, messages, **request)
                answer = _checked(result, config)
                await stored.write(answer)
                if await self._accepts(answer) or not ladder.refused():
                    return ladder.answered(answer)
                wait = 0.0
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                wait = ladder.failed(error)
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
        ladder = Ladder(self.configs, self._llm.deadline, self._health)
        while True:
            config = ladder.begin()
            started, why = False, "filter_func refused it"
            try:
                async with aclosing(self._parts(config, ladder.limit, messages, request)) as parts:
                    async for part in parts:
                        if isinstance(part, str):
                            started = True
                            yield part
                        elif await self._accepts(part) or not ladder.refused():
                            yield ladder.answered(part)
                            return
                wait = 0.0
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                wait, why = ladder.failed(error, started=started), str(error)
            if started:
                yield Restarted(why)
            await _wait(wait)

    async def _parts(
        self,
        config: ModelConfig,
        limit: Callable[[], float | None],
        messages: Sequence[Message],
        request: dict[str, Any],
    ) -> AsyncGenerator[str | CreateResult]:
        """One configuration's answer in parts, from the cache or from its client."""
        client = self._resolve(config)
        stored = Stored(self._cache(), client, config, messages, request)
        if (known := await stored.read()) is not None:
            if text := known.content if isinstance(known.content, str) else known.text:
                yield text
            yield known
            return
        async with aclosing(each(_timed(client.create_stream, limit), messages, **request)) as parts:
            async for part in parts:
                if isinstance(part, str):
                    yield part
                    continue
                answer = _checked(part, config)
                await stored.write(answer)
                yield answer
                return
        msg = f"{config.label}: the stream ended without a complete result"
        raise ModelError(msg, kind="bad_response")

    def _with_tools(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"tools": self.tools, **request} if self.tools else request

    def _cache(self) -> Cache | None:
        return current_cache() or self._llm.cache or self._own_cache

    async def _accepts(self, answer: CreateResult) -> bool:
        judge = self._llm.filter_func
        return judge is None or bool(await perform(judge, context=self._llm.context, response=answer))

    async def close(self) -> None:
        """Close the cache; the kernel owns the clients."""
        if self._own_cache is not None:
            self._own_cache.close()


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

        async with aclosing(cast("AsyncGenerator[Any]", make(*args, **kwargs))) as items:
            while True:
                try:
                    async with asyncio.timeout(limit()):
                        part = await anext(items)
                except StopAsyncIteration:
                    return
                yield part

    return parts


async def _wait(seconds: float) -> None:
    if seconds:
        import anyio

        await perform(anyio.sleep, seconds)
