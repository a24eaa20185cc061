"""Turns between two agents: a loop, not a recursion, however long the chat is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.agents.conversation import Made, StopReason

if TYPE_CHECKING:
    from quorate.agents.conversation import Conversation
    from quorate.agents.protocol import Agent


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
        conversation = _conversation(listener, speaker)
        made = conversation.begin() if conversation is not None else Made()
        reply = await listener.a_generate_reply(sender=speaker)
        if reply is None:
            return made.stop or StopReason("no_reply", listener.name)
        await listener.a_send(reply, speaker, request_reply=False, silent=silent)
        listener, speaker = speaker, listener
        if listener is opener:
            turns += 1
            if turns == max_turns:
                return StopReason("max_turns", opener.name)
        conversation = _conversation(listener, speaker)
        if conversation is not None and not conversation.reply_at_receive:
            return StopReason("no_reply", listener.name)


def _conversation(agent: Agent, partner: Agent) -> Conversation | None:
    """The agent's side of the conversation, for agents that keep it as ours do."""
    conversations = getattr(agent, "conversations", None)
    return None if conversations is None else conversations.of(partner)
