"""The user proxy: stands for a person, and runs the code that others write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate.agents.conversable import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message

DESCRIPTIONS: dict[HumanInputMode, str] = {
    "ALWAYS": "A person: asked before every reply.",
    "TERMINATE": "A person's proxy: runs code and tools by itself, and asks the person before it ends.",
    "NEVER": "Runs the code and the tools that others ask for; nobody is behind it.",
}


class UserProxyAgent(ConversableAgent):
    """A :class:`ConversableAgent` with code execution, no model, and a person behind it.

    Args:
        name: unique among the agents of a conversation.
        is_termination_msg: which received messages end the conversation.
        max_consecutive_auto_reply: replies in a row without a person, per partner.
        human_input_mode: when the person is asked.
        function_map: tools that this agent runs, by name.
        code_execution_config: how code is run: in Docker unless it says otherwise; False for not at all.
        default_auto_reply: what to say when there is nothing to run and nobody to ask.
        llm_config: a model that answers in the person's stead; none by default.
        system_message: instructions to that model.
        description: what the agent is for; by default a text for the human input mode.
        **kwargs: as :class:`ConversableAgent` takes them.
    """

    def __init__(
        self,
        name: str,
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "ALWAYS",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | Literal[False] | None = None,
        default_auto_reply: str | Message = "",
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
            {} if code_execution_config is None else code_execution_config,
            llm_config,
            default_auto_reply,
            DESCRIPTIONS.get(human_input_mode, "") if description is None else description,
            **kwargs,
        )
