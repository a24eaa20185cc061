"""A config list as one client: retries, falls back, and keeps the ledger of attempts. The only place that does."""

from __future__ import annotations

import random
import time
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from quorate._drive import kernel_code, perform, within
from quorate._streams import each
from quorate.errors import ModelError, ModelsExhausted, QuorateError
from quorate.models.results import Attempt, CreateResult, ModelInfo

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.errors import FailureKind
    from quorate.messages import Message
    from quorate.models.client import ChatCompletionClient

RETRIED: frozenset[FailureKind] = frozenset({"rate_limit", "timeout", "network", "overload"})
"""Failures that the same endpoint may get over."""

FINAL: frozenset[FailureKind] = frozenset({"bad_request", "content_filter"})
"""Failures that lie in what was asked: another endpoint is not asked the same."""

MAX_RETRIES = 2
"""Tries after the first at one configuration that does not say; the same as the OpenAI SDK's default."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds before a retry when the endpoint does not say; doubled each time, with jitter."""

LONGEST_RETRY_AFTER = 60.0
"""Seconds that an endpoint may ask to wait before a retry; it is not waited for longer, as in the OpenAI SDK."""


class FallbackClient:
    """Asks the configurations of a list in order; the first that works answers.

    Args:
        configs: the configurations, best first.
        resolve: gives the client of one configuration.
        tools: tool schemas that go with every call that names none.
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        resolve: Callable[[ModelConfig], ChatCompletionClient],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        self.configs = tuple(configs)
        self.tools = tuple(tools)
        self._resolve = resolve

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
        ladder = _Ladder(self.configs)
        while True:
            config = ladder.begin()
            try:
                client = self._resolve(config)
                result: object = await within(config.timeout, client.create, messages, **self._with_tools(request))
                return ladder.answered(result)
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                await _wait(ladder.failed(error))

    @kernel_code
    async def create_stream(self, messages: Sequence[Message], **request: Any) -> AsyncIterator[str | CreateResult]:
        """Give text parts, then the complete result.

        Raises:
            ModelsExhausted: as in :meth:`create`, or the stream failed after its first part.
        """
        ladder = _Ladder(self.configs)
        while True:
            config, started = ladder.begin(), False
            try:
                make = self._resolve(config).create_stream
                async with aclosing(each(make, messages, **self._with_tools(request))) as parts:
                    async for part in parts:
                        if not isinstance(part, str):
                            yield ladder.answered(part)
                            return
                        started = True
                        yield part
                msg = f"{config.label}: the stream ended without a complete result"
                raise ModelError(msg, kind="bad_response")  # noqa: TRY301 - handled with the endpoint's own failures
            except Exception as error:  # noqa: BLE001 - the ladder raises what cannot be mended
                wait = ladder.failed(error, started=started)
            await _wait(wait)

    def _with_tools(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"tools": self.tools, **request} if self.tools else request

    async def close(self) -> None:
        """Nothing to give back: the kernel owns the clients."""


async def _wait(seconds: float) -> None:
    if seconds:
        import anyio

        await perform(anyio.sleep, seconds)


class _Ladder:
    """Which configuration is tried next, after how long a wait, and what has been tried."""

    def __init__(self, configs: Sequence[ModelConfig]) -> None:
        self._configs = configs
        self._index = 0
        self._tries = 0
        self._waited = 0.0
        self._start = 0.0
        self._attempts: list[Attempt] = []

    def begin(self) -> ModelConfig:
        """Start a try."""
        self._start = time.monotonic()
        self._tries += 1
        return self._configs[self._index]

    def answered(self, result: object) -> CreateResult:
        """The try worked: the result with its ledger and its price."""
        config = self._configs[self._index]
        if not isinstance(result, CreateResult):
            msg = f"{config.label}: the client gave {type(result).__name__}; create must give a quorate.CreateResult"
            raise ModelError(msg, kind="bug")
        self._note(None)
        result.attempts = tuple(self._attempts)
        if result.cost is None and config.price is not None and result.usage is not None:
            price_in, price_out = config.price
            result.cost = (price_in * result.usage.prompt_tokens + price_out * result.usage.completion_tokens) / 1000
        return result

    def failed(self, error: Exception, *, started: bool = False) -> float:
        """The try failed: seconds to wait before the next one.

        Raises:
            ModelsExhausted: there is no next one.
            QuorateError: the failure is not one of the endpoint's.
        """
        config = self._configs[self._index]
        failure = _as_model_error(error, config)
        self._note(failure)
        if started or failure.kind in FINAL:
            raise self._exhausted(failure, started=started) from error
        retries = MAX_RETRIES if config.max_retries is None else config.max_retries
        worth_it = failure.kind in RETRIED and (failure.retry_after or 0.0) <= LONGEST_RETRY_AFTER
        if worth_it and self._tries <= retries:
            self._waited = _pause(self._tries, failure.retry_after)
            return self._waited
        if self._index + 1 == len(self._configs):
            raise self._exhausted(failure) from error
        self._index, self._tries, self._waited = self._index + 1, 0, 0.0
        return 0.0

    def _note(self, failure: ModelError | None) -> None:
        config = self._configs[self._index]
        spent = time.monotonic() - self._start
        kind, text = (failure.kind, str(failure)) if failure else (None, None)
        self._attempts.append(Attempt(f"{config.place} ({config.label})", spent, kind, text, self._waited))

    def _exhausted(self, failure: ModelError, *, started: bool = False) -> ModelsExhausted:
        lines = [f"  {n}. {a.config}: {a.kind}: {a.error}" for n, a in enumerate(self._attempts, 1)]
        what = "the stream broke off after its first part" if started else "no configuration answered"
        text = f"{what} ({len(lines)} attempt{'s' if len(lines) > 1 else ''}):\n" + "\n".join(lines)
        return ModelsExhausted(text, kind=failure.kind, attempts=self._attempts, output_started=started)


def _as_model_error(error: Exception, config: ModelConfig) -> ModelError:
    if isinstance(error, ModelError):
        return error
    if isinstance(error, QuorateError):
        raise error
    if isinstance(error, TimeoutError):
        limit = f" within {config.timeout:g} s" if config.timeout else " in time"
        return ModelError(f"no answer{limit}; raise timeout in the configuration to wait longer", kind="timeout")
    return ModelError(f"the client raised {type(error).__name__}: {error}", kind="bug")


def _pause(tries: int, retry_after: float | None) -> float:
    if retry_after is not None:
        return retry_after
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1))) * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
