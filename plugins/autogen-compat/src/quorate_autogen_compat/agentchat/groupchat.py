"""Group chats, with 0.2's defaults."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from quorate import groupchat as core
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent
from quorate_autogen_compat.exception_utils import AgentNameConflict, NoEligibleSpeaker, UndefinedNextAgent

if TYPE_CHECKING:
    from quorate.agents.person_backed import HumanInputMode

__all__ = ["AgentNameConflict", "GroupChat", "GroupChatManager", "NoEligibleSpeaker", "UndefinedNextAgent"]


@dataclass(eq=False)
class GroupChat(core.GroupChat):
    """Several agents in one conversation; fields as :class:`quorate.GroupChat` has them."""

    max_retries_for_selecting_speaker: int = 2
    role_for_select_speaker_messages: Literal["user", "system"] = "system"


class GroupChatManager(ConversableAgent, core.GroupChatManager):
    """Holds a group chat; arguments as :class:`quorate.GroupChatManager` takes them."""

    def __init__(
        self,
        groupchat: core.GroupChat,
        name: str = "chat_manager",
        max_consecutive_auto_reply: int | None = sys.maxsize,
        human_input_mode: HumanInputMode = "NEVER",
        system_message: str | list[dict[str, Any]] | None = "Group chat manager.",
        silent: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name,
            system_message,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            silent=silent or None,
            groupchat=groupchat,
            **kwargs,
        )
