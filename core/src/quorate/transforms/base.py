"""What a message transform is, who reads what it gives, and how several are applied in order."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import Twins, blocking, call
from quorate.errors import AgentError
from quorate.messages import text_of
from quorate.models.budget import prompt_tokens
from quorate.models.counting import estimate_tokens
from quorate.models.usage import count, open_tally

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

    from quorate.messages import Message
    from quorate.models import CreateResult


class Reader:
    """The model that is to read the messages: it counts their tokens, and it can be asked.

    Args:
        client: the model client; None for none, so that tokens are estimated and nobody can be asked.
        beside: messages that go with those that are transformed, before them: the instructions.
        tools: tool schemas that go with them.
        ask: asks the model and gives its text; by default through ``client.create``.
    """

    def __init__(
        self,
        client: Any = None,
        *,
        beside: Sequence[Message] = (),
        tools: Sequence[Mapping[str, Any]] = (),
        ask: Callable[[list[Message]], Awaitable[str]] | None = None,
    ) -> None:
        self.client = client
        self._beside, self._tools = tuple(beside), tuple(tools)
        self._ask = ask

    async def count(self, messages: Sequence[Message]) -> int:
        """The tokens of a request with these messages, and all that goes with them."""
        return await self._counted([*self._beside, *messages], self._tools)

    async def count_alone(self, message: Message) -> int:
        """The tokens of one message by itself."""
        return await self._counted([message], ())

    async def _counted(self, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]]) -> int:
        if self.client is None:
            return estimate_tokens(messages, tools)
        return await prompt_tokens(self.client, None, messages, tools, {})

    async def ask(self, messages: list[Message]) -> str:
        """Have the model write something; what that used is counted, and budgets hold.

        Raises:
            AgentError: there is no model.
            ModelError: it failed.
        """
        if self._ask is not None:
            return await self._ask(messages)
        if self.client is None:
            msg = "a transform asks a model, and there is none; give it a client, or apply it with Reader(client)"
            raise AgentError(msg)
        return await asked(self.client, messages)


async def asked(client: Any, messages: list[Message]) -> str:
    """The text that a model client answers; a client that does not count what it uses is counted for."""
    with open_tally() as used:
        result: CreateResult = await call("model", client.create, messages)
        if not used.total:
            count(result)
    return text_of(result.message.get("content"))


class Transform(Twins):
    """The base of transforms that ask for more than the messages: their tokens, or what a model makes of them.

    A subclass writes ``a_apply_transform``, as kernel code; it gives new messages and leaves those as they are. For any
    other transform a function of the messages is enough.
    """

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """What is to be read of these messages.

        Args:
            messages: the conversation; no list or message of it is changed.
            reader: who reads it; without one tokens are estimated.
        """
        del reader
        return list(messages)

    apply_transform = blocking(a_apply_transform)

    async def a_compact(self, messages: Sequence[Message], reader: Reader) -> list[Message]:
        """The same after a model has said that these are too long for it; by default nothing more is done."""
        del reader
        return list(messages)

    compact = blocking(a_compact)


def checked(transforms: Any, place: str) -> list[Any]:
    """A list of transforms, each of which can be applied.

    Raises:
        AgentError: one is none, or it is no list; says which.
    """
    if isinstance(transforms, str | dict) or not hasattr(transforms, "__iter__"):
        msg = f"{place}: transforms is a list of them, not {transforms!r:.80}"
        raise AgentError(msg)
    listed = list(cast("Iterable[Any]", transforms))
    for index, transform in enumerate(listed):
        if isinstance(transform, type) or not callable(getattr(transform, "apply_transform", transform)):
            msg = (
                f"{place}: transforms[{index}] is a transform (of quorate.transforms), or a function of the messages "
                f"that gives messages, not {transform!r:.80}"
            )
            raise AgentError(msg)
    return listed


async def transformed(
    messages: Sequence[Message], transforms: Iterable[Any], reader: Reader, place: str
) -> Sequence[Message]:
    """The messages as the transforms give them, each with what the one before gave.

    Raises:
        AgentError: one gave something else than a list of messages.
    """
    for transform in transforms:
        given: Any
        if isinstance(transform, Transform):
            given = await transform.a_apply_transform(messages, reader)
        else:
            given = await call("transform", getattr(transform, "apply_transform", transform), list(messages))
        if not isinstance(given, list):
            func = inspect.unwrap(transform) if callable(transform) else transform
            named = getattr(func, "__qualname__", None) or repr(transform)
            msg = f"{place}: the transform {named} gave {given!r:.80}; it must give a list of messages"
            raise AgentError(msg)
        messages = cast("list[Message]", given)
    return messages
