"""The assistant, with 0.2's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from quorate import agents as core
from quorate.agents.assistant import DEFAULT_DESCRIPTION, DEFAULT_SYSTEM_MESSAGE
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message

__all__ = ["AssistantAgent"]


class AssistantAgent(ConversableAgent, core.AssistantAgent):
    """A model that solves tasks by writing code; arguments as :class:`quorate.AssistantAgent` takes them."""

    DEFAULT_DESCRIPTION: ClassVar[str] = DEFAULT_DESCRIPTION

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = DEFAULT_SYSTEM_MESSAGE,
        llm_config: Mapping[str, Any] | Literal[False] | None = None,
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "NEVER",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            llm_config=llm_config,
            description=description,
            **kwargs,
        )
