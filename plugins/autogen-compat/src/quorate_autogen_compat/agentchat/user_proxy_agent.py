"""The user proxy, with 0.2's defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from quorate import agents as core
from quorate.agents.user_proxy import DESCRIPTIONS
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message

__all__ = ["UserProxyAgent"]


class UserProxyAgent(ConversableAgent, core.UserProxyAgent):
    """A person's proxy that runs code; arguments as :class:`quorate.UserProxyAgent` takes them."""

    DEFAULT_USER_PROXY_AGENT_DESCRIPTIONS: ClassVar[Mapping[HumanInputMode, str]] = DESCRIPTIONS

    def __init__(
        self,
        name: str,
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "ALWAYS",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | Literal[False] | None = {},
        default_auto_reply: str | Message | None = "",
        llm_config: Mapping[str, Any] | Literal[False] | None = False,
        system_message: str | list[dict[str, Any]] | None = "",
        description: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            name,
            system_message,
            is_termination_msg,
            max_consecutive_auto_reply,
            human_input_mode,
            function_map,
            code_execution_config,
            llm_config,
            default_auto_reply or "",
            description,
            **kwargs,
        )
