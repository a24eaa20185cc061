r"""Parts for tests of agents and plugins: a scripted model, a scripted executor, an isolated kernel. Any test runner.

A scripted model and a scripted executor are plugins too: each offers itself under a name, ``scripted`` unless another
is given. A whole conversation without a network:

    >>> from quorate import AssistantAgent, UserProxyAgent
    >>> model = ScriptedClient(script=["```python\nprint(6 * 7)\n```", "It is 42. TERMINATE"])
    >>> executor = ScriptedExecutor(script=["42\n"])
    >>> with isolated_kernel(model, executor) as kernel:
    ...     assistant = AssistantAgent("assistant", llm_config={"model": "any"}, kernel=kernel)
    ...     run = {"executor": "scripted"}
    ...     user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=run, kernel=kernel)
    ...     chat = user.initiate_chat(assistant, message="What is 6 * 7?")
    >>> len(model.requests), executor.calls[0][0].code.strip()
    (2, 'print(6 * 7)')
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar

from quorate.coding import CodeBlock, CodeResult
from quorate.errors import ExecutorError, ModelError
from quorate.hookspecs import hookimpl
from quorate.kernel import Kernel
from quorate.messages import text_of
from quorate.models import BaseChatCompletionClient, CreateResult, ModelInfo, Usage
from quorate.records import CodeExecutorRecord, ModelClientRecord

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.events import Observer
    from quorate.messages import Message

R = TypeVar("R")

ModelReply: TypeAlias = str | CreateResult | Exception
"""What a scripted model gives: a text, a whole result, or an exception to raise."""

ScriptedReply: TypeAlias = "ModelReply | Callable[[ModelRequest], ModelReply | Awaitable[ModelReply]]"
"""One answer of a script, or a plain or coroutine function that makes it from the request."""

ScriptedRun: TypeAlias = "str | CodeResult | Exception | Callable[[Sequence[CodeBlock]], str | CodeResult | Exception]"
"""One run of a script: the output of a success, a whole result, an exception to raise, or a function of the blocks."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """What a scripted model was asked; see :class:`quorate.ChatCompletionClient` for the fields."""

    messages: tuple[Message, ...]
    tools: tuple[Mapping[str, Any], ...]
    tool_choice: str
    response_format: Any
    params: Mapping[str, Any]


class ScriptedClient(BaseChatCompletionClient):
    """A model client that answers from a script, streams word by word, and keeps what it was asked.

    Give the instance to a kernel as a plugin (:func:`isolated_kernel`, ``kernel.register``), or register the class
    and name it in a configuration:

        >>> with isolated_kernel() as kernel:
        ...     kernel.register_model_client(ScriptedClient, script=["Hello"])
        ...     client = kernel.chat_client({"model": "any", "model_client_cls": "ScriptedClient"})

    Args:
        config: the configuration, when a kernel makes the client.
        script: the answers, in order. One text is one answer; its tokens are counted as words, and it is free.
        name: the record's name, when the instance is a plugin; it answers by default.
        model_info: what the model claims to be able to do.

    Attributes:
        requests: what it was asked, in order.
        closed: whether it was closed; it answers all the same.
    """

    def __init__(
        self,
        config: ModelConfig | None = None,
        /,
        *,
        script: Iterable[ScriptedReply],
        name: str = "scripted",
        model_info: ModelInfo | None = None,
    ) -> None:
        # The model's name, where there is no configuration; what it can do, where that does not say it.
        super().__init__(config, model="scripted", model_info=model_info)
        self.requests: list[ModelRequest] = []
        self.closed = False
        self._script = tuple(script)
        self._name = name

    @hookimpl
    def quorate_model_clients(self) -> Iterator[ModelClientRecord]:
        """Offer this very client for every configuration that asks for its name, or for none."""
        yield ModelClientRecord(name=self._name, factory=self._itself, summary="Scripted", default=True)

    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the next answer of the script.

        Raises:
            ModelError: the script has no more answers (kind ``bug``); or whatever the script says.
        """
        request = ModelRequest(tuple(messages), tuple(tools), tool_choice, response_format, params)
        self.requests.append(request)
        reply = _next(self._script, len(self.requests), ModelError, "request", kind="bug")
        if callable(reply):
            made = reply(request)
            reply = await made if inspect.isawaitable(made) else made
        if isinstance(reply, Exception):
            raise reply
        return replace(reply) if isinstance(reply, CreateResult) else self._answer(reply, request)

    async def create_stream(self, messages: Sequence[Message], **request: Any) -> AsyncIterator[str | CreateResult]:
        """Give the next answer word by word, then whole."""
        result = await self.create(messages, **request)
        for word in re.findall(r"\S+\s*|\s+", text_of(result.message.get("content"))):
            yield word
        yield result

    async def close(self) -> None:
        """Note that it was closed."""
        self.closed = True

    def _itself(self, _config: ModelConfig) -> Self:
        return self

    def _answer(self, text: str, request: ModelRequest) -> CreateResult:
        read = sum(len(text_of(message.get("content")).split()) for message in request.messages)
        return CreateResult(text, usage=Usage(read, len(text.split())), cost=0.0, model=self.config.model)


class ScriptedExecutor:
    """A code executor that runs nothing: it gives the results of a script and keeps the code.

    Args:
        script: the results, in order; one for each call, whatever the number of its blocks.
        name: the record's name, when the instance is a plugin.

    Attributes:
        calls: the blocks of each call, in order.
        stopped: whether it was stopped; it answers all the same.
    """

    def __init__(self, *, script: Iterable[ScriptedRun], name: str = "scripted") -> None:
        self.calls: list[tuple[CodeBlock, ...]] = []
        self.stopped = False
        self._script = tuple(script)
        self._name = name

    @hookimpl
    def quorate_code_executors(self) -> Iterator[CodeExecutorRecord]:
        """Offer this very executor under its name; it takes any options."""
        yield CodeExecutorRecord(name=self._name, factory=self._itself, summary="Scripted", network=False)

    async def execute_code_blocks(self, blocks: Sequence[CodeBlock]) -> CodeResult:
        """Give the next result of the script.

        Raises:
            ExecutorError: the script has no more results; or whatever the script says.
        """
        self.calls.append(tuple(blocks))
        result = _next(self._script, len(self.calls), ExecutorError, "call")
        if callable(result):
            result = result(blocks)
        if isinstance(result, Exception):
            raise result
        return CodeResult(0, result) if isinstance(result, str) else result

    async def stop(self) -> None:
        """Note that it was stopped."""
        self.stopped = True

    def _itself(self, **_options: object) -> Self:
        return self


def _next(script: Sequence[R], number: int, error: Callable[..., Exception], what: str, **details: Any) -> R:
    if number > len(script):
        msg = f"the script has {len(script)} answers, and this is {what} number {number}; add one, or see why it was asked"
        raise error(msg, **details)
    return script[number - 1]


def isolated_kernel(*plugins: object, observers: Iterable[Observer] = ()) -> Kernel:
    """A kernel with the built-in plugins, these, and no installed one. Use it with ``with`` or ``async with``.

        >>> with isolated_kernel(ScriptedClient(script=["Hello there"])) as kernel:
        ...     kernel.names("model client")
        ['scripted']

    Args:
        *plugins: objects or modules with functions marked ``@hookimpl``; they are named ``plugin-1``, ``plugin-2``, ...
        observers: who is told of events.

    Raises:
        InvalidPlugin: one breaks the contract.
    """
    kernel = Kernel(autoload=False, observers=observers)
    for number, plugin in enumerate(plugins, 1):
        kernel.register(plugin, f"plugin-{number}")
    return kernel
