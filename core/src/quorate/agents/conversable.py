"""The conversable agent: a model, tools, code execution and a person behind one name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from quorate.agents.builtin import ORDER
from quorate.agents.chatting import ChattingAgent
from quorate.agents.protocol import Agent
from quorate.agents.replies import registered
from quorate.models.usage import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from quorate.agents.person_backed import HumanInputMode, Person
    from quorate.kernel import Kernel
    from quorate.messages import Message


class ConversableAgent(ChattingAgent):
    """An agent that talks with others, backed by a model, tools, code execution or a person.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model.
        is_termination_msg: takes a received message, says whether it ends the conversation; by default, whether its
            last word is TERMINATE. Asked only of what a model, a person or a reply function said.
        max_consecutive_auto_reply: replies in a row without a person, per partner; 100 by default.
        human_input_mode: when a person is asked: ``ALWAYS``, at the end (``TERMINATE``), or ``NEVER``.
        function_map: tools that this agent runs, by name.
        code_execution_config: False for none, or a dict; see :class:`quorate.agents.execution.CodeExecution`.
        llm_config: False or None for no model, or a dict: ``{"config_list": [...], **shared}``.
        default_auto_reply: what to say when no reply function answers; empty says nothing, which ends the chat.
        description: what the agent is for, as others are told; the system message by default.
        chat_messages: what was said before, by partner; ``role`` says who said it.
        silent: overrides ``silent`` of every call.
        transforms: what its model reads of a history, which itself stays as it is; see :mod:`quorate.transforms`.
        kernel: finds clients, executors and reply functions; the default kernel by default.
        person: how the person is asked: a function of the prompt, plain or async, or a queue of answers; ``input()``
            by default. See :class:`quorate.agents.person_backed.PersonBackedAgent`.

    Raises:
        AgentError: the name or the human input mode is none.
        ConfigError: a configuration cannot be used.
        UnknownName: it names something that no plugin offers.
    """

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = "You are a helpful AI Assistant.",
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | Literal[False] | None = False,
        llm_config: Mapping[str, Any] | Literal[False] | None = None,
        default_auto_reply: str | Message = "",
        description: str | None = None,
        chat_messages: Mapping[Agent, Iterable[Message]] | None = None,
        silent: bool | None = None,
        *,
        transforms: Iterable[Any] = (),
        kernel: Kernel | None = None,
        person: Person | None = None,
    ) -> None:
        super().__init__(
            name,
            system_message,
            llm_config=llm_config,
            code_execution_config=code_execution_config,
            function_map=function_map,
            human_input_mode=human_input_mode,
            is_termination_msg=is_termination_msg,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            default_auto_reply=default_auto_reply,
            description=description,
            silent=silent,
            transforms=transforms,
            kernel=kernel,
            person=person,
        )
        for partner, messages in (chat_messages or {}).items():
            self.conversations[partner].extend(messages)
        for record in ORDER:
            self.replies.append(registered([Agent, None], self.kernel.factory("reply function", record)))

    def reset(self) -> None:
        """Forget what was said, counted and used; limits stay, and registered functions with their first configuration."""
        for conversation in self.conversations.chosen(None):
            conversation.forget()
        self.usage = Tally()
        if (clear := getattr(self.client, "clear_usage_summary", None)) is not None:
            clear()
        self.human_input = []
        self.replies.reset()
