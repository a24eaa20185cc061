"""Society of mind, with 0.2's arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate.agents import society as core
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents import Agent
    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message

__all__ = ["SocietyOfMindAgent"]


class SocietyOfMindAgent(ConversableAgent, core.SocietyOfMindAgent):
    """An agent whose inside is a chat of its own; arguments as :class:`quorate.SocietyOfMindAgent` takes them."""

    def __init__(
        self,
        name: str,
        chat_manager: Agent | None,
        response_preparer: str | Callable[..., Any] | None = None,
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | Literal[False] = False,
        llm_config: Mapping[str, Any] | Literal[False] | None = False,
        default_auto_reply: str | Message | None = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name,
            "",
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            function_map,
            code_execution_config,
            llm_config,
            default_auto_reply or "",
            chat_manager=chat_manager,
            response_preparer=response_preparer,
            **kwargs,
        )
