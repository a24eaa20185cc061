"""Summing up old turns: a model does so once, and its summary stands in their place."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from quorate.errors import AgentError
from quorate.messages import SystemMessage, text_of
from quorate.transforms.base import Reader, Transform, asked
from quorate.transforms.messages import check_number
from quorate.transforms.units import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from quorate.messages import Message

DEFAULT_PROMPT = (
    "Sum up this part of a conversation for those who go on with it: what was asked for, what was found and decided, what "
    "is open. Keep names, numbers and file names as they are. Give the summary alone."
)
BEGINNING = "What was said before, summed up:\n"
"""What the message that has the summary begins with."""

_REMEMBERED = 100
"""Summaries that one transform remembers, of as many conversations or stages of one."""


class SummarizeOld(Transform):
    """Has a model sum up the older messages when a conversation has become long; the summary stands in their place.

    A summary is remembered, and used as long as the conversation begins with what it sums up. When there are too many
    messages again, the summary and what came after it are summed up, so each message is read for this once. What it
    costs counts as the agent's own calls do.

    Args:
        max_messages: with more than so many, the older ones are summed up; None to do so only after a model said that
            the conversation is too long for it.
        keep: how many of the last messages stay as they are; more, where the first of these answers calls.
        client: the model client that sums up; by default the one that reads the conversation.
        prompt: what it is asked to do.

    Raises:
        AgentError: a number is none, or ``keep`` is not below ``max_messages``.
    """

    def __init__(
        self, max_messages: int | None = 40, keep: int = 10, *, client: Any = None, prompt: str = DEFAULT_PROMPT
    ) -> None:
        check_number("SummarizeOld.keep", keep)
        if max_messages is not None:
            check_number("SummarizeOld.max_messages", max_messages)
            if keep >= max_messages - 1:
                msg = f"SummarizeOld.keep ({keep}) leaves nothing to sum up of max_messages ({max_messages}); make it smaller"
                raise AgentError(msg)
        self.max_messages, self.keep, self.client, self.prompt = max_messages, keep, client, prompt
        self._summaries: dict[int, str] = {}
        self._lock = threading.Lock()

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The instructions, a summary of the older messages, and the last ones.

        Raises:
            AgentError: there is no model to ask.
            ModelError: the model failed.
        """
        return await self._summed(messages, reader or Reader(), self.max_messages)

    async def a_compact(self, messages: Sequence[Message], reader: Reader) -> list[Message]:
        """The same, whatever the number of messages."""
        return await self._summed(messages, reader, self.keep)

    async def _summed(self, messages: Sequence[Message], reader: Reader, most: int | None) -> list[Message]:
        head, units = split(messages)
        ends = list(_ends(units))
        marks = list(_marks([message for unit in units for message in unit]))
        known, told = self._remembered(reversed(ends[:-1]), marks)
        rest = messages[len(head) :]
        if most is not None and len(rest) - known + bool(told) > most:
            end = max((end for end in ends if end <= len(rest) - self.keep), default=0)
            if end > known:
                told = await self._ask(reader, [*told, *rest[known:end]])
                self._remember(marks[end - 1], told)
                known = end
        return [*head, *told, *rest[known:]]

    async def _ask(self, reader: Reader, messages: Sequence[Message]) -> list[Message]:
        """The message that has the summary of these."""
        request: list[Message] = [SystemMessage(self.prompt), {"role": "user", "content": transcript(messages)}]
        text = await (reader.ask(request) if self.client is None else asked(self.client, request))
        return [{"role": "user", "content": BEGINNING + text}]

    def _remembered(self, ends: Iterable[int], marks: Sequence[int]) -> tuple[int, list[Message]]:
        """The longest beginning that was summed up: how many messages it has, and the message that has its summary."""
        for end in ends:
            if (text := self._summaries.get(marks[end - 1])) is not None:
                return end, [{"role": "user", "content": text}]
        return 0, []

    def _remember(self, mark: int, told: list[Message]) -> None:
        with self._lock:
            if len(self._summaries) >= _REMEMBERED:
                del self._summaries[next(iter(self._summaries))]
            self._summaries[mark] = text_of(told[0].get("content"))


def transcript(messages: Sequence[Message]) -> str:
    """A conversation as one text, with the speakers' names, calls and results."""
    return "\n\n".join(
        f"{message.get('name') or message.get('role')}: {' '.join(_said(message))}" for message in messages
    )


def _said(message: Message) -> Iterator[str]:
    if text := text_of(message.get("content")):
        yield text
    asked_for: list[Any] = [one.get("function") for one in message.get("tool_calls") or ()]
    for function in [*asked_for, message.get("function_call")]:
        if function:
            yield f"(calls {function.get('name')} with {function.get('arguments')})"


def _ends(units: Sequence[Sequence[Message]]) -> Iterator[int]:
    """After how many messages each unit ends."""
    end = 0
    for unit in units:
        end += len(unit)
        yield end


def _marks(messages: Sequence[Message]) -> Iterator[int]:
    """A number for each beginning of a conversation: equal beginnings have equal numbers, in this process."""
    mark = 0
    for message in messages:
        content: Any = message.get("content")
        calls = message.get("tool_calls") or message.get("function_call") or message.get("tool_responses")
        # The hash of a text is kept with it, so that long ones are read once.
        shown = content if isinstance(content, str) else repr(content)
        mark = hash((mark, message.get("role"), message.get("name"), shown, repr(calls) if calls else None))
        yield mark
