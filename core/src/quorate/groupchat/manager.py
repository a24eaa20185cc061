"""The manager of a group chat: an agent that holds it, and gives each member its turn."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from quorate._drive import blocking
from quorate.agents.base import BaseAgent
from quorate.agents.chatting import ChattingAgent
from quorate.agents.conversable import ConversableAgent
from quorate.agents.protocol import Agent
from quorate.agents.replies import registered
from quorate.errors import AgentError, ConfigError
from quorate.groupchat import forgetting, resuming
from quorate.groupchat.audience import Audience
from quorate.groupchat.deciding import client_of
from quorate.groupchat.group import GroupChat
from quorate.groupchat.running import a_run_chat
from quorate.kernel import unregistered_class

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.history import History
    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message


class GroupChatManager(ConversableAgent):
    """Holds a group chat: ``member.initiate_chat(manager, message=...)`` opens it.

    Args:
        groupchat: the group.
        name: unique among the agents.
        max_consecutive_auto_reply: how many group chats it holds in a row; without limit by default.
        human_input_mode: when a person is asked, should no member be left to speak for it.
        system_message: instructions to its model, where it is asked to sum up a chat.
        silent: whether terminals stay quiet about the chat; None leaves it to the one that opens it.
        **kwargs: as :class:`ConversableAgent` takes them. ``llm_config`` is the model that chooses speakers, and has no
            tools. The kernel is that of the first member by default.

    Attributes:
        groupchat: the group.

    Raises:
        AgentError: it is no group, or the model has tools.
    """

    def __init__(
        self,
        groupchat: GroupChat,
        name: str = "chat_manager",
        max_consecutive_auto_reply: int | None = sys.maxsize,
        human_input_mode: HumanInputMode = "NEVER",
        system_message: str | None = "Group chat manager.",
        silent: bool | None = None,
        **kwargs: Any,
    ) -> None:
        if not isinstance(groupchat, GroupChat):  # pyright: ignore[reportUnnecessaryIsInstance] - programs are not typed
            msg = f"{name}: groupchat is a GroupChat, not {type(groupchat).__name__}"
            raise AgentError(msg)
        kernels = (agent.kernel for agent in groupchat.agents if isinstance(agent, BaseAgent))
        kwargs.setdefault("kernel", next(kernels, None))
        super().__init__(
            name,
            system_message,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            silent=silent,
            **kwargs,
        )
        if getattr(self.client, "tools", ()):
            msg = f"{name}: its model chooses speakers and calls no tools; give tools and functions to members"
            raise AgentError(msg)
        self.groupchat = groupchat
        self.opener: Agent | None = None
        self.introduced = False
        self.audience = Audience(self)
        self.audience.open()
        self.replies.insert(0, registered(Agent, type(self).a_run_chat))

    @property
    def last_speaker(self) -> Agent:
        """Who said the last message; the manager itself before the first."""
        return self.audience.last_speaker

    @property
    def quiet(self) -> bool:
        """Whether terminals stay quiet about the chat that is held."""
        if self.silent is not None or self.opener is None:
            return bool(self.silent)
        return self.conversations.of(self.opener).silent

    def check_clients(self) -> None:
        """See that every client class that its members' configurations name, and its own, is registered.

        Raises:
            ConfigError: one is not; says which, and how to register it.
        """
        super().check_clients()
        client = client_of(self.groupchat, self)
        for config in client.configs if client is not None and client is not self.client else ():
            if missing := self.kernel.missing_client_classes([config]):
                raise ConfigError(unregistered_class(config, missing))

    def prepare_chat(self, partner: Agent, *, clear_history: bool) -> None:
        """Make the members ready, too; and forget what was said in the group if asked to."""
        super().prepare_chat(partner, clear_history=clear_history)
        for member in self.groupchat.agents:
            if isinstance(member, ChattingAgent) and member is not partner:
                member.prepare_chat(self, clear_history=clear_history)
        if clear_history:
            self.forget_chat()
        self.audience.open()

    def forget_chat(self) -> None:
        """Forget what was said in the group, and have the members forget it."""
        for member in self.groupchat.agents:
            self.conversations.of(member).history.clear()
            if isinstance(member, BaseAgent):
                member.conversations.of(self).history.clear()
        self.groupchat.reset()
        self.groupchat.log = []
        self.groupchat.messages = []
        self.introduced = False
        self.audience.open()

    async def a_receive(
        self, message: Message | str, sender: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Take a message, and hold the group chat when asked to; arguments as in :meth:`a_send`."""
        log = self.groupchat.log
        if request_reply is False and log and log[-1].message is message:  # a member said it, so all have it
            self.conversations.of(sender).silent = bool(silent)
        else:
            await super().a_receive(message, sender, request_reply, silent)

    def reset(self) -> None:
        """Be as new: nothing said, counted or used; and so is the group."""
        super().reset()
        self.forget_chat()
        self.audience.last_speaker = self

    def chat_messages_for_summary(self, agent: Agent) -> History | Sequence[Message]:
        """What a chat with this manager is summed up from: the messages of the group."""
        del agent
        return self.groupchat.messages

    a_run_chat = a_run_chat
    run_chat = blocking(a_run_chat)
    a_resume = resuming.a_resume
    resume = blocking(a_resume)

    def clear_agents_history(self, reply: Message, groupchat: GroupChat) -> str:
        """Do what ``CLEAR HISTORY [member] [number]`` in a message says, and give its text without the command."""
        return forgetting.clear_agents_history(reply, groupchat)

    def messages_to_string(self, messages: Sequence[Message]) -> str:
        """Messages as JSON, for :meth:`resume`."""
        return resuming.messages_to_string(messages)

    def messages_from_string(self, message_string: str) -> list[Message]:
        """The messages that :meth:`messages_to_string` wrote.

        Raises:
            AgentError: it is not JSON, or no list of messages.
            MessageError: something in it is no message.
        """
        return resuming.messages_from_string(message_string)
