"""A client that speaks chat completions over some transport: the transport opens the answer, this does the rest."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Protocol

import anyio

from quorate.errors import ModelError
from quorate.models.client import BaseChatCompletionClient
from quorate.models.failures import bare
from quorate.models.wire import StreamDecoder, build_request, decode_response, encode_request

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from quorate.messages import Message
    from quorate.models.results import CreateResult
    from quorate.models.wire import Endpoint

_DRAIN_SECONDS = 0.1


class Answer(Protocol):
    """An endpoint's answer whose status was good; its body may still be on the way."""

    async def read(self) -> bytes:
        """The whole body."""
        ...

    def chunks(self) -> AsyncGenerator[bytes]:
        """The body as it comes."""
        ...

    async def aclose(self) -> None:
        """Close the connection, or give it back when the body has been read."""
        ...


class WireClient(BaseChatCompletionClient):
    """Chat completions over a transport that a subclass brings: :meth:`_open`, and :attr:`endpoint`.

    Every transport failure, while opening and while reading, is raised by the transport as a
    :class:`~quorate.errors.ModelError`.
    """

    transport_params: frozenset[str] = frozenset()
    """Parameters that :meth:`_open` takes for itself; they are not sent."""

    @property
    def endpoint(self) -> Endpoint:
        """What errors name."""
        raise NotImplementedError

    def request_params(self) -> Mapping[str, Any]:
        """The configuration's own request parameters; those of a call win over them."""
        return self.config.params

    async def _open(self, body: bytes, params: Mapping[str, Any], *, stream: bool) -> Answer:
        """Send a request body and give the answer.

        Args:
            body: JSON.
            params: the parameters of the call and the configuration, ``transport_params`` among them.
            stream: whether the answer is read as it comes.

        Raises:
            ModelError: the endpoint could not be reached, or said no.
        """
        raise NotImplementedError

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
            ModelError: the endpoint failed; ``kind`` says how.
            MessageError: something is not a message.
        """
        merged = {**self.request_params(), **params}
        body = self._body(messages, tools, tool_choice, response_format, merged, stream=False)
        answer = await self._open(body, merged, stream=False)
        try:
            return decode_response(await answer.read(), self.endpoint)
        except ModelError as error:
            failed = bare(error)
        finally:
            with anyio.CancelScope(shield=True):
                await answer.aclose()
        raise failed

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

        Leaving the loop early closes the connection.

        Raises:
            ModelError: the endpoint failed; ``kind`` says how, ``output_started`` whether text had come.
            MessageError: something is not a message.
        """
        merged = {**self.request_params(), **params}
        body = self._body(messages, tools, tool_choice, response_format, merged, stream=True)
        answer = await self._open(body, merged, stream=True)
        failed: ModelError | None = None
        try:
            async with aclosing(_parts(answer, StreamDecoder(self.endpoint))) as parts:
                async for part in parts:
                    yield part
        except ModelError as error:
            failed = bare(error)
        finally:
            with anyio.CancelScope(shield=True):
                await answer.aclose()
        if failed is not None:
            raise failed

    def _body(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]],
        tool_choice: str,
        response_format: Any,
        params: Mapping[str, Any],
        *,
        stream: bool,
    ) -> bytes:
        body = build_request(
            messages,
            model=self.config.model,
            tools=tools,
            tool_choice=tool_choice,
            response_format=response_format,
            params={key: value for key, value in params.items() if key not in (*self.transport_params, "model_info")},
            stream=stream,
        )
        return encode_request(body)


async def _parts(answer: Answer, decoder: StreamDecoder) -> AsyncGenerator[str | CreateResult]:
    """The answer as it comes: text parts, then the complete result."""
    try:
        async with aclosing(answer.chunks()) as chunks:
            async for chunk in chunks:
                if text := decoder.feed(chunk):
                    yield text
                if decoder.done:
                    await _drain(chunks)
                    break
    except ModelError as error:
        if decoder.started and not error.output_started:
            raise _broken_off(error) from None
        raise
    last, result = decoder.finish()
    if last:
        yield last
    yield result


def _broken_off(error: ModelError) -> ModelError:
    """The transport's failure, which does not know that text had come."""
    message = f"{error} (after part of the answer had arrived)"
    return ModelError(message, kind=error.kind, retry_after=error.retry_after, output_started=True, status=error.status)


async def _drain(chunks: AsyncIterator[bytes]) -> None:
    """Read what follows the end of the stream, so that the connection can be used again; a moment is enough."""
    with anyio.move_on_after(_DRAIN_SECONDS):
        async for _ in chunks:
            pass
