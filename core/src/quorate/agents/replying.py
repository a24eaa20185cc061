"""An agent that answers by asking its reply functions in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard, cast

from quorate._drive import blocking, call
from quorate.agents.base import BaseAgent
from quorate.agents.hooks import ALL, LAST, all_processed, last_processed
from quorate.agents.replies import Registered, Replies, registered
from quorate.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quorate.agents.protocol import Agent
    from quorate.agents.replies import ReplyFunction, Trigger
    from quorate.kernel import Kernel
    from quorate.messages import Message


class ReplyingAgent(BaseAgent):
    """An agent with reply functions, and nothing else: a model, tools and people come with them.

    Args:
        name: unique among the agents of a conversation.
        description: what the agent is for.
        default_auto_reply: what to say when no reply function answers; empty says nothing.
        silent: overrides ``silent`` of every call.
        kernel: finds reply functions by name; the default kernel by default.
    """

    def __init__(
        self,
        name: str,
        description: str = "",
        *,
        default_auto_reply: str | Message = "",
        silent: bool | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        super().__init__(name, description, silent=silent, kernel=kernel)
        self.default_auto_reply = default_auto_reply
        self.replies = Replies()

    def register_reply(
        self,
        trigger: Trigger,
        reply_func: ReplyFunction | str,
        position: int = 0,
        config: Any = None,
        reset_config: Callable[[Any], Any] | None = None,
        *,
        ignore_async_in_sync_chat: bool = False,
        remove_other_reply_funcs: bool = False,
    ) -> None:
        """Add a reply function; the latest is asked first unless ``position`` says otherwise.

        Args:
            trigger: whom it answers: an agent, a class, a name, a function of the sender, or a list of these; None in
                a list answers when there is no sender.
            reply_func: ``(recipient, messages, sender, config) -> (final, reply)``, plain or async, or the name of one
                that a plugin offers. ``(False, None)`` passes on to the next.
            position: its place in the order; 0 is first.
            config: handed to it; a shallow copy is kept, which :meth:`reset` restores.
            reset_config: called with the config by :meth:`reset` instead.
            ignore_async_in_sync_chat: without effect: async functions answer in blocking chats too.
            remove_other_reply_funcs: whether to take out all others first.

        Raises:
            AgentError: the trigger is none.
            UnknownName: no plugin offers a reply function of this name.
        """
        del ignore_async_in_sync_chat
        func = self.kernel.factory("reply function", reply_func) if isinstance(reply_func, str) else reply_func
        entry = registered(trigger, func, config, reset_config)
        if remove_other_reply_funcs:
            self.replies.clear()
        self.replies.insert(position, entry)

    def replace_reply_func(self, old_reply_func: ReplyFunction, new_reply_func: ReplyFunction) -> None:
        """Put another function in the place of a registered one."""
        self.replies.replace(old_reply_func, new_reply_func)

    async def a_generate_reply(
        self,
        /,
        messages: Sequence[Message] | None = None,
        sender: Agent | None = None,
        *,
        exclude: Sequence[ReplyFunction] = (),
        **kwargs: Any,
    ) -> str | Message | None:
        """Ask the reply functions in order until one is final.

        Args:
            messages: what to reply to; the history with ``sender`` by default.
            sender: who is replied to.
            exclude: reply functions to leave out.
            **kwargs: ignored; for overrides that take more.

        Returns:
            The reply, or None to end the conversation.

        Raises:
            AgentError: neither messages nor a sender, or a reply function broke its contract.
        """
        del kwargs
        if messages is None:
            if sender is None:
                msg = f"{self.name}: generate_reply needs messages, a sender, or both"
                raise AgentError(msg)
            messages = self.conversations.of(sender).history
        if self.hook_lists[LAST] or self.hook_lists[ALL]:
            messages = await self.a_process_last_received_message(messages)
            messages = await self.a_process_all_messages_before_reply(messages)
        for entry in self.replies.matching(sender, exclude):
            if entry.is_kernel_code:
                answer = await entry.func(self, messages=messages, sender=sender, config=entry.config)
            else:  # a step of the run
                answer = await call("reply", entry.func, self, messages=messages, sender=sender, config=entry.config)
            if not _is_answer(answer):
                raise self._no_answer(entry, answer)
            if answer[0]:
                return cast("str | Message | None", answer[1])
        return self.default_auto_reply or None

    generate_reply = blocking(a_generate_reply)

    async def a_process_last_received_message(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages with the last one's content as the hooks give it; see :meth:`register_hook`."""
        return await last_processed(self.name, self.hook_lists[LAST], messages)

    process_last_received_message = blocking(a_process_last_received_message)

    async def a_process_all_messages_before_reply(self, messages: Sequence[Message]) -> Sequence[Message]:
        """The messages as the hooks give them; see :meth:`register_hook`."""
        return await all_processed(self.name, self.hook_lists[ALL], messages)

    process_all_messages_before_reply = blocking(a_process_all_messages_before_reply)

    def _no_answer(self, entry: Registered, answer: object) -> AgentError:
        func = getattr(entry.func, "__qualname__", repr(entry.func))
        return AgentError(
            f"{self.name}: the reply function {func} gave {answer!r:.80}; it must give (final, reply), "
            "and a final reply is text, a message or None"
        )


_SENDABLE = (str, dict, type(None))


def _is_answer(answer: Any) -> TypeGuard[tuple[Any, Any]]:
    """Whether it is a pair, and final only with something that can be sent, or None."""
    if not isinstance(answer, tuple) or len(cast("Any", answer)) != 2:
        return False
    final, reply = cast("Any", answer)
    return not final or isinstance(reply, _SENDABLE)
