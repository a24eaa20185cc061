"""Holding a group chat: message by message, until somebody or something ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._drive import kernel_code
from quorate.agents.history import Entry, History, Reading, entry_for
from quorate.agents.person_backed import NOT_ENDING
from quorate.agents.turns import ask, reply_of
from quorate.errors import AgentError, ChatStopped, NoEligibleSpeaker
from quorate.events import SpeakerSelected
from quorate.groupchat.forgetting import forgetting
from quorate.groupchat.log import named
from quorate.messages import text_of
from quorate.stopping.reason import StopReason
from quorate.stopping.scope import Scope, ended_by, join_scope

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.groupchat.group import GroupChat
    from quorate.groupchat.manager import GroupChatManager
    from quorate.messages import Message


@kernel_code
async def a_run_chat(
    recipient: GroupChatManager,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: GroupChat | None = None,
) -> Answer:
    """Hold the group chat that a message of ``sender`` opens, or continues.

    Args:
        recipient: the manager.
        messages: the conversation with the sender; its last message is said to the group.
        sender: who speaks first; a member, or somebody outside.
        config: the group; the manager's by default, and no other.

    Returns:
        ``(True, None)``: the manager has nothing to answer, and the chat with it ends. To the manager of a group that
        it is a member of, it answers with the last text of its own group.

    Raises:
        AgentError: there is no sender, nothing to begin with, or another group than the manager's.
    """
    manager = recipient
    if config is not None and config is not manager.groupchat:
        msg = f"{manager.name} holds its own group chat; make a GroupChatManager for another one"
        raise AgentError(msg)
    if sender is None:
        msg = f"{manager.name}: a group chat needs a sender, whose message it begins with"
        raise AgentError(msg)
    manager.opener = sender
    await _open(manager, messages, sender)
    begun = len(manager.groupchat.log)
    with join_scope(None, manager) as scope:
        stop = await _rounds(manager, _last_speaker(manager, sender), scope)
    manager.conversations.of(sender).made.stop = stop
    return True, _outcome(manager, sender, begun)


async def _open(manager: GroupChatManager, messages: Sequence[Message] | None, sender: Agent) -> None:
    """Have the members listen, and the first message in the log."""
    group = manager.groupchat
    first, log = _first(manager, messages, sender), group.log
    if not any(entry is first for entry in reversed(log)):  # it is there when a chat goes on
        said = manager.conversations[sender].entries
        if log and said and log[-1] is said[-1]:
            log[-1] = first  # hooks of the manager changed what was said
        else:
            log.append(first)
    manager.audience.open(missed=1)
    if group.send_introductions and not manager.introduced:
        manager.introduced = True
        await manager.audience.introduce(group.introductions_msg())


def _last_speaker(manager: GroupChatManager, sender: Agent) -> Agent:
    """Who said the group's last message: the sender, or a member when a chat goes on where it was broken off."""
    author = manager.groupchat.log[-1].author
    return sender if author == sender.name else manager.groupchat.agent_by_name(author) or sender


def _first(manager: GroupChatManager, messages: Sequence[Message] | None, sender: Agent) -> Entry:
    """The message that is said to the group, as the history has it or as hooks made it."""
    history = manager.conversations[sender]
    if not (history if messages is None else messages):
        msg = f"{manager.name}: {sender.name} has said nothing that a group chat could begin with"
        raise AgentError(msg)
    if messages is None or messages is history or (history and messages[-1] == history[-1]):
        return history.entries[-1]
    source = messages.last_source if isinstance(messages, History | Reading) else None
    return entry_for(messages[-1], history.entries[-1].author if history else sender.name, source or "program")


async def _rounds(manager: GroupChatManager, sender: Agent, scope: Scope) -> StopReason:
    """The messages of the chat one by one, and why no further one is said."""
    group, audience, speaker, silent = manager.groupchat, manager.audience, sender, manager.quiet
    for said in range(1, group.max_round + 1):
        audience.last_speaker = speaker
        if audience.takers:
            await audience.deliver()
        last = group.log[-1]
        if said > 1 and (stop := scope.said(last.message, speaker.name, last.source)) is not None:
            return stop
        if last.source not in NOT_ENDING and manager.is_termination([named(last)]):
            return StopReason("termination_message", manager.name)
        if said == group.max_round:
            break
        try:
            speaker, reply, stop = await _turn(manager, speaker)
        except NoEligibleSpeaker:
            return StopReason("no_next_speaker", manager.name)
        except ChatStopped as error:
            return ended_by(error, manager.name)
        if reply is None:
            return stop or StopReason("no_reply", speaker.name)
        await ask(speaker, speaker.a_send, reply, manager, request_reply=False, silent=silent)
    return StopReason("max_round", manager.name)


async def _turn(
    manager: GroupChatManager, last_speaker: Agent
) -> tuple[Agent, str | Message | None, StopReason | None]:
    """Who speaks next, what it says, and why the chat ends if it says nothing."""
    group = manager.groupchat
    try:
        speaker = await group.a_select_speaker(last_speaker, manager)
        if manager.kernel.observers:
            manager.tell(SpeakerSelected, manager.opener, speaker=speaker.name)
        if manager.audience.members != group.agents:  # it may have become a member just now
            await manager.audience.deliver()
        reply, stop = await reply_of(speaker, manager)
    except KeyboardInterrupt:  # an admin in the group takes over
        admin = group.agent_by_name(group.admin_name)
        if admin is None:
            raise
        speaker = admin
        reply, stop = await reply_of(speaker, manager)
    if group.enable_clear_history:
        reply = forgetting(manager, speaker, reply)
    return speaker, reply, stop


def _outcome(manager: GroupChatManager, sender: Agent, begun: int) -> str | None:
    """What the group has to say to the one that asked: to another group's manager its last text, without a last word."""
    if sender is manager or not hasattr(sender, "groupchat"):
        return None
    for entry in reversed(manager.groupchat.log[begun:]):
        if text := text_of(entry.message.get("content")).replace("TERMINATE", "").strip():
            manager.made_by(entry.source, sender)
            return text
    return None
