"""The client: chat completions at a vLLM server, shaped to what that server and its model can do."""

from __future__ import annotations

import warnings
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from quorate.config import resolve
from quorate.errors import ConfigWarning, ModelError
from quorate.models.deciding import checked, conversation, demanded, in_words, settled
from quorate.models.failures import failure
from quorate.models.results import ModelInfo
from quorate.models.shaping import Shaped
from quorate.models.wire import wire_messages
from quorate.models.wire_client import WireClient
from quorate_vllm_client import RECORD
from quorate_vllm_client._complaints import advised
from quorate_vllm_client._knowledge import Knowledge
from quorate_vllm_client._server import Server
from quorate_vllm_client._settings import settings_of
from quorate_vllm_client._structured import constrained, is_constrained
from quorate_vllm_client._transport import Transport

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message
    from quorate.models.results import CreateResult
    from quorate.models.wire import Endpoint
    from quorate.models.wire_client import Answer

_IGNORED = {"functions": "pass tools=[...]", "function_call": "pass tool_choice"}
"""Parameters that vLLM takes and ignores without a word, and what to use instead."""


class VLLMChatCompletionClient(WireClient):
    """Chat completions at a vLLM server.

    ``model`` may be left out: then it is the one model that the server serves. Beside the common keys a
    configuration may hold ``model_info`` (what the model can do, where that is not to be found out),
    ``shape_messages`` (False sends messages as they are), ``default_headers`` and ``http_client`` (an
    ``httpx2.AsyncClient``, or what makes one for each event loop); ``extra_headers``, ``extra_body`` and
    ``timeout`` may be given there or per call. Everything else is a request parameter,
    vLLM's own among them (``top_k``, ``structured_outputs``, ``chat_template_kwargs``, ...).

    The first call reads the server's list of models; from then on ``model_info`` knows the context length. Nothing
    is read where the configuration gives both.
    Without a key no ``Authorization`` header is sent. It may be used from several event loops; each has
    connections of its own.

    Args:
        config: the configuration; or give its fields as keywords.
    """

    model_info = ModelInfo(structured_output=True)
    transport_params = frozenset({"extra_headers", "timeout"})

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        super().__init__(config, **fields)
        self._declared = self.model_info
        if config is None:
            self.config = resolve(self.config, RECORD)
        self._settings = settings_of(self.config)
        self._endpoint = self._settings.endpoint
        self._transport = Transport(self._settings)
        self._knows = Knowledge(
            Server(self._settings, self._transport),
            self._transport.loops,
            self.config.model,
            system_role=self.model_info.system_role,
        )

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
            ModelError: the server failed or refused; ``kind`` says how, and the message names the server's flag
                where one is missing.
            MessageError: something is not a message.
        """
        asked: dict[str, Any] = {"tools": tools, "tool_choice": tool_choice, "response_format": response_format}
        while True:
            shaped, given = await self._prepared(messages, params)
            try:
                result = await super().create(cast("Any", shaped.messages), **asked, **given)
            except ModelError as error:
                if not self._is_news(error, given):
                    raise
            else:
                return _checked(result, shaped)

    async def create_stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> AsyncIterator[str | CreateResult]:
        """Give the answer as it is written: text parts, then the complete result.

        Leaving the loop early closes the connection, and the server stops generating.

        Raises:
            ModelError: as in :meth:`create`; ``output_started`` says whether text had come.
            MessageError: something is not a message.
        """
        asked: dict[str, Any] = {"tools": tools, "tool_choice": tool_choice, "response_format": response_format}
        while True:
            shaped, given = await self._prepared(messages, params)
            try:
                stream = super().create_stream(cast("Any", shaped.messages), **asked, **given)
                async with aclosing(cast("AsyncGenerator[str | CreateResult]", stream)) as parts:
                    async for part in parts:
                        yield part if isinstance(part, str) else _checked(part, shaped)
            except ModelError as error:
                failed = error
            else:
                return
            if failed.output_started or not self._is_news(failed, given):
                raise advised(failed)

    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **params: Any) -> CreateResult:
        """Do what :meth:`decide` does, and give the whole result: the server lets the model write only a choice.

        Raises:
            ModelError: the choices are no choices (kind ``bad_request``), the server failed, or did not hold the model
                to the choices (kind ``bad_response``).
            MessageError: something is not a message.
        """
        options = checked(choices)
        asked = demanded(conversation(question), options)
        held: dict[str, Any] = {"temperature": 0.0, "structured_outputs": {"choice": list(options)}}
        outcome = settled(self, await self.create(asked, **in_words(self), **{**held, **params}), options)
        # Here, where no local variable holds what the server sent.
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome

    async def shape(self, messages: Sequence[Message], **params: Any) -> Shaped:
        """The messages as they would be sent, what was changed and why, and what each was made of.

        Args:
            messages: the conversation.
            params: request parameters; ``chat_template`` and ``chat_template_kwargs`` count.

        Raises:
            ModelError: the server cannot be reached.
            MessageError: something is not a message.
        """
        wire = wire_messages(messages)
        if not self._settings.shapes:
            return Shaped(tuple(wire), (), tuple((index,) for index in range(len(wire))))
        await self._model()
        return await self._knows.shape(wire, {**self.request_params(), **params})

    async def count_tokens(
        self, messages: Sequence[Message], *, tools: Sequence[Mapping[str, Any]] = (), **params: Any
    ) -> int:
        """How many tokens the prompt has, counted by the server's own tokeniser and chat template.

        Raises:
            ModelError: the server cannot be reached, or has no ``/tokenize``.
            MessageError: something is not a message.
        """
        shaped = await self.shape(messages, **params)
        more = {"tools": list(tools)} if tools else {}
        prompt = await self._knows.prompt(shaped.messages, {**self.request_params(), **params}, **more)
        if self.model_info.context_length is None:
            self.model_info = replace(self.model_info, context_length=prompt.context_length)
        return len(prompt.tokens)

    async def close(self) -> None:
        """Close the connections of every event loop that used the client; closing twice is fine."""
        await self._transport.loops.close()

    @property
    def endpoint(self) -> Endpoint:
        """What errors name."""
        return self._endpoint

    def request_params(self) -> Mapping[str, Any]:
        """The configuration's request parameters, without what is this client's own."""
        return self._settings.params

    async def _open(self, body: bytes, params: Mapping[str, Any], *, stream: bool) -> Answer:
        url = f"{self._settings.base_url}/chat/completions"
        return await self._transport.open("POST", url, body, self.endpoint, stream=stream, params=params)

    async def _prepared(self, messages: Sequence[Message], params: Mapping[str, Any]) -> tuple[Shaped, dict[str, Any]]:
        """What is sent for these messages and parameters, given what the server is."""
        merged = {**self.request_params(), **params}
        for name, instead in _IGNORED.items():
            if merged.get(name) is not None:
                raise failure(self.endpoint, "bad_request", f"vLLM ignores {name}: {instead} instead")
        given = {"model": await self._model(), **params}
        if is_constrained(merged):
            given |= constrained(merged, await self._knows.version())
        if not self._settings.shapes:
            return Shaped(tuple(cast("Any", messages))), given
        shaped = await self._knows.shape(wire_messages(messages), merged)
        system = self._knows.features(merged).get("system")
        if system is not None and system is not self.model_info.system_role:
            self.model_info = replace(self.model_info, system_role=system)
        return shaped, given

    async def _model(self) -> str:
        if self.config.model and self.model_info.context_length is not None:
            return self.config.model  # there is nothing to ask
        served = await self._knows.served()
        if self.model_info.context_length is None and served.context_length is not None:
            self.model_info = replace(self.model_info, context_length=served.context_length)
        if served.model != self._endpoint.model:
            self._endpoint = replace(self._endpoint, model=served.model)
        return served.model

    def _is_news(self, error: ModelError, params: Mapping[str, Any]) -> bool:
        """Whether the error taught something about the template, so that the messages can be shaped better."""
        if error.status == 404 and not self.config.model:
            self._knows.forget()  # another model may be served now
            self.model_info = self._declared
        return self._settings.shapes and self._knows.learn(error, {**self.request_params(), **params})


def _checked(result: CreateResult, shaped: Shaped) -> CreateResult:
    """The result with what was changed in its messages; a warning when it holds reasoning that the server did not tell from the answer."""
    if result.thought is None and result.text and "</think>" in result.text:
        msg = (
            f"{result.model}: the answer holds the model's reasoning; start the server with --reasoning-parser NAME "
            "(qwen3, deepseek_r1, ...) and it comes as thought instead"
        )
        warnings.warn(msg, ConfigWarning, stacklevel=3)
    result.notes = shaped.notes
    return result
