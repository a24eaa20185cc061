"""``CLEAR HISTORY [member] [number of messages to keep]``: what is said in a group can make its members forget."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from quorate.agents.base import BaseAgent
from quorate.messages import text_of

if TYPE_CHECKING:
    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat
    from quorate.groupchat.manager import GroupChatManager
    from quorate.messages import Message, Source

COMMAND = ("CLEAR", "HISTORY")
OBEYED: frozenset[Source] = frozenset({"person", "tool", "function"})
"""Whose commands are followed: a model that merely speaks of the command, and the output of code, are not."""


class Command(NamedTuple):
    """A command to forget, and the text around it."""

    text: str
    member: Agent | None
    kept: int | None


def command_in(text: str, group: GroupChat) -> Command | None:
    """The last command in a text, case and the punctuation after its words aside; None when there is none."""
    words = text.split()
    upper = [word.upper().rstrip(".,;:!") for word in words]
    places = [place for place in range(len(words) - 1) if (upper[place], upper[place + 1]) == COMMAND]
    if not places:
        return None
    member, kept = None, None
    begin = places[-1]
    end = begin + len(COMMAND)
    for word in words[end : end + 2]:
        bare = word.rstrip(".,;:!")
        named = group.agent_by_name(word) or group.agent_by_name(bare)
        if bare.isdecimal() and kept is None:
            kept = int(bare)
        elif named is not None and member is None:
            member = named
        else:
            break
        end += 1
    return Command(" ".join([*words[:begin], *words[end:]]), member, kept)


def clear_agents_history(reply: Message, groupchat: GroupChat) -> str:
    """Do what the command in a message says: one member forgets, or all members and the group.

    A member forgets every conversation that it has, as AutoGen 0.2's does. A tool's result keeps the call before it.

    Args:
        reply: the message.
        groupchat: its group.

    Returns:
        The text without the command; as it is where there is none.
    """
    text = text_of(reply.get("content"))
    command = command_in(text, groupchat)
    if command is None:
        return text
    kept = command.kept or (1 if reply.get("tool_responses") else None)
    forgetful = groupchat.agents if command.member is None else [command.member]
    for member in forgetful:
        if isinstance(member, BaseAgent):
            member.clear_history(nr_messages_to_preserve=kept)
    if command.member is None:
        del groupchat.messages[: max(len(groupchat.messages) - (kept or 0), 0)]
    return command.text


def forgetting(manager: GroupChatManager, speaker: Agent, reply: str | Message | None) -> str | Message | None:
    """A reply to be sent, when the command in it was followed, without it."""
    group = manager.groupchat
    if reply is None:
        return reply
    source = speaker.conversations.of(manager).made.source if isinstance(speaker, BaseAgent) else "function"
    message: Message = {"content": reply} if isinstance(reply, str) else reply
    text = text_of(message.get("content"))
    if source not in OBEYED or command_in(text, group) is None:
        return reply
    left = manager.clear_agents_history(message, group)
    return left if isinstance(reply, str) else {**reply, "content": left}
