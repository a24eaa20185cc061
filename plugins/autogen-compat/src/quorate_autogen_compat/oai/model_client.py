"""The protocol of model clients that programs write themselves, and of what they answer."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, runtime_checkable

__all__ = ["ModelClient"]


@runtime_checkable
class ModelClient(Protocol):
    """A client that talks to one model; a class with these methods is named in ``model_client_cls``."""

    RESPONSE_USAGE_KEYS: ClassVar[tuple[str, ...]] = (
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "cost",
        "model",
    )

    class ModelClientResponseProtocol(Protocol):
        """What ``create`` gives: choices, each with a message, and the model's name."""

        class Choice(Protocol):
            """One answer."""

            class Message(Protocol):
                """Its message."""

                content: str | None

            message: Message

        choices: list[Choice]
        model: str

    def create(self, params: dict[str, Any]) -> ModelClientResponseProtocol:
        """Ask the model; ``params`` has ``messages``, ``model``, and whatever the configuration says."""
        ...

    def message_retrieval(self, response: Any) -> list[str] | list[Any]:
        """The answers of a response: texts, or messages."""
        ...

    def cost(self, response: Any) -> float:
        """What a response cost, in US dollars."""
        ...

    @staticmethod
    def get_usage(response: Any) -> dict[str, Any]:
        """The counts of a response under RESPONSE_USAGE_KEYS; empty when they are not known."""
        ...
