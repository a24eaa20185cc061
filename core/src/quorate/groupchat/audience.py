"""Who hears a group: members read from its log, and those that take messages themselves are handed each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.agents.base import BaseAgent
from quorate.agents.conversable import ConversableAgent
from quorate.agents.history import entry_for
from quorate.agents.hooks import SEND, send_processed
from quorate.agents.turns import ask
from quorate.errors import AgentError
from quorate.groupchat.log import Shared

if TYPE_CHECKING:
    from quorate.agents.conversation import Conversation
    from quorate.agents.history import Entry
    from quorate.agents.protocol import Agent
    from quorate.groupchat.manager import GroupChatManager
    from quorate.messages import Message


class Audience:
    """The members of a manager's group, as listeners.

    A member of ours has the group's messages at once, because its history with the manager reads from the group's log.
    One that takes messages in its own way (another kind of agent, or an overridden ``receive``) is handed each of
    them; so is everyone while the manager has hooks that change what it sends.

    Attributes:
        members: those that listen.
        last_speaker: who said the last message.
        takers: the members that are handed messages, each with how many of the log it was handed.
    """

    def __init__(self, manager: GroupChatManager) -> None:
        self._manager = manager
        self.members: list[Agent] = []
        self.last_speaker: Agent = manager
        self.takers: dict[Agent, int] = {}
        self._log = manager.groupchat.log

    def open(self, missed: int = 0) -> None:
        """See that all who are members now hear what is said from now on.

        Args:
            missed: how many of the latest messages those hear that are new.

        Raises:
            AgentError: the manager is a member of its own group.
        """
        manager, log = self._manager, self._manager.groupchat.log
        since = len(log) - missed
        self.members = list(manager.groupchat.agents)
        if manager in self.members:
            msg = f"{manager.name} manages this group chat and cannot be a member of it"
            raise AgentError(msg)
        before, self.takers = self.takers if self._log is log else {}, {}
        self._log = log
        for member in self.members:
            _read(manager.conversations.of(member), log, since)
            if isinstance(member, BaseAgent) and self._reads(member):
                _read(member.conversations.of(manager), log, since)
                member.conversations.of(manager).silent = manager.quiet  # what it tells while it replies
            else:
                read = isinstance(member, BaseAgent) and _read_no_more(member.conversations.of(manager))
                self.takers[member] = len(log) if read else before.get(member, since)

    def _reads(self, member: BaseAgent) -> bool:
        own = vars(member)
        plain = "receive" not in own and "a_receive" not in own and not self._manager.hook_lists[SEND]
        # A manager's own way to take messages is about what its members say, not about what it hears as a member.
        return plain and type(member).a_receive in (ConversableAgent.a_receive, type(self._manager).a_receive)

    async def introduce(self, text: str) -> None:
        """Tell every member something before what is said from now on; it is no message of the group."""
        entry = entry_for(text, self._manager.name, "program")
        for member in self.members:
            if member in self.takers:
                await self._hand(member, entry)
            elif isinstance(member, BaseAgent):
                entries = member.conversations.of(self._manager).history.entries
                if isinstance(entries, Shared):
                    entries.put_before(entry)

    async def deliver(self) -> None:
        """Hand what was said since the last time to those who take messages themselves."""
        if self.members != self._manager.groupchat.agents:
            self.open(missed=1)
        for member, heard in self.takers.items():
            log = self._log
            for place in range(heard, len(log)):
                if log[place].author != member.name:
                    await self._hand(member, log[place])
                self.takers[member] = place + 1

    async def _hand(self, member: Agent, entry: Entry) -> None:
        manager = self._manager
        message: Message | str = entry.message
        if hooks := manager.hook_lists[SEND]:
            message = await send_processed(manager, hooks, message, member, silent=True)
        await ask(member, member.a_receive, message, manager, request_reply=False, silent=True)


def _read(conversation: Conversation, log: list[Entry], since: int) -> None:
    """Let one side of a conversation read from the log, after what it has already."""
    entries = conversation.history.entries
    if isinstance(entries, Shared):
        entries.follow(log, since)
    else:
        heard = bool(entries and log and entries[-1] is log[-1])  # it said what opens the chat
        conversation.history.entries = Shared(log, entries, len(log) if heard else since)


def _read_no_more(conversation: Conversation) -> bool:
    """Let a side that read from the log go on by itself; whether it did read."""
    entries = conversation.history.entries
    if isinstance(entries, Shared):
        conversation.history.entries = list(entries)
        return True
    return False
