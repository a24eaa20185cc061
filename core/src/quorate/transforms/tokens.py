"""Limiting the tokens of a conversation, and of each message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.errors import AgentError
from quorate.models.counting import estimate_tokens
from quorate.transforms.base import Reader, Transform
from quorate.transforms.cutting import cut, longest
from quorate.transforms.messages import check_number
from quorate.transforms.units import joined, split

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from quorate.messages import Message

_REMEMBERED = 1_000
"""Messages of which it is remembered where they are cut, so that a tokenizer elsewhere is not asked again."""


@dataclass(frozen=True)
class LimitTokens(Transform):
    """Leaves out the oldest messages, and the ends of long ones, until the tokens that are left are few enough.

    The model client that reads the messages counts (``count_tokens``): its tools, the agent's instructions and images
    included. Instructions stay, calls stay with their results, and the last message stays with the calls that it answers;
    where these alone have too many tokens, the ends of their texts are left out.

    Args:
        max_tokens: how many the whole request may have; None for no limit.
        max_tokens_per_message: how many the text of each message may have; None for no limit.
        min_tokens: nothing is left out of a request that has fewer.
        keep_first_message: whether the first message, which often is the task, stays as long as that is possible.

    Raises:
        AgentError: a limit is no number of tokens, or there is none.
    """

    max_tokens: int | None = None
    max_tokens_per_message: int | None = None
    min_tokens: int | None = None
    keep_first_message: bool = False
    _cuts: dict[tuple[int, int], tuple[object, int]] = field(
        default_factory=dict[tuple[int, int], tuple[object, int]], repr=False, compare=False
    )

    def __post_init__(self) -> None:
        for name in ("max_tokens", "max_tokens_per_message", "min_tokens"):
            if getattr(self, name) is not None:
                check_number(f"LimitTokens.{name}", getattr(self, name))
        if self.max_tokens is None and self.max_tokens_per_message is None:
            msg = "LimitTokens limits nothing; give max_tokens, max_tokens_per_message, or both"
            raise AgentError(msg)

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """What has few enough tokens."""
        reader = reader or Reader()
        if self.min_tokens is not None and await reader.count(messages) < self.min_tokens:
            return list(messages)
        if self.max_tokens_per_message is not None:
            messages = [await self._cut(message, self.max_tokens_per_message, reader) for message in messages]
        if self.max_tokens is None:
            return list(messages)
        return await fitting(messages, self.max_tokens, reader.count, keep_first=self.keep_first_message)

    async def _cut(self, message: Message, limit: int, reader: Reader) -> Message:
        """A message with as much of the beginning of its text as may be."""
        if message.get("role") in ("system", "developer") or estimate_tokens([_bare(message)]) <= limit:
            return message  # an estimate is on the high side
        key = (hash(str(message.get("content"))), id(reader.client))
        known = self._cuts.get(key)
        if known is None:
            if len(self._cuts) >= _REMEMBERED:
                self._cuts.clear()
            known = reader.client, await _length(message, limit, reader)  # held, so that no other client gets its id
            self._cuts[key] = known
        return cut(message, known[1])


def _bare(message: Message) -> Message:
    """A message with nothing but its text."""
    return cut({"role": "user", "content": message.get("content") or ""}, longest([message]), images=False)


async def _length(message: Message, limit: int, reader: Reader) -> int:
    """How many characters of a message's text have so many tokens, or somewhat fewer."""
    length = longest([message])
    bare = _bare(message)
    while length and (counted := await reader.count_alone(cut(bare, length))) > limit:
        length = min(length - 1, int(length * limit / counted))
    return length


async def fitting(
    messages: Sequence[Message],
    limit: int,
    count: Callable[[Sequence[Message]], Awaitable[int]],
    *,
    keep_first: bool = False,
) -> list[Message]:
    """What is left of messages so that they have so many tokens at most, or as few as is possible.

    Args:
        messages: the conversation.
        limit: how many tokens.
        count: counts them.
        keep_first: whether the first message stays as long as that is possible.
    """
    if await count(messages) <= limit:
        return list(messages)
    head, units = split(messages)
    for first in (units[:1], []) if keep_first and len(units) > 1 else ([],):
        rest = units[len(first) :]

        async def fits(begin: int, first: Any = first, rest: Any = rest) -> bool:
            return await count([*head, *joined(first, rest[begin:])]) <= limit

        begin = await _least(fits, 1, len(rest) - 1)
        if begin is not None:
            return [*head, *joined(first, rest[begin:])]
    last = units[-1] if units else []

    async def too_long(less: int) -> bool:
        return await count([*head, *(cut(message, most - less) for message in last)]) <= limit

    most = longest(last)
    less = await _least(too_long, 0, most)
    return [*head, *(cut(message, most - (most if less is None else less)) for message in last)]


async def _least(holds: Callable[[int], Awaitable[bool]], low: int, high: int) -> int | None:
    """The least number for which something holds that also holds for all greater ones; None where it holds for none."""
    if high < low or not await holds(high):
        return None
    step = 1
    while low < high:  # from above: what is left of a long conversation is counted, not what is left out
        if not await holds(probe := max(low, high - step)):
            low = probe + 1
            break
        high, step = probe, 2 * step
    while low < high:
        middle = (low + high) // 2
        if await holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
