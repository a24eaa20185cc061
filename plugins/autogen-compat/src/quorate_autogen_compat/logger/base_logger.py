"""What a logger of a session takes down."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3
    import uuid
    from collections.abc import Mapping

__all__ = ["BaseLogger"]


class BaseLogger(ABC):
    """Takes down what agents do. What cannot be written raises; no value under a secret's name is written."""

    @abstractmethod
    def start(self) -> str:
        """Begin a session, and give its name.

        Raises:
            OSError: there is no place to write to.
        """

    @abstractmethod
    def log_chat_completion(
        self,
        invocation_id: uuid.UUID,
        client_id: int,
        wrapper_id: int,
        source: Any,
        request: Mapping[str, Any],
        response: Any,
        is_cached: int,
        cost: float | None,
        start_time: str,
    ) -> None:
        """Take down a model call; ``source`` is an agent or its name, ``cost`` in US dollars, None when not known."""

    @abstractmethod
    def log_new_agent(self, agent: Any, init_args: Mapping[str, Any]) -> None:
        """Take down an agent."""

    @abstractmethod
    def log_event(self, source: Any, name: str, **kwargs: Any) -> None:
        """Take down something that happened to an agent, or to what is named."""

    @abstractmethod
    def log_new_wrapper(self, wrapper: Any, init_args: Mapping[str, Any]) -> None:
        """Take down an OpenAIWrapper."""

    @abstractmethod
    def log_new_client(self, client: Any, wrapper: Any, init_args: Mapping[str, Any]) -> None:
        """Take down a model client of a wrapper."""

    @abstractmethod
    def log_function_use(self, source: Any, function: Any, args: Mapping[str, Any], returns: Any) -> None:
        """Take down a call of a function."""

    @abstractmethod
    def stop(self) -> None:
        """End the session."""

    @abstractmethod
    def get_connection(self) -> sqlite3.Connection | None:
        """The database, if the logger writes to one and is not stopped."""
