"""Driving a client from a test: an event loop per test, a watch over it, and asking either way."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
import functools
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

import pytest

from quorate.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Sequence

    from pytest_quorate.contracts._base import Contract
    from quorate.messages import Message
    from quorate.models import ChatCompletionClient, CreateResult


P = ParamSpec("P")
T = TypeVar("T")

both_ways = pytest.mark.parametrize("way", ["create", "create_stream"])
"""Runs a test for ``create`` and for ``create_stream``."""


def driven(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """A test from a coroutine function: it gets an event loop of its own; no plugin of pytest is needed."""

    @functools.wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        contract = cast("Contract", args[0])
        asyncio.run(watched(test(*args, **kwargs), contract.patience))

    return run


async def watched(work: Awaitable[T], patience: float) -> T:
    """Await it, and fail the test when it does not come back."""
    watch = asyncio.timeout(patience)
    try:
        async with watch:
            return await work
    except TimeoutError:
        if not watch.expired():
            raise
    pytest.fail(f"the client did not come back within {patience:g} s")


@asynccontextmanager
async def opened(client: ChatCompletionClient) -> AsyncGenerator[ChatCompletionClient]:
    """The client, closed afterwards."""
    try:
        yield client
    finally:
        await client.close()


async def closed(client: ChatCompletionClient) -> None:
    """Close it, from a test that runs event loops of its own."""
    await client.close()


async def ask(client: ChatCompletionClient, way: str, messages: Sequence[Message], **request: Any) -> CreateResult:
    """The answer, by ``create`` or as the last part of ``create_stream``."""
    if way == "create":
        return await client.create(messages, **request)
    return (await read(client, messages, **request))[1]


async def read(
    client: ChatCompletionClient, messages: Sequence[Message], **request: Any
) -> tuple[list[str], CreateResult]:
    """The text parts of a stream, and its last result."""
    parts: list[str] = []
    result: CreateResult | None = None
    async for part in client.create_stream(messages, **request):
        if isinstance(part, str):
            parts.append(part)
        else:
            result = part
    assert result is not None, "the stream ended without a CreateResult"
    return parts, result


async def failing(client: ChatCompletionClient, way: str, messages: Sequence[Message], **request: Any) -> ModelError:
    """The error that the call raises; anything but a ``ModelError`` fails the test as it is."""
    try:
        result = await ask(client, way, messages, **request)
    except ModelError as error:
        return error
    # Nothing of the answer but its type is told: tests of secrets come here too.
    pytest.fail(f"{way} gave a {type(result).__name__} where a ModelError was due")


async def refusal(asked: Awaitable[Any]) -> ModelError | None:
    """The ``ModelError`` that it raises; None when it does not."""
    try:
        await asked
    except ModelError as error:
        return error
    return None


async def until_it_fails(stream: AsyncIterator[str | CreateResult]) -> tuple[list[str | CreateResult], ModelError]:
    """What a stream gave before its ``ModelError``, and the error."""
    parts: list[str | CreateResult] = []
    try:
        async for part in stream:
            parts.append(part)  # noqa: PERF401 - what came before the failure counts
    except ModelError as error:
        return parts, error
    pytest.fail(f"the stream ended as if it were complete, after {len(parts)} parts")


async def off_loop(wait: Callable[..., T], *args: Any) -> T:
    """Wait for the server in a thread, so that the client's loop goes on."""
    return await asyncio.to_thread(wait, *args)


def fields_of(result: CreateResult) -> dict[str, Any]:
    """What of a result must not depend on how it was asked for."""
    names = ("content", "text", "finish_reason", "usage", "model", "thought")
    return {name: getattr(result, name) for name in names}
