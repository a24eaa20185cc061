"""The model client protocol, and a base class that fills in what a minimal client leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, final, runtime_checkable

from quorate.models.results import CreateResult, ModelInfo, declared_info

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from types import TracebackType

    from quorate.config import ModelConfig
    from quorate.messages import Message


@runtime_checkable
class ChatCompletionClient(Protocol):
    """Talks to one model endpoint.

    ``messages`` are chat messages in wire format; ``tools`` are tool schemas in wire format
    (``{"type": "function", "function": {"name", "description", "parameters"}}``); ``tool_choice`` is
    ``"auto"``, ``"required"``, ``"none"`` or a tool's name; ``response_format`` is a pydantic class or a
    wire ``response_format``; ``params`` are request parameters (``temperature``, ``n``, ``seed``, ...) and
    win over those of the configuration.

    Every failure of the endpoint is raised as :class:`quorate.errors.ModelError` with its ``kind``. A client
    never retries: the kernel does.
    """

    model_info: ModelInfo

    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the complete answer."""
        ...

    def create_stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> AsyncIterator[str | CreateResult]:
        """Give the answer as it is written: text parts, then exactly one complete result."""
        ...

    async def close(self) -> None:
        """Give back connections; closing twice is fine."""
        ...


class BaseChatCompletionClient:
    """A client with one of ``create`` and ``create_stream`` written gets the other, and the rest.

    Args:
        config: the configuration; or give its fields as keywords
            (``MyClient(model="m", base_url="http://...")``). ``model_info`` in either declares what the model can do.

    Raises:
        ConfigError: the configuration is none.
    """

    model_info: ModelInfo = ModelInfo()

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        info = fields.pop("model_info", None)
        if config is None:
            from quorate.config import ModelConfig

            config = ModelConfig.parse(fields, place=type(self).__name__)
        elif info is None:
            info = config.params.get("model_info")
        if info is not None:
            self.model_info = declared_info(info, self.model_info, config.place or type(self).__name__)
        self.config = config

    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the complete answer; by default the end of the stream."""
        if type(self).create_stream is BaseChatCompletionClient.create_stream:
            msg = f"{type(self).__name__} must define create or create_stream"
            raise TypeError(msg)
        stream = self.create_stream(
            messages, tools=tools, tool_choice=tool_choice, response_format=response_format, **params
        )
        result: CreateResult | None = None
        async for part in stream:
            if not isinstance(part, str):
                result = part
        if result is None:
            msg = f"{type(self).__name__}.create_stream ended without a CreateResult"
            raise TypeError(msg)
        return result

    async def create_stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> AsyncIterator[str | CreateResult]:
        """Give text parts, then the complete result; by default one part with the whole text."""
        result = await self.create(
            messages, tools=tools, tool_choice=tool_choice, response_format=response_format, **params
        )
        if text := result.content if isinstance(result.content, str) else result.text:
            yield text
        yield result

    @final
    async def decide(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> str:
        """Choose one of several texts; where there is one only, nobody is asked.

        Args:
            question: the question, or a conversation that ends with it.
            choices: the texts to choose from.
            params: request parameters.

        Returns:
            One of ``choices``, never anything else.

        Raises:
            ModelError: the choices are no choices (kind ``bad_request``), the endpoint failed, or the model named none
                of the choices or several (kind ``bad_response``).
            MessageError: something is not a message.
        """
        from quorate.models.deciding import checked, picked

        options = checked(choices)
        return options[0] if len(options) == 1 else picked(await self.choose(question, options, **params), options)

    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> CreateResult:
        """Do what :meth:`decide` does, and give the whole result: the choice is its content.

        By default the model is held to the choices by a JSON schema where ``model_info`` says that it can be, or does
        not say; else its answer must mention exactly one of them, and it is asked twice for that. A client that can
        do better overrides this method, and :meth:`decide` follows.
        """
        from quorate.models.deciding import choose

        return await choose(self, question, choices, **params)

    async def count_tokens(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        **params: Any,  # noqa: ARG002 - for those who count
    ) -> int:
        """Estimate how many tokens the prompt has: too many rather than too few, by the bytes of what is sent.

        A client that has a tokenizer, or whose server has one, overrides this and counts. For what the estimate takes
        a text, an image and a tool, see :func:`quorate.models.counting.estimate_tokens`.

        Args:
            messages: the conversation.
            tools: tool schemas that go with it.
            params: request parameters that change the prompt.

        Raises:
            ModelError: whoever counts cannot be asked.
            MessageError: something is not a message.
        """
        from quorate.models.counting import estimate_tokens

        return estimate_tokens(messages, tools)

    async def remaining_tokens(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), **params: Any
    ) -> int | None:
        """Say how many tokens of the context the prompt leaves for the answer, by what :meth:`count_tokens` counts.

        Returns:
            Below 0 when the prompt is too long; None when ``model_info`` has no ``context_length``, declared or found.

        Raises:
            ModelError: whoever counts cannot be asked.
            MessageError: something is not a message.
        """
        count = await self.count_tokens(messages, tools=tools, **params)  # first: it may find the length out
        length = self.model_info.context_length
        return None if length is None else length - count

    async def close(self) -> None:
        """Give back connections; closing twice is fine."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()
