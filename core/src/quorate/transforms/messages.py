"""Limiting a conversation to a number of messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.errors import AgentError
from quorate.transforms.base import Transform
from quorate.transforms.units import joined, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.messages import Message
    from quorate.transforms.base import Reader


@dataclass(frozen=True)
class LimitMessages(Transform):
    """Keeps the last messages.

    Instructions at the beginning stay, and are not counted. Calls stay with their results; the last message stays with
    the calls that it answers, even where these are more than ``max_messages``.

    Args:
        max_messages: how many to keep.
        keep_first_message: whether the first one, which often is the task, is one of them.

    Raises:
        AgentError: ``max_messages`` is no number of messages.
    """

    max_messages: int
    keep_first_message: bool = False

    def __post_init__(self) -> None:
        check_number("LimitMessages.max_messages", self.max_messages)

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The instructions and the last messages."""
        del reader
        head, units = split(messages)
        if len(messages) - len(head) <= self.max_messages:
            return list(messages)
        first = units[:1] if self.keep_first_message and len(units) > 1 else []
        left = self.max_messages - len(joined(first))
        begin = len(units) - 1
        left -= len(units[-1])
        while begin > len(first) and len(units[begin - 1]) <= left:
            begin -= 1
            left -= len(units[begin])
        return [*head, *joined(first, units[begin:])]


def check_number(name: str, value: object) -> None:
    """Refuse what is no number of something.

    Raises:
        AgentError: it is not a whole number, 1 or more.
    """
    if type(value) is not int or value < 1:
        msg = f"{name} is a whole number, 1 or more, not {value!r}"
        raise AgentError(msg)
