"""Resuming a group chat: what was said is kept as JSON, and another process goes on from there.

Two agents count to ten by a plain function; after six messages the first group ends, and a new one with new agents, as
another process would make it, continues.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from quorate import Agent, ConversableAgent, GroupChat, GroupChatManager

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate import Message

KEPT = Path("group.json")


def count(recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: Any) -> tuple[bool, str]:
    """Say the next number, and end at ten."""
    del recipient, sender, config
    number = int(str(messages[-1].get("content"))) + 1
    return True, f"{number}" if number < 10 else "10 TERMINATE"


def team(max_round: int) -> tuple[ConversableAgent, GroupChatManager]:
    """A group as a program makes it when it starts: its first member, and the manager."""
    odd, even = (ConversableAgent(name, human_input_mode="NEVER") for name in ("odd", "even"))
    for agent in (odd, even):
        agent.register_reply([Agent, None], count)
    group = GroupChat(agents=[odd, even], messages=[], max_round=max_round, speaker_selection_method="round_robin")
    return odd, GroupChatManager(groupchat=group)


opener, before = team(max_round=6)
opener.initiate_chat(before, message="1")
KEPT.write_text(before.messages_to_string(before.groupchat.messages), encoding="utf-8")

_, after = team(max_round=20)
last_agent, last_message = after.resume(KEPT.read_text(encoding="utf-8"))
chat = last_agent.initiate_chat(after, message=last_message, clear_history=False)

print("Ended because", chat.stop_reason)
numbers = [message.get("content") for message in after.groupchat.messages]
if numbers != [*map(str, range(1, 10)), "10 TERMINATE"]:
    sys.exit("the second group did not go on where the first ended")
