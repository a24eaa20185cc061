"""One answer in the response cache: found by what is asked, of which client, at which endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import perform
from quorate.models.codec import as_data, fingerprint, from_data
from quorate.models.prices import with_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message
    from quorate.models.cache import Cache
    from quorate.models.client import ChatCompletionClient
    from quorate.models.results import CreateResult


class Stored:
    """The place of one answer; without a cache, or for a request that cannot be told from others, there is none.

    Attributes:
        why_not: why there is none although there is a cache; None when there is one.
    """

    def __init__(
        self,
        cache: Cache | None,
        client: ChatCompletionClient,
        config: ModelConfig,
        messages: Sequence[Message],
        request: Mapping[str, Any],
    ) -> None:
        self._cache = cache
        self._key: str | None = None
        self.why_not: str | None = None
        if cache is None:
            return
        if not (config.model or config.model_client_cls):
            self.why_not = "no model is named, and another may answer tomorrow; name the one that is meant"
            return
        self._key = _key(client, config, messages, request)
        if self._key is None:
            named = " and ".join(_objects(config, messages, request)) or "the request"
            self.why_not = f"{named} is more than data, and what it is tomorrow cannot be known; leave it out"

    async def read(self) -> CreateResult | None:
        """The stored answer, marked as cached."""
        if self._cache is None or self._key is None:
            return None
        data = await perform(self._cache.get, self._key)
        if data is None:
            return None
        try:
            result = from_data(data)
        except ValueError:
            return None  # of another version, or not ours: the model is asked, and the entry is written anew
        result.cached = True
        return result

    async def write(self, result: CreateResult) -> None:
        """Store an answer."""
        if self._cache is not None and self._key is not None and not result.cached:
            await perform(self._cache.set, self._key, as_data(result))


def _objects(config: ModelConfig, messages: Sequence[Message], request: Mapping[str, Any]) -> list[str]:
    """The names of what is more than data."""
    parts = {**config.params, **request, "messages": list(messages)}
    return [name for name, value in parts.items() if fingerprint({name: value}) is None]


def _key(
    client: ChatCompletionClient, config: ModelConfig, messages: Sequence[Message], request: Mapping[str, Any]
) -> str | None:
    return fingerprint(
        {
            "client": [f"{type(client).__module__}.{type(client).__qualname__}", config.model_client_cls],
            "endpoint": with_endpoint(config, client).base_url,
            "version": config.api_version,
            "model": config.model,
            "params": dict(config.params),
            "messages": list(messages),
            "request": dict(request),
        }
    )
