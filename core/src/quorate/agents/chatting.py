"""An agent that opens chats with others."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import blocking, call
from quorate.agents.carryover import with_carryover
from quorate.agents.chat import ChatResult, limited, run_chat, typed_by
from quorate.agents.chat_queue import ChatQueue
from quorate.agents.code_running import CodeRunningAgent
from quorate.agents.human_reply import typed_answer
from quorate.agents.nested import SUMMARY, nested_reply
from quorate.agents.opening import check_chat, check_clients, first_message
from quorate.agents.streaming import ChatStream
from quorate.agents.summaries import summary_of
from quorate.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.agents.chat_queue import ChatId, Results
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Trigger
    from quorate.messages import Message
    from quorate.models.cache import Cache
    from quorate.stopping import Condition


NO_MESSAGE: Any = object()
"""In place of a message: the chat goes on where it stands."""


class ChattingAgent(CodeRunningAgent):
    """An agent that opens chats; arguments as :class:`CodeRunningAgent` takes them."""

    _queue: ChatQueue | None = None

    async def a_initiate_chat(
        self,
        /,
        recipient: Agent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: Cache | None = None,
        max_turns: int | None = None,
        summary_method: str | Callable[..., Any] | None = "last_msg",
        summary_args: Mapping[str, Any] | None = None,
        message: str | Message | Callable[..., Any] | None = None,
        stop: Condition | None = None,
        **context: Any,
    ) -> ChatResult:
        """Open a chat with another agent and hold it to its end.

        Args:
            recipient: answers first.
            clear_history: whether both forget their earlier conversation first; False goes on from there.
            silent: whether terminals should stay quiet.
            cache: answers the model calls of this chat that were made before.
            max_turns: how often the recipient may answer; None for no limit.
            summary_method: ``last_msg``, ``reflection_with_llm`` (a model sums up: the recipient's, else this
                agent's), a function ``(sender, recipient, summary_args)``, or None for none.
            summary_args: handed to that function; for the reflection, ``summary_prompt`` and ``summary_role``.
            message: what to say first: text, a message, or a function ``(sender, recipient, context)`` that gives one;
                None asks the person behind this agent.
            stop: when the chat stops, beside what its agents decide: ``turns(20) | tokens(200_000)``; see
                :mod:`quorate.stopping`. A nested chat is held to what is open around it, too.
            **context: handed to that function. ``carryover``, text or a list, is also added to a message that is not
                made by one; see :func:`quorate.agents.carryover.with_carryover`.

        Raises:
            AgentError: the chat cannot be held so; nothing is forgotten then.
            MessageError: the first message is none.
            ConfigError: a configuration names a client class that is not registered.
            ModelsExhausted: no model answered; what was said so far stays in the histories.
        """
        check_chat(
            self,
            recipient,
            max_turns=max_turns,
            stop=stop,
            summary_method=summary_method,
            summary_args=summary_args,
            carryover=context.get("carryover"),
        )
        check_clients(self, recipient)
        typed = typed_by(self, recipient)
        first = None if message is NO_MESSAGE else await first_message(self, recipient, message, context)
        self._prepare(recipient, clear_history=clear_history)
        with cache or nullcontext():
            result = await run_chat(
                self,
                recipient,
                first,
                silent=silent,
                stop=limited(stop, max_turns),
                summarize=lambda: summary_of(summary_method, self, recipient, summary_args),
            )
        result.human_input = typed()
        return result

    initiate_chat = blocking(a_initiate_chat)

    async def a_resume_chat(self, /, recipient: Agent, **options: Any) -> ChatResult:
        """Go on with a chat that was paused, cancelled, stopped or broken by an error: who was to answer answers now.

        Args:
            recipient: the agent that the chat was opened with.
            **options: as :meth:`a_initiate_chat` takes them, but for a message; limits count from here on.

        Raises:
            AgentError: the two have said nothing yet, or the chat cannot be held so.
        """
        if recipient not in self.conversations or not self.conversations[recipient]:
            msg = f"{self.name} has said nothing to {recipient.name} that could go on; open a chat with initiate_chat"
            raise AgentError(msg)
        return await self.a_initiate_chat(recipient, clear_history=False, message=NO_MESSAGE, **options)

    resume_chat = blocking(a_resume_chat)

    async def a_initiate_chats(self, chat_queue: Sequence[Mapping[str, Any]]) -> Results:
        """Hold a queue of chats that this agent opens.

        Args:
            chat_queue: a dict for each chat, with the arguments of :meth:`a_initiate_chat` and these keys:

                - ``carryover``: text or a list. The summaries of the chats it waited for are added to it.
                - ``finished_chat_indexes_to_exclude_from_carryover``: those whose summaries are not.
                - ``chat_id`` and ``prerequisites``: an id of its own, and the ids of the chats it waits for. In a queue
                  with ids, chats that wait for the same run side by side, in blocking code too. Without ids, each chat
                  waits for all before it.

                Neither the list nor the dicts are changed.

        Returns:
            What the chats gave: a list in their order, or for a queue with ids a dict by id.

        Raises:
            AgentError: the queue cannot be held: an id that is missing, unknown or there twice, chats that wait for one
                another, two at a time between the same agents, or an argument that is none. Nothing has happened then.
        """
        queue = self._queue = ChatQueue(chat_queue, self)
        return await queue.hold()

    initiate_chats = blocking(a_initiate_chats)

    def get_chat_results(self, chat_index: ChatId | None = None) -> Results | ChatResult:
        """What the latest queue of chats gave, those that were over when another failed included.

        Args:
            chat_index: which chat, by its place or its id, -1 for the last; None for all.

        Raises:
            AgentError: no such chat is over.
        """
        queue = self._queue
        if chat_index is None:
            return queue.results() if queue is not None else []
        done = queue.finished if queue is not None else {}
        ids = [chat.id for chat in queue.chats] if queue is not None else []
        wanted = chat_index
        if chat_index not in ids and type(chat_index) is int and -len(ids) <= chat_index < 0:
            wanted = ids[chat_index]
        if wanted not in done:
            msg = f"{self.name}: no chat {chat_index!r} of the latest queue is over; those that are: {list(done)}"
            raise AgentError(msg)
        return done[wanted]

    def register_nested_chats(
        self,
        chat_queue: Sequence[Mapping[str, Any]],
        trigger: Trigger,
        reply_func_from_nested_chats: str | Callable[..., Any] = SUMMARY,
        position: int = 2,
        use_async: bool | None = None,
        **kwargs: Any,
    ) -> None:
        """Answer some senders by holding chats with others; the reply is the summary of the last.

        Args:
            chat_queue: the chats, as :meth:`a_initiate_chats` takes them, with two differences: a ``sender`` may open
                a chat in this agent's place, and a ``message`` that is a function is called with this agent, the
                messages to reply to, their sender, and ``config``. The first chat without a message gets the last
                message; others without one are left out.
            trigger: whom they answer, as for :meth:`register_reply`.
            reply_func_from_nested_chats: makes the reply instead: ``(chat_queue, recipient, messages, sender, config)``
                that gives ``(final, reply)``, plain or async.
            position: the place among the reply functions: after the end of the chat was looked for. Wherever it is, a
                message that calls tools is left to an agent's tools.
            use_async: without effect: the same chats are held in blocking and async code.
            **kwargs: ``config``, ``reset_config`` and others that :meth:`register_reply` takes.

        Raises:
            AgentError: the queue cannot be held, or the trigger or the function is none.
        """
        del use_async
        reply = nested_reply(self, chat_queue, reply_func_from_nested_chats)
        self.register_reply(trigger, reply, position, **kwargs)

    def stream_chat(self, recipient: Agent, **arguments: Any) -> ChatStream:
        """Hold a chat, and give its events as they happen: ``for event in ...`` or ``async for event in ...``.

        Args:
            recipient: answers first.
            **arguments: as :meth:`a_initiate_chat` takes them.

        Returns:
            An iterable of :mod:`quorate.events`: parts of text with their speaker, messages, tool calls and results,
            code and its output, what model calls used, and last why the chat ended; its ``result`` is then the chat's.
        """
        return ChatStream(partial(self.a_initiate_chat, recipient, **arguments))

    def _prepare(self, recipient: Agent, *, clear_history: bool) -> None:
        for agent, partner in ((self, recipient), (recipient, self)):
            if isinstance(agent, ChattingAgent):
                agent.prepare_chat(partner, clear_history=clear_history)

    def prepare_chat(self, partner: Agent, *, clear_history: bool) -> None:
        """Make ready for a chat with a partner: answer it, count replies from 0, and forget what was said if asked to.

        Raises:
            ConfigError: a configuration names a client class that is not registered.
        """
        self.check_clients()
        conversation = self.conversations.of(partner)
        conversation.reply_at_receive = True
        conversation.auto_replies = 0
        if clear_history:
            self.clear_history(partner)

    async def a_generate_init_message(
        self, /, message: str | Message | Callable[..., Any] | None, *, recipient: Agent | None = None, **context: Any
    ) -> str | Message:
        """The first message of a chat: given, made by a function, or asked of the person behind this agent.

        Args:
            message: as :meth:`a_initiate_chat` takes it.
            recipient: handed to the function.
            **context: handed to the function; its ``carryover`` is added to a message that is not made by one.
        """
        if callable(message):
            return cast("str | Message", await call("reply", message, self, recipient, context))
        if message is None:
            message = await typed_answer(self, ">")
        return with_carryover(message, context.get("carryover"))

    generate_init_message = blocking(a_generate_init_message)
