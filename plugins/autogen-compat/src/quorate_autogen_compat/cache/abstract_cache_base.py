"""What a cache is: values by key. An object of this shape may stand under ``cache`` in an ``llm_config``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType

__all__ = ["AbstractCache"]


class AbstractCache(Protocol):
    """Values by key, and a context manager that closes."""

    def get(self, key: str, default: Any | None = None) -> Any | None:
        """The value under a key."""
        ...

    def set(self, key: str, value: Any) -> None:
        """Keep a value under a key."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
