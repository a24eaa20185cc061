"""An agent that opens chats with others."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import blocking, call
from quorate.agents.chat import ChatResult, check_options, limited, run_chat, summary_of, typed_by
from quorate.agents.code_running import CodeRunningAgent
from quorate.agents.streaming import ChatStream

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents.protocol import Agent
    from quorate.messages import Message
    from quorate.models.cache import Cache
    from quorate.stopping import Condition


class ChattingAgent(CodeRunningAgent):
    """An agent that opens chats; arguments as :class:`CodeRunningAgent` takes them."""

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
            summary_method: ``last_msg``, a function ``(sender, recipient, summary_args)``, or None for none.
            summary_args: handed to that function.
            message: what to say first: text, a message, or a function ``(sender, recipient, context)`` that gives one;
                None asks the person behind this agent.
            stop: when the chat stops, beside what its agents decide: ``turns(20) | tokens(200_000)``; see
                :mod:`quorate.stopping`. A nested chat is held to what is open around it, too.
            **context: handed to that function.

        Raises:
            AgentError: ``max_turns``, ``summary_method`` or ``stop`` is none.
            ConfigError: a configuration names a client class that is not registered.
            ModelsExhausted: no model answered; what was said so far stays in the histories.
        """
        check_options(max_turns, summary_method, stop)
        self._prepare(recipient, clear_history=clear_history)
        typed = typed_by(self, recipient)
        first = await self.a_generate_init_message(message, recipient=recipient, **context)
        with cache or nullcontext():
            result = await run_chat(
                self,
                recipient,
                first,
                silent=silent,
                stop=limited(stop, max_turns),
                summarize=lambda: summary_of(summary_method, self, recipient, dict(summary_args or {})),
            )
        result.human_input = typed()
        return result

    initiate_chat = blocking(a_initiate_chat)

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
        """The first message of a chat: given, made by a function, or asked of the person behind this agent."""
        if message is None:
            return await self.a_get_human_input(">")
        if callable(message):
            return cast("str | Message", await call("reply", message, self, recipient, context))
        return message

    generate_init_message = blocking(a_generate_init_message)
