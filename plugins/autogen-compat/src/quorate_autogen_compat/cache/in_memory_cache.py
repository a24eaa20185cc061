"""A cache in memory, gone with the program."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["InMemoryCache"]


class InMemoryCache:
    """Values by key, in memory; give it as ``cache`` in an ``llm_config``.

    Args:
        seed: values of one seed are kept apart from those of another.
    """

    def __init__(self, seed: str | int = "") -> None:
        self._seed = str(seed)
        self._values: dict[str, Any] = {}

    def _key(self, key: str) -> str:
        return f"{self._seed}_{key}" if self._seed else key

    def get(self, key: str, default: Any | None = None) -> Any | None:
        """The value under a key."""
        return self._values.get(self._key(key), default)

    def set(self, key: str, value: Any) -> None:
        """Keep a value under a key."""
        self._values[self._key(key)] = value

    def close(self) -> None:
        """Nothing is held."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()
