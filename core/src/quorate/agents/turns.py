"""Turns between two agents: a loop, not a recursion, however long the chat is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import Twins, perform
from quorate.agents.conversation import Made
from quorate.errors import ChatStopped
from quorate.stopping import StopReason
from quorate.stopping.scope import ended_by

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quorate.agents.conversation import Conversation
    from quorate.agents.history import Entry
    from quorate.agents.protocol import Agent
    from quorate.messages import Message
    from quorate.stopping.scope import Scope


async def answer_each_other(
    listener: Agent,
    speaker: Agent,
    *,
    silent: bool | None,
    scope: Scope | None = None,
    opener: Agent | None = None,
) -> StopReason:
    """Let the listener answer, then the speaker, and so on until one has no reply or the chat is to end.

    Args:
        listener: answers first; it has received a message of the speaker.
        speaker: the one it answers.
        silent: whether terminals should stay quiet.
        scope: the stop conditions of the chat; None outside one.
        opener: the one to whom an answer completes a turn; the speaker by default.
    """
    opener = opener or speaker
    while True:
        reply, stop = await reply_of(listener, speaker)
        if reply is None:
            return stop or StopReason("no_reply", listener.name)
        if isinstance(listener, Twins):  # as `ask` does, without the way there: this is done for every message
            await listener.a_send(reply, speaker, request_reply=False, silent=silent)
        else:
            await perform(listener.a_send, reply, speaker, request_reply=False, silent=silent)
        if scope is not None and (stop := _say(scope, listener, speaker, turn=speaker is opener)) is not None:
            return stop
        listener, speaker = speaker, listener
        conversation = _conversation(listener, speaker)
        if conversation is not None and not conversation.reply_at_receive:
            return StopReason("no_reply", listener.name)


async def reply_of(listener: Agent, speaker: Agent) -> tuple[str | Message | None, StopReason | None]:
    """What the listener says, and why it ends the chat if it says nothing."""
    conversation = _conversation(listener, speaker)
    made = conversation.begin() if conversation is not None else Made()
    counted = conversation.auto_replies if conversation is not None else 0
    reply: str | Message | None = None
    try:
        reply = await ask(listener, listener.a_generate_reply, sender=speaker)
    except BaseException as error:
        if conversation is not None:
            conversation.auto_replies = counted  # it was not made: it is tried again when the chat goes on
        if not isinstance(error, ChatStopped):
            raise
        made.stop = ended_by(error, listener.name)
    finally:
        if reply is None and conversation is not None:
            conversation.sent()  # nothing goes out: what the program says next is no reply
    return reply, made.stop


def ask(agent: Agent, method: Callable[..., Awaitable[Any]], /, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """Call a method of an agent: ours are kernel code, those of other agents may await anything."""
    return method(*args, **kwargs) if isinstance(agent, Twins) else perform(method, *args, **kwargs)


def _say(scope: Scope, author: Agent, reader: Agent, *, turn: bool) -> StopReason | None:
    """Tell the stop conditions of the message that was just sent; most of them need not see it."""
    last = last_between(author, reader) if scope.listens else None
    if last is None:
        return scope.said(None, author.name, turn=turn)
    return scope.said(last.message, author.name, last.source, turn=turn)


def last_between(author: Agent, reader: Agent) -> Entry | None:
    """The last message of a conversation, from the side of whichever agent keeps it as ours do."""
    for agent, partner in ((author, reader), (reader, author)):
        conversation = _conversation(agent, partner)
        if conversation is not None and conversation.history.entries:
            return conversation.history.entries[-1]
    return None


def _conversation(agent: Agent, partner: Agent) -> Conversation | None:
    """The agent's side of the conversation, for agents that keep it as ours do."""
    conversations = getattr(agent, "conversations", None)
    return None if conversations is None else conversations.of(partner)
