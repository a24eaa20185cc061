"""Clients of the program's own: classes with the typed protocol, or with AutoGen 0.2's four methods.

The four are ``create(params)``, ``message_retrieval(response)``, ``cost(response)`` and the static
``get_usage(response)``: https://microsoft.github.io/autogen/0.2/docs/notebooks/agentchat_custom_model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from quorate._drive import kernel_code, perform
from quorate.errors import ModelError
from quorate.messages import text_of
from quorate.models.client import BaseChatCompletionClient
from quorate.models.results import CreateResult, ModelInfo, Usage

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message, ToolCall
    from quorate.models.client import ChatCompletionClient

METHODS = ("create", "message_retrieval", "cost", "get_usage")
FIELDS = ("content", "tool_calls", "function_call")


def adapt(cls: Callable[..., Any], config: ModelConfig, kwargs: Mapping[str, Any]) -> ChatCompletionClient:
    """Make the client of a registered class.

    A class with 0.2's methods is called as ``cls(config, **kwargs)`` with its configuration as a dict, as 0.2 does; any
    other with a :class:`quorate.ModelConfig`.

    Raises:
        ModelError: some of 0.2's methods are missing (kind ``bug``).
    """
    if not hasattr(cls, "message_retrieval"):
        return cast("ChatCompletionClient", cls(config, **kwargs))
    if missing := [name for name in METHODS if not callable(getattr(cls, name, None))]:
        msg = (
            f"{cls.__name__} has message_retrieval but not {', '.join(missing)}; a 0.2 client has {', '.join(METHODS)}"
        )
        raise ModelError(msg, kind="bug")
    return LegacyClient(cls(_as_dict(config), **kwargs), config)


def _as_dict(config: ModelConfig) -> dict[str, Any]:
    """The configuration as a 0.2 client takes it: everything that was said, the key in clear."""
    names = ("model", "model_client_cls", "base_url", "api_version", "timeout", "max_retries", "price")
    said = {name: getattr(config, name) for name in names if getattr(config, name) not in (None, "")}
    if config.api_key is not None:
        said["api_key"] = config.api_key.get_secret_value()
    return {**said, **config.params}


class LegacyClient(BaseChatCompletionClient):
    """A client with AutoGen 0.2's four methods, adapted. They know of no ``response_format``, so none is tried on them."""

    model_info = ModelInfo(structured_output=False)

    def __init__(self, client: Any, config: ModelConfig) -> None:
        super().__init__(config)
        self._client = client
        self._name = type(client).__name__

    @kernel_code
    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the answer; the client's plain methods run where the caller is."""
        request: dict[str, Any] = {
            **self.config.params,
            "model": self.config.model,
            **params,
            "messages": list(messages),
        }
        if tools:
            request |= {"tools": list(tools), "tool_choice": tool_choice}
        if response_format is not None:
            request["response_format"] = response_format
        response = await perform(self._client.create, request)
        retrieved = await perform(self._client.message_retrieval, response)
        choices = [self._message(one) for one in self._listed(retrieved)]
        text = text_of(choices[0].get("content"))
        cost = await perform(self._client.cost, response)
        # Static in 0.2's protocol: called on the class, so that a get_usage without self works too.
        usage = await perform(cast("Any", type(self._client)).get_usage, response)
        return CreateResult(
            content=choices[0].get("tool_calls") or text,
            finish_reason="tool_calls" if choices[0].get("tool_calls") else "stop",
            text=text,
            usage=_usage(usage),
            cost=float(cost) if cost is not None else None,
            model=getattr(response, "model", "") or self.config.model,
            choices=tuple(choices) if len(choices) > 1 else (),
            raw=response,
        )

    @kernel_code
    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> CreateResult:
        """Choose by what the client writes; like :meth:`create`, where the caller is."""
        return await super().choose(question, choices, **params)

    @kernel_code
    async def create_stream(self, messages: Sequence[Message], **request: Any) -> AsyncIterator[str | CreateResult]:
        """Give the answer in one part, then whole; like :meth:`create`, where the caller is."""
        result = await self.create(messages, **request)
        if result.text:
            yield result.text
        yield result

    def _listed(self, retrieved: Any) -> list[Any]:
        if not isinstance(retrieved, list | tuple) or not retrieved:
            shape = f"{type(retrieved).__name__}" if not isinstance(retrieved, list | tuple) else "an empty list"
            msg = (
                f"{self._name}.message_retrieval gave {shape}; it must give a list of texts or of messages, one or more"
            )
            raise ModelError(msg, kind="bug")
        return list(cast("Sequence[Any]", retrieved))

    def _message(self, one: Any) -> Message:
        if one is None or isinstance(one, str):
            return {"role": "assistant", "content": one or ""}
        fields = _fields(one)
        if not {"content", "tool_calls"} & fields.keys():
            msg = f"{self._name}.message_retrieval gave {type(one).__name__}; each must be a text or have content"
            raise ModelError(msg, kind="bug")
        if not all(isinstance(call, dict) for call in fields.get("tool_calls") or ()):
            msg = f"{self._name}.message_retrieval gave tool_calls that are not dicts in wire format"
            raise ModelError(msg, kind="bug")
        kept = {key: fields[key] for key in FIELDS if fields.get(key)}
        if (function := kept.pop("function_call", None)) and "tool_calls" not in kept:
            kept["tool_calls"] = [_called(function)]
        return cast("Message", {"role": "assistant", "content": None, **kept})


def _fields(one: Any) -> dict[str, Any]:
    """The fields of a message: a dict, a pydantic model, or any object with attributes."""
    if isinstance(one, dict):
        return cast("dict[str, Any]", one)
    if hasattr(one, "model_dump"):
        return cast("dict[str, Any]", one.model_dump())
    return {name: getattr(one, name) for name in FIELDS if hasattr(one, name)}


def _called(function: Any) -> ToolCall:
    """A call in the older form, a dict or an object, as a tool call; agents are offered functions as tools, too."""
    name, arguments = _member(function, "name"), _member(function, "arguments")
    return {"id": "call_0", "type": "function", "function": {"name": str(name), "arguments": str(arguments or "{}")}}


def _member(value: Any, key: str) -> Any:
    return cast("dict[str, Any]", value).get(key) if isinstance(value, dict) else getattr(value, key, None)


def _usage(counted: Any) -> Usage | None:
    """The counts of ``get_usage``; an empty dict means that they are not known."""
    if not counted or "prompt_tokens" not in counted:
        return None
    return Usage(int(counted["prompt_tokens"] or 0), int(counted.get("completion_tokens") or 0))
