"""Nested chats: a reply function that holds chats with others, and answers with what they gave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import call, kernel_code
from quorate.agents.chat_queue import ChatQueue
from quorate.errors import AgentError
from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.agents.chatting import ChattingAgent
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer, ReplyFunction
    from quorate.messages import Message

SUMMARY = "summary_from_nested_chats"


def nested_reply(
    agent: ChattingAgent, chat_queue: Sequence[Mapping[str, Any]], reply_func: str | Callable[..., Any]
) -> ReplyFunction:
    """The reply function that holds the chats of a queue.

    Args:
        agent: whose reply it is; it opens the chats that name no ``sender``.
        chat_queue: the chats; see :meth:`quorate.ConversableAgent.register_nested_chats`.
        reply_func: ``summary_from_nested_chats``, or ``(chat_queue, recipient, messages, sender, config)`` that gives
            ``(final, reply)``, plain or async.

    Raises:
        AgentError: the queue cannot be held, or the function is none.
    """
    ChatQueue(chat_queue, otherwise=agent)
    if reply_func != SUMMARY and not callable(reply_func):
        msg = (
            f"{agent.name}: reply_func_from_nested_chats is {SUMMARY!r}, or a function "
            f"(chat_queue, recipient, messages, sender, config), not {reply_func!r}"
        )
        raise AgentError(msg)
    func: Callable[..., Any] = a_summary_from_nested_chats if isinstance(reply_func, str) else reply_func

    @kernel_code
    async def reply_from_nested_chats(
        recipient: ChattingAgent,
        messages: Sequence[Message] | None = None,
        sender: Agent | None = None,
        config: Any = None,
    ) -> Answer:
        messages = recipient.messages_from(sender) if messages is None else messages
        if recipient.function_map and _calls_tools(messages):
            return False, None
        answer: Answer = await call("reply", func, chat_queue, recipient, messages, sender, config)
        return answer

    return reply_from_nested_chats


@kernel_code
async def a_summary_from_nested_chats(
    chat_queue: Sequence[Mapping[str, Any]],
    recipient: ChattingAgent,
    messages: Sequence[Message],
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Hold the chats that have something to say, and answer with the summary of the last.

    The first chat, when it has no message, gets the last one that ``recipient`` was sent; others without a message are
    left out. Where none is left, or the last summary is empty, there is no reply.
    """
    chats: list[dict[str, Any]] = []
    for index, chat in enumerate(chat_queue):
        chats.append({**chat, "message": await _message(chat, index, recipient, messages, sender, config)})
    silent = [index for index, chat in enumerate(chats) if not chat["message"]]
    if len(silent) == len(chats):
        return True, None
    queue = ChatQueue(chats, otherwise=recipient, left_out=silent)
    held = {recipient, sender}
    around = next((chat for chat in queue.chats if {chat.sender, chat.arguments["recipient"]} == held), None)
    if around is not None:
        msg = f"{around.place}: is a chat of {recipient.name} and its sender, who are in a chat already; name another agent"
        raise AgentError(msg)
    await queue.hold()
    return True, queue.finished[queue.chats[-1].id].summary or None


def _calls_tools(messages: Sequence[Message]) -> bool:
    """Whether the last message waits for the results of calls, and not for what chats come to."""
    return bool(messages and (messages[-1].get("tool_calls") or messages[-1].get("function_call")))


async def _message(
    chat: Mapping[str, Any],
    index: int,
    recipient: ChattingAgent,
    messages: Sequence[Message],
    sender: Agent | None,
    config: Any,
) -> Any:
    """What opens a chat; functions are those of nested chats: ``(recipient, messages, sender, config)``."""
    message = chat.get("message")
    if callable(message):
        return await call("reply", message, recipient, messages, sender, config)
    if message is not None or index > 0:
        return message
    content = messages[-1].get("content") if messages else None
    return content if isinstance(content, str) or not text_of(content) else {"content": content}
