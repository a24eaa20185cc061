"""Histories: what two agents said to each other, each message held once and seen from either side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, cast, overload

from quorate.messages import as_message

if TYPE_CHECKING:
    from quorate.messages import Message, Source


class Entry(NamedTuple):
    """One message of a conversation.

    Attributes:
        message: the message as its reader sees it (what another agent said has the role ``user``).
        author: the name of the agent that said it.
        source: who made it.
    """

    message: Message
    author: str
    source: Source


def entry_for(value: object, author: str, source: Source) -> Entry:
    """A message made ready for a history: with its role, and the author's name where the wire format allows it.

    Raises:
        MessageError: it is not a message.
    """
    if isinstance(value, str):  # most are, and need no look at what else they hold
        return Entry({"content": value, "role": "user", "name": author}, author, source)
    message = as_message(value)
    if message.get("tool_calls") or message.get("function_call"):
        message["role"] = "assistant"
    elif message.get("tool_responses") and "role" not in message:
        message["role"] = "tool"
    elif message.get("role") not in ("tool", "function"):
        message["role"] = "user"
        message.setdefault("name", author)
    return Entry(message, author, source)


def _answers_calls(message: Message) -> bool:
    return message.get("role") in ("tool", "function") or "tool_responses" in message


class Reading(list["Message"]):
    """Messages made from a history for one reply, as hooks do; ``last_source`` says who made the last one."""

    __slots__ = ("last_source",)

    last_source: Source | None

    def __init__(self, messages: Iterable[Message], last_source: Source | None) -> None:
        super().__init__(messages)
        self.last_source = last_source


class History(MutableSequence["Message"]):
    """A conversation as one of its agents sees it: a list of messages with that agent's own as ``assistant``.

    Messages are shared between the agents of a conversation and must not be changed in place; replacing,
    inserting and deleting is this agent's own affair.
    """

    __slots__ = ("_other", "_owner", "entries")

    def __init__(self, owner: str, other: str, entries: Iterable[Entry] = ()) -> None:
        self._owner = owner
        self._other = other
        self.entries: MutableSequence[Entry] = list(entries)  # a member of a group shares it with the others

    def _seen(self, entry: Entry) -> Message:
        message = entry.message
        if entry.author == self._owner and message.get("role") == "user":
            return {**message, "role": "assistant"}
        return message

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> list[Message]: ...
    def __getitem__(self, index: int | slice) -> Message | list[Message]:
        if isinstance(index, slice):
            return [self._seen(entry) for entry in self.entries[index]]
        return self._seen(self.entries[index])

    def _entry(self, value: object) -> Entry:
        message = as_message(value)
        role = message.get("role")
        if role in ("system", "developer"):  # nobody said it: it is kept as it is
            return Entry(message, "", "program")
        return entry_for(message, self._owner if role == "assistant" else self._other, "program")

    def __setitem__(self, index: int | slice, value: Any) -> None:
        if isinstance(index, slice):
            self.entries[index] = [self._entry(one) for one in value]
        else:
            self.entries[index] = self._entry(value)

    def __delitem__(self, index: int | slice) -> None:
        del self.entries[index]

    def insert(self, index: int, value: Message) -> None:
        """Put a message of the program's own before the one at ``index``."""
        self.entries.insert(index, self._entry(value))

    def clear(self) -> None:
        """Forget everything."""
        self.entries.clear()

    def keep_last(self, count: int) -> None:
        """Forget all but the last messages, and more of those where the first would answer calls that are forgotten."""
        first = max(len(self.entries) - count, 0)
        while 0 < first < len(self.entries) and _answers_calls(self.entries[first].message):
            first -= 1
        del self.entries[:first]

    @property
    def last_source(self) -> Source | None:
        """Who made the last message; None when there is none."""
        return self.entries[-1].source if self.entries else None

    def copy(self) -> list[Message]:
        """The messages as a list of their own."""
        return list(self)

    __copy__ = copy

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Message]:
        return map(self._seen, self.entries)

    def __add__(self, other: Iterable[Message]) -> list[Message]:
        return [*self, *other]

    def __radd__(self, other: Iterable[Message]) -> list[Message]:
        return [*other, *self]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(cast("Sequence[object]", other))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))
