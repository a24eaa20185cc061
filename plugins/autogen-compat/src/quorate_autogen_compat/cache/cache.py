"""``Cache``: the core's response cache, named as 0.2's programs name it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Never

from quorate.errors import ConfigError
from quorate.models.cache import FILE
from quorate.models.cache import Cache as CoreCache

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Cache"]

_INSTEAD = "Cache.disk(...), or an object of your own with get(key, default), set(key, value) and close() as llm_config['cache']"


class Cache(CoreCache):
    """Stored answers in an SQLite file, as JSON; see :class:`quorate.Cache`.

    Args:
        config: ``cache_seed`` (42 by default) and ``cache_path_root`` (``.cache`` by default).

    Raises:
        ConfigError: another key, or one of a store that is not here.
    """

    ALLOWED_CONFIG_KEYS: ClassVar[list[str]] = ["cache_seed", "redis_url", "cache_path_root", "cosmos_db_config"]

    def __init__(self, config: Mapping[str, Any]) -> None:
        if unknown := sorted(config.keys() - set(self.ALLOWED_CONFIG_KEYS)):
            msg = f"Cache: there is no key {unknown[0]!r}; there are {', '.join(self.ALLOWED_CONFIG_KEYS)}"
            raise ConfigError(msg)
        for key, store in (("redis_url", "Redis"), ("cosmos_db_config", "Cosmos DB")):
            if config.get(key):
                _refuse(store)
        self.config = dict(config)
        super().__init__(Path(config.get("cache_path_root") or ".cache") / FILE, config.get("cache_seed", 42))

    @staticmethod
    def disk(cache_seed: str | int = 42, cache_path_root: str | Path = ".cache") -> Cache:
        """The cache of a seed under a folder."""
        return Cache({"cache_seed": cache_seed, "cache_path_root": cache_path_root})

    @staticmethod
    def redis(cache_seed: str | int = 42, redis_url: str = "redis://localhost:6379/0") -> Cache:
        """Refuse: answers are kept on disk.

        Raises:
            ConfigError: always; says what to use instead.
        """
        del cache_seed, redis_url
        _refuse("Redis")

    @staticmethod
    def cosmos_db(
        connection_string: str | None = None,
        container_id: str | None = None,
        cache_seed: str | int = 42,
        client: Any | None = None,
    ) -> Cache:
        """Refuse: answers are kept on disk.

        Raises:
            ConfigError: always; says what to use instead.
        """
        del connection_string, container_id, cache_seed, client
        _refuse("Cosmos DB")


def _refuse(store: str) -> Never:
    msg = f"Cache: answers are not kept in {store} here, and nothing else takes its place silently; use {_INSTEAD}"
    raise ConfigError(msg)
