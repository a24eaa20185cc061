"""What every agent of ours has: a name, a kernel, histories, and messages in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import Twins, blocking, perform
from quorate.agents.conversation import Conversations
from quorate.agents.history import Entry, History, entry_for
from quorate.agents.hooks import HOOKABLE, SEND, Hook, hook_list, send_processed
from quorate.agents.templates import spoken
from quorate.agents.turns import answer_each_other
from quorate.errors import AgentError
from quorate.events import MessageSent
from quorate.kernel import default_kernel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.agents.interrupting import RunningChat
    from quorate.agents.protocol import Agent
    from quorate.kernel import Kernel
    from quorate.messages import Message, Source


class BaseAgent(Twins):
    """An agent that keeps histories and delivers messages.

    Args:
        name: unique among the agents of a conversation.
        description: what the agent is for, as others are told.
        silent: overrides ``silent`` of every call; None leaves it to them.
        kernel: finds clients, executors and reply functions, and has the observers; the default one by default.

    Raises:
        AgentError: the name is empty or not text.
    """

    def __init__(
        self, name: str, description: str = "", *, silent: bool | None = None, kernel: Kernel | None = None
    ) -> None:
        if not str(name).strip() or str(name) != name:
            msg = f"an agent's name is text, and not blank: {name!r}"
            raise AgentError(msg)
        self._name = name
        self.description = description
        self.silent = silent
        self.kernel = default_kernel() if kernel is None else kernel
        self.conversations = Conversations(name)
        self.running_chats: list[RunningChat] = []
        self.hook_lists: dict[str, list[Hook]] = {method: [] for method in HOOKABLE}

    @property
    def name(self) -> str:
        """The agent's name."""
        return self._name

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._name!r}>"

    # -- messages in and out

    async def a_send(
        self, message: Message | str, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Send a message.

        Args:
            message: text, or a message.
            recipient: takes it.
            request_reply: whether the recipient answers; None leaves it to whether the two are in a chat.
            silent: whether terminals should stay quiet about it.

        Raises:
            MessageError: it is not a message.
        """
        conversation = self.conversations.of(recipient)
        conversation.silent = bool(silent)
        made = conversation.sent()
        if not isinstance(message, str):
            message = await spoken(message)
        if hooks := self.hook_lists[SEND]:
            quiet = conversation.silent if self.silent is None else self.silent
            message = await send_processed(self, hooks, message, recipient, silent=quiet)
        entry = entry_for(message, self._name, made.source)
        conversation.history.entries.append(entry)
        if self.kernel.observers:
            self.tell(
                MessageSent,
                recipient,
                recipient=recipient.name,
                message=entry.message,
                source=made.source,
                streamed=made.streamed,
            )
        if isinstance(recipient, Twins):  # `turns.ask`, without the way there: this is done for every message
            await recipient.a_receive(entry.message, self, request_reply=request_reply, silent=silent)
        else:
            await perform(recipient.a_receive, entry.message, self, request_reply=request_reply, silent=silent)

    send = blocking(a_send)

    async def a_receive(
        self, message: Message | str, sender: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Take a message, and answer it when asked to; arguments as in :meth:`a_send`."""
        conversation = self.conversations.of(sender)
        conversation.silent = bool(silent)
        conversation.history.entries.append(self._entry(message, sender))
        if request_reply or (request_reply is None and conversation.reply_at_receive):
            await answer_each_other(self, sender, silent=silent)

    receive = blocking(a_receive)

    def _entry(self, message: Message | str, sender: Agent) -> Entry:
        """The sender's own entry when this is what it just sent, so that a message is held once."""
        if isinstance(sender, BaseAgent) and (side := sender.conversations.held(self)) is not None:
            entries = side.history.entries
            if entries and entries[-1].message is message:
                return entries[-1]
        return entry_for(message, sender.name, "function")

    async def a_generate_reply(
        self, /, messages: Sequence[Message] | None = None, sender: Agent | None = None, **kwargs: Any
    ) -> str | Message | None:
        """Give a reply, or None to end the conversation; this agent only listens."""
        del messages, sender, kwargs
        return None

    def stop_reply_at_receive(self, sender: Agent | None = None) -> None:
        """Answer what one partner sends, or any, only when asked to."""
        for conversation in self.conversations.chosen(sender):
            conversation.reply_at_receive = False

    def made_by(self, source: Source, sender: Agent | None) -> None:
        """Keep who made the reply to a sender, for when it is sent."""
        if sender is not None:
            self.conversations.of(sender).made.source = source

    def register_hook(self, hookable_method: str, hook: Hook) -> None:
        """Have a function look at, or change, what this agent reads or says; plain or async, in either kind of chat.

        Hooks of one method run in the order of their registration, each with what the one before gave:

        - ``process_last_received_message``: takes the content of the last message, gives the content to reply to.
          Not asked about a message that is ``exit``, has no content, calls a function, or has a ``context``.
        - ``process_all_messages_before_reply``: runs after that; takes a list of all messages, gives the list to
          reply to. Neither changes the history.
        - ``process_message_before_send``: takes ``sender``, ``message``, ``recipient`` and ``silent`` by keyword,
          gives the message to send; what it gives is what was said.

        Args:
            hookable_method: one of these names; with ``a_`` before it, it means the same.
            hook: the function. What it is handed is a copy, one level deep, that it may change and give back.

        Raises:
            AgentError: no such method, not a function, or a hook that is there already.
        """
        hook_list(self._name, self.hook_lists, hookable_method, hook).append(hook)

    # -- interruptions

    def pause(self) -> None:
        """End the chats that this agent holds now, each when the message under way is said; from any thread.

        A chat is held by the agent that opened it and the one that it opened it with; a group chat by its manager.
        ``initiate_chat(clear_history=False)`` and ``resume_chat`` go on from there.
        """
        for chat in tuple(self.running_chats):
            chat.pause(self._name)

    def cancel(self) -> None:
        """End the chats that this agent holds now at once, from any thread; the message under way is not said.

        A model call under way is broken off, and so is all else that is asynchronous. A plain function in a blocking
        chat is not: a prompt, a tool. The chat ends when it is done.
        """
        for chat in tuple(self.running_chats):
            chat.cancel(self._name)

    # -- what was said

    @property
    def chat_messages(self) -> Mapping[Agent, History]:
        """The histories by partner, live; asking for a new partner opens an empty one."""
        return self.conversations

    def messages_from(self, sender: Agent | None) -> Sequence[Message]:
        """The history with a sender; empty when there is none."""
        return self.conversations[sender] if sender is not None else []

    def last_message(self, agent: Agent | None = None) -> Message | None:
        """The last message with a partner; with one partner only, it need not be named. None when there is none.

        Raises:
            AgentError: several partners and none named, or one that this agent never talked with.
        """
        if agent is None and len(self.conversations) > 1:
            names = ", ".join(sorted(partner.name for partner in self.conversations))
            msg = f"{self.name} talked with several agents; say whose last message is meant: {names}"
            raise AgentError(msg)
        if agent is not None and agent not in self.conversations:
            msg = f"{self.name} never talked with {agent.name}"
            raise AgentError(msg)
        histories = [conversation.history for conversation in self.conversations.chosen(agent)]
        return histories[0][-1] if histories and histories[0] else None

    def chat_messages_for_summary(self, agent: Agent) -> Sequence[Message]:
        """What a summary of the chat with an agent is made of: their history."""
        return self.conversations[agent]

    def clear_history(self, recipient: Agent | None = None, nr_messages_to_preserve: int | None = None) -> None:
        """Forget what was said with one partner, or with all; the partner keeps its own side.

        Args:
            recipient: the partner; None for all.
            nr_messages_to_preserve: how many of the last messages to keep with each; more are kept where the first of
                them answers calls, which stay with it. None for none.

        Raises:
            AgentError: no such number of messages.
        """
        kept = 0 if nr_messages_to_preserve is None else nr_messages_to_preserve
        if type(kept) is not int or kept < 0:
            msg = f"nr_messages_to_preserve is a whole number, 0 or more, or None for none, not {kept!r}"
            raise AgentError(msg)
        for conversation in self.conversations.chosen(recipient):
            conversation.history.keep_last(kept)

    # -- events

    def tell(self, event: Any, partner: Agent | None, **fields: Any) -> None:
        """Tell the kernel's observers of an event of this type, about the conversation with a partner."""
        observers = self.kernel.observers
        if observers:
            silent = self.silent
            if silent is None:
                silent = partner is not None and self.conversations.of(partner).silent
            observers.tell(event(agent=self._name, silent=silent, **fields))
