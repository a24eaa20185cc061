"""What one agent keeps about its conversation with another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from quorate.agents.history import History

if TYPE_CHECKING:
    from quorate.agents.protocol import Agent
    from quorate.messages import Source
    from quorate.stopping import StopReason


@dataclass(slots=True)
class Made:
    """What is known of a reply between its making and its sending: the message itself does not say."""

    source: Source = "function"
    streamed: bool = False
    stop: StopReason | None = None


class Conversation:
    """One side of a conversation.

    Attributes:
        history: the messages, as this side sees them.
        auto_replies: replies made in a row without a person.
        max_auto_replies: how many of those may be made; None follows the agent's own limit.
        reply_at_receive: whether a received message is answered without being asked to.
        silent: whether terminals should stay quiet about it.
    """

    __slots__ = ("_made", "auto_replies", "history", "max_auto_replies", "reply_at_receive", "silent")

    def __init__(self, owner: str, other: str) -> None:
        self.history = History(owner, other)
        self.auto_replies = 0
        self.max_auto_replies: int | None = None
        self.reply_at_receive = False
        self.silent = False
        self._made: Made | None = None

    @property
    def made(self) -> Made:
        """What is known of the reply being made; without one, of the program's next message."""
        if self._made is None:
            self._made = Made(source="program")
        return self._made

    def begin(self) -> Made:
        """A reply is being made: keep a fresh note of it."""
        made = self._made = Made()
        return made

    def sent(self) -> Made:
        """A message goes out, or none does: what is known of it; the next one without a note is the program's."""
        made, self._made = self._made, None
        return Made(source="program") if made is None else made

    def forget(self) -> None:
        """Be as before the first message; limits stay."""
        self.history.clear()
        self.auto_replies = 0
        self.reply_at_receive = self.silent = False
        self.sent()


class Conversations(Mapping["Agent", History]):
    """An agent's conversations by partner, seen as their histories; asking for a new partner opens one."""

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self._all: dict[Agent, Conversation] = {}

    def of(self, partner: Agent) -> Conversation:
        """The conversation with a partner."""
        found = self._all.get(partner)
        if found is None:
            found = self._all[partner] = Conversation(self._owner, partner.name)
        return found

    def held(self, partner: Agent) -> Conversation | None:
        """The conversation with a partner, if there is one."""
        return self._all.get(partner)

    def chosen(self, partner: Agent | None) -> list[Conversation]:
        """The conversation with a partner, or all of them for None."""
        return list(self._all.values()) if partner is None else [self.of(partner)]

    def __getitem__(self, partner: Agent) -> History:
        return self.of(partner).history

    def __iter__(self) -> Iterator[Agent]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, partner: object) -> bool:
        return partner in self._all
