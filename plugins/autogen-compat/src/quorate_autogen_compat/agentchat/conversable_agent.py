"""The conversable agent with 0.2's defaults and exception types; all it does is the core's."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from quorate import agents as core
from quorate.agents.carryover import check_carryover
from quorate.agents.summaries import DEFAULT_SUMMARY_PROMPT, check_summary
from quorate.agents.tool_using import register_function
from quorate.messages import text_of
from quorate_autogen_compat._refusals import Refused, RefusedConfig, UnknownPartner, raised_as
from quorate_autogen_compat.exception_utils import InvalidCarryOverType
from quorate_autogen_compat.oai._configs import for_core
from quorate_autogen_compat.oai.client import OpenAIWrapper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from quorate.agents import Agent, ChatResult
    from quorate.agents.person_backed import HumanInputMode
    from quorate.messages import Message
    from quorate.stopping import Condition

__all__ = ["ConversableAgent", "register_function"]

F = TypeVar("F", bound="Callable[..., Any]")


def says_terminate(message: Mapping[str, Any]) -> bool:
    """0.2's test of the end: the text is TERMINATE, exactly. The core's accepts it as the last word."""
    return text_of(message.get("content")) == "TERMINATE"


class ConversableAgent(core.ConversableAgent):
    """The core's agent; ``is_termination_msg``, ``llm_config`` and ``code_execution_config`` default as in 0.2.

    Arguments are those of :class:`quorate.ConversableAgent`. An ``llm_config`` without a ``cache_seed`` has 41, so that
    answers are cached under ``.cache``; None gives no cache.
    """

    DEFAULT_CONFIG: ClassVar[Mapping[str, Any] | Literal[False]] = False
    DEFAULT_SUMMARY_METHOD: ClassVar[str] = "last_msg"
    DEFAULT_SUMMARY_PROMPT: ClassVar[str] = DEFAULT_SUMMARY_PROMPT

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
        **kwargs: Any,
    ) -> None:
        if code_execution_config is None:
            text = f"{name}: code_execution_config=None runs code, as {{}} does; give False for none"
            warnings.warn(text, DeprecationWarning, stacklevel=2)
            code_execution_config = {}
        given = self.DEFAULT_CONFIG if llm_config is None else llm_config
        if given is not False and not isinstance(given, dict):
            msg = f"{name}: llm_config is a dict, False or None, not {type(given).__name__}"
            raise RefusedConfig(msg)
        from quorate_autogen_compat.io.base import ask

        kwargs.setdefault("person", ask)
        super().__init__(
            name=name,
            system_message=system_message,
            is_termination_msg=is_termination_msg or says_terminate,
            max_consecutive_auto_reply=max_consecutive_auto_reply,
            human_input_mode=human_input_mode,
            function_map=function_map,
            code_execution_config=code_execution_config,
            llm_config=for_core(given),
            default_auto_reply=default_auto_reply,
            description=description,
            chat_messages=chat_messages,
            silent=silent,
            **kwargs,
        )
        if self.client is not None:
            self.client: Any = OpenAIWrapper.around(self.client, given or {}, self.kernel)

    @property
    def use_docker(self) -> bool | str | Sequence[str] | None:
        """The ``use_docker`` of the ``code_execution_config``; None when it says nothing, or no code is run."""
        return self.code_execution.use_docker if self.code_execution is not None else None

    async def a_initiate_chat(
        self,
        /,
        recipient: Agent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: Any = None,
        max_turns: int | None = None,
        summary_method: str | Callable[..., Any] | None = DEFAULT_SUMMARY_METHOD,
        summary_args: Mapping[str, Any] | None = None,
        message: str | Message | Callable[..., Any] | None = None,
        stop: Condition | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """Open a chat; see :meth:`quorate.ConversableAgent.a_initiate_chat`."""
        with raised_as(InvalidCarryOverType):
            check_carryover(kwargs.get("carryover"))
        with raised_as(Refused):
            check_summary(self, recipient, summary_method, summary_args)
        return await super().a_initiate_chat(
            recipient, clear_history, silent, cache, max_turns, summary_method, summary_args, message, stop, **kwargs
        )

    async def a_generate_reply(
        self, /, messages: Sequence[Message] | None = None, sender: Agent | None = None, **kwargs: Any
    ) -> str | Message | None:
        """Ask the reply functions in order; see :meth:`quorate.ConversableAgent.a_generate_reply`."""
        if messages is None and sender is None:
            msg = f"{self.name}: generate_reply needs messages, a sender, or both"
            raise Refused(msg)
        return await super().a_generate_reply(messages, sender, **kwargs)

    def register_hook(self, hookable_method: str, hook: Callable[..., Any]) -> None:
        """Add a hook; see :meth:`quorate.ConversableAgent.register_hook`."""
        with raised_as(Refused):
            super().register_hook(hookable_method, hook)

    def register_for_llm(
        self,
        *,
        name: str | None = None,
        description: str | None = None,
        api_style: Literal["tool", "function"] = "tool",
    ) -> Callable[[F], F]:
        """Offer a function to the model; see :meth:`quorate.ConversableAgent.register_for_llm`."""
        with raised_as(Refused):
            return super().register_for_llm(name=name, description=description, api_style=api_style)

    def last_message(self, agent: Agent | None = None) -> Message | None:
        """The last message; see :meth:`quorate.ConversableAgent.last_message`."""
        if agent is not None:
            with raised_as(UnknownPartner):
                return super().last_message(agent)
        return super().last_message()
