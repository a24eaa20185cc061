"""Turns between two agents: a loop, not a recursion, however long the chat is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import Twins, perform
from quorate.agents.conversation import Made, StopReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from quorate.agents.conversation import Conversation
    from quorate.agents.protocol import Agent
    from quorate.messages import Message


async def answer_each_other(
    listener: Agent, speaker: Agent, *, silent: bool | None, max_turns: int | None = None
) -> StopReason:
    """Let the listener answer, then the speaker, and so on until one has no reply or the turns are used up.

    Args:
        listener: answers first; it has received a message of the speaker.
        speaker: the one it answers.
        silent: whether terminals should stay quiet.
        max_turns: how often the listener may answer; None for no limit.
    """
    opener, turns = speaker, 0
    while True:
        reply, stop = await _reply(listener, speaker)
        if reply is None:
            return stop or StopReason("no_reply", listener.name)
        await ask(listener, listener.a_send, reply, speaker, request_reply=False, silent=silent)
        listener, speaker = speaker, listener
        if listener is opener:
            turns += 1
            if turns == max_turns:
                return StopReason("max_turns", opener.name)
        conversation = _conversation(listener, speaker)
        if conversation is not None and not conversation.reply_at_receive:
            return StopReason("no_reply", listener.name)


async def _reply(listener: Agent, speaker: Agent) -> tuple[str | Message | None, StopReason | None]:
    """What the listener says, and why it ends the chat if it says nothing."""
    conversation = _conversation(listener, speaker)
    made = conversation.begin() if conversation is not None else Made()
    reply: str | Message | None = None
    try:
        reply = await ask(listener, listener.a_generate_reply, sender=speaker)
    finally:
        if reply is None and conversation is not None:
            conversation.sent()  # nothing goes out: what the program says next is no reply
    return reply, made.stop


def ask(agent: Agent, method: Callable[..., Awaitable[Any]], /, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """Call a method of an agent: ours are kernel code, those of other agents may await anything."""
    return method(*args, **kwargs) if isinstance(agent, Twins) else perform(method, *args, **kwargs)


def _conversation(agent: Agent, partner: Agent) -> Conversation | None:
    """The agent's side of the conversation, for agents that keep it as ours do."""
    conversations = getattr(agent, "conversations", None)
    return None if conversations is None else conversations.of(partner)
