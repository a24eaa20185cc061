"""The client: the demonstration model behind quorate's client protocol."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, Literal

import anyio.to_thread

from quorate.errors import ModelError
from quorate.models import BaseChatCompletionClient, CreateResult, ModelInfo, Usage
from quorate.models.deciding import checked, conversation, demanded
from quorate.models.wire import wire_messages
from quorate.models.wire_json import is_array, is_object
from quorate_tiny_model._answer import CONTEXT, LONGEST_ANSWER, Answer, PromptTooLongError, engine
from quorate_tiny_model._calls import offered, tool_calls

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message

NAME = "quorate-tiny"
"""The model's name in results."""


class TinyModelClient(BaseChatCompletionClient):
    """A demonstration model of about a million parameters, in this process: no key, network or GPU.

    It answers arithmetic and small list, word and number tasks with a fenced Python block, reads the
    output of the block, and finishes; to anything else it says what it can do. It always takes the most
    probable token, so equal messages give equal answers and ``temperature`` and the like change nothing;
    of the request parameters only ``max_tokens`` and ``max_completion_tokens`` count. It looks at the
    last question and what came of it, and ignores system messages.

    The weights are loaded on first use, once per process, and shared by all clients. Computation runs in
    a worker thread, so the event loop stays free; a cancelled call stops within one token.

    Args:
        config: the configuration; or give its fields as keywords. Nothing but the name is needed.
    """

    model_info = ModelInfo(context_length=CONTEXT, vision=False, tools=True, structured_output=False, system_role=True)

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        super().__init__(config, **({"model": "tiny", **fields} if config is None else fields))

    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the complete answer.

        Raises:
            ModelError: the question is too long (kind ``context_overflow``), or a JSON schema, an
                unknown tool or an image was given (kind ``bad_request``).
            MessageError: something is not a message.
        """
        wired = wire_messages(messages)
        _refuse(wired, response_format)
        answer = await self._answer(wired, offered(tools, tool_choice), params)
        return _result(answer, messages)

    async def create_stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> AsyncIterator[str | CreateResult]:
        """Give the answer token by token, then the complete result.

        The tokens come once the answer is whole: only then is it known to be sure (see `Engine.answer`).

        Raises:
            ModelError: as `create`; nothing was streamed then.
            MessageError: something is not a message.
        """
        wired = wire_messages(messages)
        _refuse(wired, response_format)
        answer = await self._answer(wired, offered(tools, tool_choice), params)
        result = _result(answer, messages)
        if isinstance(result.content, str):
            for piece in answer.pieces:
                yield piece
        yield result

    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **_params: Any) -> CreateResult:
        """Do what `decide` does, and give the whole result: the most probable choice, its end included.

        Something always comes out; whether it is sensible is another matter, for nothing of the kind was trained.

        Raises:
            ModelError: the choices are no choices (kind ``bad_request``) or too long (kind ``context_overflow``).
            MessageError: something is not a message.
        """
        options = checked(choices)
        wired = wire_messages(demanded(conversation(question), options))
        _refuse(wired, None)
        return _result(await _worked(lambda stopped: engine().choose(wired, options, stopped)), wired)

    async def count_tokens(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        **params: Any,  # noqa: ARG002 - none of them changes the prompt
    ) -> int:
        """How many tokens the model reads: the last question and what came of it.

        Raises:
            ModelError: an image was given (kind ``bad_request``).
            MessageError: something is not a message.
        """
        wired = wire_messages(messages)
        _refuse(wired, None)
        return await anyio.to_thread.run_sync(lambda: engine().count(wired, tools))

    async def _answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]],
        params: Mapping[str, Any],
    ) -> Answer:
        limit = _limit({**self.config.params, **params})
        return await _worked(lambda stopped: engine().answer(messages, tools, limit=limit, stopped=stopped))


async def _worked(work: Callable[[Callable[[], bool]], Answer]) -> Answer:
    """Have the model work in a thread, which asks now and then whether the call was cancelled."""
    cancelled = threading.Event()
    try:
        # The thread is left behind on cancellation and ends itself at its next token.
        return await anyio.to_thread.run_sync(work, cancelled.is_set, abandon_on_cancel=True)
    except PromptTooLongError as error:
        msg = f"{NAME}: {error}; shorten the last message, or name another model in the configuration"
        raise ModelError(msg, kind="context_overflow") from error
    finally:
        cancelled.set()


def _limit(params: Mapping[str, Any]) -> int:
    given = params.get("max_completion_tokens") or params.get("max_tokens") or LONGEST_ANSWER
    return max(1, int(given))


def _refuse(messages: Sequence[Mapping[str, Any]], response_format: Any) -> None:
    if response_format is not None:
        msg = f"{NAME} cannot be held to a response_format; leave it out, or name another model"
        raise ModelError(msg, kind="bad_request")
    contents = (message.get("content") for message in messages)
    parts = (part for content in contents if is_array(content) for part in content)
    kind = next((part["type"] for part in parts if is_object(part) and part.get("type") != "text"), None)
    if kind is not None:
        msg = f"{NAME} reads text only, no {kind}; send text, or name another model"
        raise ModelError(msg, kind="bad_request")


def _result(answer: Answer, messages: Sequence[Mapping[str, Any]]) -> CreateResult:
    usage = Usage(prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens)
    calls = tool_calls(answer.text, messages) if answer.complete else []
    reason: Literal["stop", "length", "tool_calls"] = "stop" if answer.complete else "length"
    make = functools.partial(CreateResult, usage=usage, cost=0.0, model=NAME)
    if calls:
        return make(content=calls, finish_reason="tool_calls")
    return make(content=answer.text, text=answer.text, finish_reason=reason)
