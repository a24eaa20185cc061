"""What is said in a group: each message held once, in a log, and what each reader has of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, overload

from quorate.agents.history import Entry, History, entry_for
from quorate.messages import as_message

if TYPE_CHECKING:
    from quorate.messages import Message


class Shared(MutableSequence[Entry]):
    """What one reader has of a group's log: entries of its own, then those of the log from some place on.

    To append is to say something: it goes into the log, where every reader has it at once. All other changes are this
    reader's own affair: what it has of the log so far becomes its own, and what is said later still follows.

    Args:
        log: the group's log, which readers share.
        own: what this reader has besides, before that.
        start: the place in the log; by default its end.
    """

    __slots__ = ("_log", "_own", "_start")

    def __init__(self, log: list[Entry], own: Iterable[Entry] = (), start: int | None = None) -> None:
        self._log = log
        self._own = list(own)
        self._start = len(log) if start is None else start

    def follow(self, log: list[Entry], start: int) -> None:
        """Keep what there is, and follow another log from a place in it; nothing changes for the one followed already."""
        if log is not self._log:
            self._keep()
            self._log, self._start = log, start

    def append(self, value: Entry) -> None:
        """Say something to the whole group; what its author has just put there is not put there again."""
        if not (self._log and self._log[-1] is value):
            self._log.append(value)

    def insert(self, index: int, value: Entry) -> None:
        """Put in an entry that only this reader has."""
        self._keep().insert(index, value)

    def put_before(self, value: Entry) -> None:
        """Put in an entry of this reader's own before what it reads from the log."""
        self._own.append(value)

    def clear(self) -> None:
        """Forget what was said so far."""
        self._own.clear()
        self._start = len(self._log)

    def _keep(self) -> list[Entry]:
        """Make everything so far this reader's own."""
        if self._start < len(self._log):
            self._own += islice(self._log, self._start, None)
            self._start = len(self._log)
        return self._own

    @overload
    def __getitem__(self, index: int) -> Entry: ...
    @overload
    def __getitem__(self, index: slice) -> list[Entry]: ...
    def __getitem__(self, index: int | slice) -> Entry | list[Entry]:
        if index == -1 and self._start < len(self._log):  # what is asked for most, with every message
            return self._log[-1]
        own = len(self._own)
        if isinstance(index, slice):
            first, last, step = index.indices(len(self))
            if step != 1:
                return [*self][index]
            shared = self._log[max(first - own, 0) + self._start : max(last - own, 0) + self._start]
            return self._own[first:last] + shared
        place = index if index >= 0 else index + len(self)
        if 0 <= place < own:
            return self._own[place]
        if place < 0:
            msg = f"index {index} is out of range: there are {len(self)} messages"
            raise IndexError(msg)
        return self._log[place - own + self._start]

    @overload
    def __setitem__(self, index: int, value: Entry) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Iterable[Entry]) -> None: ...
    def __setitem__(self, index: Any, value: Any) -> None:
        self._keep()[index] = value

    def __delitem__(self, index: int | slice) -> None:
        if isinstance(index, slice) and not self._own:
            first, last, step = index.indices(len(self))
            if first == 0 and step == 1:  # the beginning: nothing needs to be kept
                self._start += last
                return
        del self._keep()[index]

    def __len__(self) -> int:
        return len(self._own) + len(self._log) - self._start

    def __bool__(self) -> bool:
        return self._start < len(self._log) or bool(self._own)

    def __iter__(self) -> Iterator[Entry]:
        return chain(self._own, self._log[self._start :] if self._start else self._log)


class GroupMessages(History):
    """A group's messages as nobody in particular sees them: everyone's as ``user``, and each with its speaker's name."""

    __slots__ = ()

    def __init__(self, log: list[Entry], given: Iterable[Message] = ()) -> None:
        super().__init__("", "")
        self.entries = Shared(log, map(self._entry, given))

    def _seen(self, entry: Entry) -> Message:
        return named(entry)

    def _entry(self, value: object) -> Entry:
        message = as_message(value)
        if author := message.get("name"):
            return entry_for(message, author, "program")
        message.setdefault("role", "user")
        return Entry(message, "", "program")


def named(entry: Entry) -> Message:
    """The message with its speaker's name, which the wire format leaves out beside calls."""
    message = entry.message
    if "name" in message or not entry.author:
        return message
    return {**message, "name": entry.author}
