"""An ``llm_config`` of 0.2 as the core takes it: with 0.2's default seed, and without what only the wrapper reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config import ConfigEntry
from quorate.config.guards import is_list, is_mapping
from quorate_autogen_compat.oai.rate_limiters import TimeRateLimiter
from quorate_autogen_compat.oai.responses import completion_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from quorate.models import CreateResult

DEFAULT_CACHE_SEED = 41
NOT_SENT = ("agent", "api_rate_limit")
"""Keys that 0.2's wrapper kept for itself."""

_OLD_TYPES = {"open_ai": "openai"}
"""Values of ``api_type`` that openai below 1.0 had."""


class Judge:
    """A ``filter_func`` of 0.2, which is shown responses of 0.2's shape; ``accepted`` is what it said last."""

    def __init__(self, func: Callable[..., Any]) -> None:
        self._func = func
        self.accepted = True

    def __call__(self, *, context: Any, response: CreateResult) -> bool:
        """Whether a result is the one to give."""
        self.accepted = bool(self._func(context=context, response=completion_of(response)))
        return self.accepted


def for_core(llm_config: Any) -> Any:
    """The configuration as the core takes it; the one that is given is not changed."""
    if not is_mapping(llm_config) or not llm_config:
        return llm_config
    bare = _bare(llm_config)
    listed = llm_config.get("config_list")
    if is_list(listed):
        bare["config_list"] = [_bare(entry) if is_mapping(entry) else entry for entry in listed]
    if not any(key in part for part in _parts(llm_config) for key in ("cache_seed", "cache")):
        bare["cache_seed"] = DEFAULT_CACHE_SEED
    return bare


def limiter_of(llm_config: Mapping[str, Any]) -> TimeRateLimiter | None:
    """What keeps its calls apart: one for the whole list, of the lowest ``api_rate_limit`` that is named."""
    limits = [part["api_rate_limit"] for part in _parts(llm_config) if part.get("api_rate_limit")]
    return TimeRateLimiter(min(limits)) if limits else None


def _parts(llm_config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield llm_config
    listed = llm_config.get("config_list")
    if is_list(listed):
        yield from filter(is_mapping, listed)


def _bare(part: Mapping[str, Any]) -> Any:
    """A part of it that is the core's to read; the very same where nothing is to be changed."""
    changed: dict[str, Any] = {}
    if (kind := part.get("api_type")) in _OLD_TYPES:
        changed["api_type"] = _OLD_TYPES[kind]
    if callable(judge := part.get("filter_func")) and not isinstance(judge, Judge):
        changed["filter_func"] = Judge(judge)
    # A copy of an entry that a loader made still knows where its values came from.
    copied: dict[str, Any] = part.copy() if isinstance(part, ConfigEntry) else dict(part)
    for key in NOT_SENT:
        copied.pop(key, None)
    copied.update(changed)
    return copied
