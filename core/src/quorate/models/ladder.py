"""Which configuration is tried next, after how long a wait, and what has been tried: the rules of fall-back."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

from quorate.errors import ModelError, ModelsExhausted, QuorateError
from quorate.models.results import Attempt, CreateResult

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from quorate.config import ModelConfig
    from quorate.errors import FailureKind

RETRIED: frozenset[FailureKind] = frozenset({"rate_limit", "timeout", "network", "overload"})
"""Failures that the same endpoint may get over."""

FINAL: frozenset[FailureKind] = frozenset({"bad_request", "content_filter"})
"""Failures that lie in what was asked: another endpoint is not asked the same."""

ELSEWHERE = (404, 405)
"""Statuses of a ``bad_request`` that lie in the endpoint: it has no such model or path, another one may."""

MAX_RETRIES = 2
"""Tries after the first at one configuration that does not say; the same as the OpenAI SDK's default."""

FIRST_WAIT, LONGEST_WAIT = 0.5, 8.0
"""Seconds before a retry when the endpoint does not say; doubled each time, with jitter."""

LONGEST_RETRY_AFTER = 60.0
"""Seconds that an endpoint may ask to wait before a retry; it is not waited for longer, as in the OpenAI SDK."""

COOL_DOWN = 30.0
"""Seconds for which a configuration that was given up is asked last; longer when it asked for longer."""


class Health:
    """Which configurations were given up lately; shared by the clients of a kernel."""

    def __init__(self) -> None:
        self._until: dict[Hashable, float] = {}

    def gave_up(self, config: ModelConfig, failure: ModelError) -> None:
        """Ask this configuration last for a while."""
        if failure.kind not in FINAL and failure.kind != "context_overflow":
            self._until[config.cache_key()] = time.monotonic() + max(COOL_DOWN, failure.retry_after or 0.0)

    def answered(self, config: ModelConfig) -> None:
        """It works again."""
        if self._until:
            self._until.pop(config.cache_key(), None)

    def ordered(self, configs: Sequence[ModelConfig]) -> list[ModelConfig]:
        """The configurations in their order, those that cool down last."""
        if not self._until:
            return list(configs)
        now = time.monotonic()
        return sorted(configs, key=lambda config: self._until.get(config.cache_key(), 0.0) > now)


class Ladder:
    """One call's way through a config list.

    Args:
        configs: the configurations, best first.
        deadline: seconds that the whole call may take, waits included; None for no limit.
        health: which configurations were given up lately.
    """

    def __init__(self, configs: Sequence[ModelConfig], deadline: float | None, health: Health) -> None:
        self._configs = health.ordered(configs)
        self._health = health
        self._deadline = deadline
        self._end = None if deadline is None else time.monotonic() + deadline
        self._index = 0
        self._tries = 0
        self._waited = 0.0
        self._start = 0.0
        self._changed = ""
        self._attempts: list[Attempt] = []

    @property
    def config(self) -> ModelConfig:
        """The configuration whose turn it is."""
        return self._configs[self._index]

    def begin(self) -> ModelConfig:
        """Start a try."""
        self._start = time.monotonic()
        self._tries += 1
        return self.config

    def limit(self) -> float | None:
        """Seconds that may be waited for an answer, or for the next part of one; None for no limit, 0 or less: none."""
        left = None if self._end is None else self._end - time.monotonic()
        limits = [limit for limit in (self.config.timeout, left) if limit is not None]
        return min(limits) if limits else None

    def answered(self, result: CreateResult) -> CreateResult:
        """The try worked: the result with its ledger."""
        self._note(None)
        if not result.cached:  # the cache answers for an endpoint that is down, too
            self._health.answered(self.config)
        if self._changed:
            result.notes = (*result.notes, self._changed)
        result.attempts = tuple(self._attempts)
        return result

    def refused(self) -> bool:
        """The answer was refused by the program: whether another configuration can be asked instead."""
        if self._index + 1 == len(self._configs):
            return False
        self._note(ModelError("filter_func refused the answer", kind="bad_response"))
        self._next()
        return True

    def shortened(self, error: Exception, note: str, *, started: bool = False) -> float:
        """The prompt was too long: the same configuration is asked with a shorter one, at once.

        Args:
            error: how the try failed.
            note: what was done to the prompt; the next try's entry in the ledger says it.
            started: whether parts of an answer had been given out.
        """
        failure = _as_model_error(error, self._limit_text())
        failure.output_started = failure.output_started or started
        self._note(failure)
        self._changed, self._waited = note, 0.0
        return 0.0

    def failed(self, error: Exception, *, started: bool = False) -> float:
        """The try failed, after parts of its answer had been given out or not: seconds to wait before the next one.

        Raises:
            ModelsExhausted: there is no next one.
            QuorateError: the failure is not one of the endpoint's.
        """
        failure = _as_model_error(error, self._limit_text())
        failure.output_started = failure.output_started or started
        self._note(failure)
        if failure.kind in FINAL and failure.status not in ELSEWHERE and not failure.elsewhere:
            raise self._exhausted(failure, "it is not asked elsewhere, for the request itself is at fault") from error
        no_time = ""
        if self._worth_a_retry(failure):
            self._waited = _pause(self._tries, failure.retry_after)
            if not self._too_late(self._waited):
                return self._waited
            no_time = f"another try would come after the deadline of {self._deadline:g} s"
        self._health.gave_up(self.config, failure)
        if self._too_late(0.0):
            raise self._exhausted(failure, f"the deadline of {self._deadline:g} s has passed") from error
        if self._index + 1 == len(self._configs):
            raise self._exhausted(failure, no_time) from error
        self._next()
        return 0.0

    def _limit_text(self) -> str:
        """Which limit a try that took too long ran into, and what can be done about it."""
        if self._too_late(0.0):
            return f"before the deadline of {self._deadline:g} s"
        if self.config.timeout is None:
            return "in time"
        return f"within {self.config.timeout:g} s; raise timeout in the configuration to wait longer"

    def _worth_a_retry(self, failure: ModelError) -> bool:
        retries = MAX_RETRIES if self.config.max_retries is None else self.config.max_retries
        soon = (failure.retry_after or 0.0) <= LONGEST_RETRY_AFTER
        return failure.kind in RETRIED and soon and self._tries <= retries

    def _too_late(self, wait: float) -> bool:
        return self._end is not None and time.monotonic() + wait >= self._end

    def _next(self) -> None:
        self._index, self._tries, self._waited = self._index + 1, 0, 0.0
        self._changed = ""

    def _note(self, failure: ModelError | None) -> None:
        spent = time.monotonic() - self._start
        kind, text = (failure.kind, str(failure)) if failure else (None, None)
        name = f"{self.config.place} ({self.config.label})"
        self._attempts.append(Attempt(name, spent, kind, text, self._waited, self._changed))

    def _exhausted(self, failure: ModelError, why: str) -> ModelsExhausted:
        lines = [f"  {n}. {_told(attempt)}" for n, attempt in enumerate(self._attempts, 1)]
        count = f"{len(lines)} attempt{'s' if len(lines) > 1 else ''}"
        text = f"no configuration answered ({count}{f'; {why}' if why else ''}):\n" + "\n".join(lines)
        return ModelsExhausted(text, kind=failure.kind, attempts=self._attempts, output_started=failure.output_started)


def _told(attempt: Attempt) -> str:
    changed = f" ({attempt.changed})" if attempt.changed else ""
    return f"{attempt.config}: {attempt.kind}: {attempt.error}{changed}"


def _as_model_error(error: Exception, limit: str) -> ModelError:
    if isinstance(error, ModelError):
        return error
    if isinstance(error, QuorateError):
        raise error
    if isinstance(error, TimeoutError):
        return ModelError(f"no answer {limit}", kind="timeout")
    return ModelError(f"the client raised {type(error).__name__}: {error}", kind="bug")


def _pause(tries: int, retry_after: float | None) -> float:
    if retry_after is not None:
        return retry_after
    return float(min(LONGEST_WAIT, FIRST_WAIT * 2 ** (tries - 1))) * random.uniform(0.75, 1.0)  # noqa: S311 - jitter, not a secret
