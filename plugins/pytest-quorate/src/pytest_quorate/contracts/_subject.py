"""What a plugin's test class says of its client, and an environment that does not get in the way."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import pytest

from pytest_quorate.contracts._base import Contract

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.messages import Message
    from quorate.models import ChatCompletionClient
    from quorate.records import ModelClientRecord

Fresh: TypeAlias = "Callable[..., ChatCompletionClient]"
"""Makes a new client; for a client of an endpoint, with these keys of a configuration."""

KEY_VARIABLES = (
    "ANTHROPIC_API_KEY",
    "AZURE_OPENAI_AD_TOKEN",
    "AZURE_OPENAI_API_KEY",
    "GEMINI_API_KEY",
    "HF_TOKEN",
    "MISTRAL_API_KEY",
    "OPENAI_ADMIN_KEY",
    "OPENAI_API_KEY",
    "OPENROUTER_API_KEY",
    "VLLM_API_KEY",
)
"""Where people keep keys; none of them is for the scripted server."""

ADD: Mapping[str, Any] = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add two numbers",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
            "additionalProperties": False,
        },
    },
}

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)
"""One pixel."""


class Subject(Contract, contract=True):
    """The client under test.

    Attributes:
        record: the record that offers the client; its variables are known to hold keys and endpoints.
        capabilities: what the client can do: some of ``tools``, ``parallel_tools``, ``structured_output``,
            ``vision``, ``logprobs``, ``n``, ``seed``, ``reasoning``, ``decide``, ``count_tokens``, ``keep_alive``.
        documented_refusals: for a capability that is ignored rather than refused with an error, the words
            of the client's docstring that say so.
        question: what the model is asked.
        tools: what it is offered where tools are tested.
        tool_question: what makes it call the first of them.
        parallel_question: what makes it call two at once.
    """

    record: ClassVar[ModelClientRecord | None] = None
    capabilities: ClassVar[frozenset[str]] = frozenset()
    documented_refusals: ClassVar[Mapping[str, str]] = MappingProxyType({})
    question: ClassVar[str] = "What is 2 + 3?"
    tools: ClassVar[Sequence[Mapping[str, Any]]] = (ADD,)
    tool_question: ClassVar[str] = "Use add with 2 and 3"
    parallel_question: ClassVar[str] = "Use add with 2 and 3, and add with 4 and 5"

    def make_client(self, *_args: Any, **_config: Any) -> ChatCompletionClient:
        """A new client, of which nothing has been used."""
        msg = f"{type(self).__qualname__} must define make_client: give a new client, as a user would make it"
        raise NotImplementedError(msg)

    @pytest.fixture
    def fresh(self) -> Fresh:
        """Makes clients."""
        return self.make_client

    @pytest.fixture(autouse=True)
    def _bare_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """No setting of this machine's has a say."""
        record = self.record
        known = {*KEY_VARIABLES, *(record.api_key_env if record else ()), *(record.base_url_env if record else ())}
        for name in list(os.environ):
            if name in known or name.lower().endswith("_proxy"):
                monkeypatch.delenv(name)

    @property
    def messages(self) -> list[Message]:
        """The question as a conversation."""
        return [{"role": "user", "content": self.question}]
