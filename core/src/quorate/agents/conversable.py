"""The conversable agent: a model, tools, code execution and a person behind one name."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Literal, cast

from quorate._drive import blocking, call
from quorate.agents import default_replies
from quorate.agents.chat import ChatResult, check_options, run_chat, summary_of, typed_by
from quorate.agents.execution import CodeExecution
from quorate.agents.history import History
from quorate.agents.protocol import Agent
from quorate.agents.replies import registered
from quorate.agents.replying import ReplyingAgent
from quorate.agents.usage import tally_of
from quorate.errors import AgentError, ConfigError
from quorate.events import UsageSummed
from quorate.kernel import unregistered_class
from quorate.messages import SystemMessage, text_of
from quorate.models.usage import MODES as USAGE_MODES
from quorate.models.usage import Tally

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.kernel import Kernel
    from quorate.messages import Message, Source
    from quorate.models.cache import Cache

HumanInputMode = Literal["ALWAYS", "NEVER", "TERMINATE"]
MODES = ("ALWAYS", "NEVER", "TERMINATE")
MAX_CONSECUTIVE_AUTO_REPLY = 100

NOT_ENDING: frozenset[Source] = frozenset({"code", "tool", "program"})
"""Sources whose text ends no chat: output that merely contains TERMINATE, and the message that opens the chat."""


def ends_with_terminate(message: Mapping[str, Any]) -> bool:
    """The default termination test: the last word of the text is TERMINATE, with or without marks around it."""
    words = text_of(message.get("content")).split()
    return bool(words) and words[-1].strip("*`\"'.!") == "TERMINATE"


class ConversableAgent(ReplyingAgent):
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
        silent: overrides ``silent`` of every call.
        kernel: finds clients, executors and reply functions; the default kernel by default.

    Raises:
        AgentError: the name or the human input mode is none.
        ConfigError: a configuration cannot be used.
        UnknownName: it names something that no plugin offers.
    """

    def __init__(
        self,
        name: str,
        system_message: str | None = "You are a helpful AI Assistant.",
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        human_input_mode: HumanInputMode = "TERMINATE",
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        code_execution_config: Mapping[str, Any] | Literal[False] | None = False,
        llm_config: Mapping[str, Any] | Literal[False] | None = None,
        default_auto_reply: str | Message = "",
        description: str | None = None,
        *,
        silent: bool | None = None,
        kernel: Kernel | None = None,
    ) -> None:
        self._system_message = system_message or ""
        described = self._system_message if description is None else description
        super().__init__(name, described, default_auto_reply=default_auto_reply, silent=silent, kernel=kernel)
        if human_input_mode not in MODES:
            msg = f"{name}: human_input_mode is one of {', '.join(MODES)}, not {human_input_mode!r}"
            raise AgentError(msg)
        self.human_input_mode: HumanInputMode = human_input_mode
        self.human_input: list[str] = []
        self._is_termination_msg = is_termination_msg or ends_with_terminate
        limit = max_consecutive_auto_reply
        self._max_auto_replies = MAX_CONSECUTIVE_AUTO_REPLY if limit is None else limit
        self.function_map: dict[str, Callable[..., Any]] = dict(function_map or {})
        self.llm_config = llm_config
        self.client = None if llm_config is None or llm_config is False else self.kernel.chat_client(llm_config)
        self.usage = Tally()
        self.code_execution = _execution(self.kernel, code_execution_config)
        for record in default_replies.NAMES:
            self.replies.append(registered([Agent, None], self.kernel.factory("reply function", record)))

    # -- the model

    @property
    def system_message(self) -> str:
        """Instructions to the model."""
        return self._system_message

    def update_system_message(self, system_message: str) -> None:
        """Give the model other instructions from the next reply on."""
        self._system_message = system_message

    def system_messages(self) -> list[Message]:
        """The instructions as the first message of a request; none when they are empty."""
        return [SystemMessage(self._system_message)] if self._system_message else []

    def register_model_client(self, model_client_cls: Callable[..., Any], **kwargs: Any) -> None:
        """Register a model client class of the program's own on this agent's kernel, for every agent there.

        See :meth:`quorate.Kernel.register_model_client`.
        """
        self.kernel.register_model_client(model_client_cls, **kwargs)

    def check_clients(self) -> None:
        """See that every client class that the configurations name is registered.

        Raises:
            ConfigError: one is not; says which, and how to register it.
        """
        for config in self.client.configs if self.client is not None else ():
            if missing := self.kernel.missing_client_classes([config]):
                raise ConfigError(unregistered_class(config, missing))

    # -- usage

    def get_actual_usage(self) -> dict[str, Any] | None:
        """What this agent's model calls used and what it cost, without answers from the response cache.

        Returns:
            ``total_cost`` in US dollars, None when some of it is unpriced, and per model its cost and tokens; None when
            nothing was used.
        """
        return self._tally().summaries("actual")["actual"]

    def get_total_usage(self) -> dict[str, Any] | None:
        """The same with answers from the response cache."""
        return self._tally().summaries("total")["total"]

    def print_usage_summary(self, mode: str | Sequence[str] = USAGE_MODES) -> None:
        """Tell the kernel's observers what this agent used; the terminal shows it.

        Args:
            mode: ``actual``, ``total``, or both in a list.

        Raises:
            ValueError: it is something else.
        """
        tally = self._tally()
        summaries = tally.summaries(mode)
        self.tell(UsageSummed, None, summaries=summaries, price_sources=tally.total.price_sources)

    def _tally(self) -> Tally:
        return tally_of(self) or self.usage

    # -- tools, code, people

    def register_function(self, function_map: Mapping[str, Callable[..., Any] | None]) -> None:
        """Add tools that this agent runs, by name; None takes one out."""
        for name, func in function_map.items():
            if func is None:
                self.function_map.pop(name, None)
            else:
                self.function_map[name] = func

    @property
    def code_executor(self) -> Any:
        """What runs this agent's code; None when it runs none."""
        return self.code_execution.executor if self.code_execution is not None else None

    async def a_get_human_input(self, prompt: str) -> str:
        """Ask the person behind this agent; ``input()`` by default."""
        reply = await call("human", input, prompt)
        self.human_input.append(reply)
        return reply

    get_human_input = blocking(a_get_human_input)

    # -- when it ends

    def is_termination(self, messages: Sequence[Message]) -> bool:
        """Whether the last message ends the conversation."""
        if isinstance(messages, History) and messages.entries[-1].source in NOT_ENDING:
            return False
        return bool(self._is_termination_msg(messages[-1]))

    def max_consecutive_auto_reply(self, sender: Agent | None = None) -> int:
        """How many replies in a row this agent may make to a sender without a person."""
        own = self.conversations.of(sender).max_auto_replies if sender is not None else None
        return self._max_auto_replies if own is None else own

    def update_max_consecutive_auto_reply(self, value: int, sender: Agent | None = None) -> None:
        """Set that limit for one sender, or for all."""
        if sender is not None:
            self.conversations.of(sender).max_auto_replies = value
            return
        self._max_auto_replies = value
        for conversation in self.conversations.chosen(None):
            conversation.max_auto_replies = None

    def reset_consecutive_auto_reply_counter(self, sender: Agent | None = None) -> None:
        """Count replies in a row from 0 again, for one sender or all."""
        for conversation in self.conversations.chosen(sender):
            conversation.auto_replies = 0

    def reset(self) -> None:
        """Forget what was said, counted and used; limits stay, and registered functions with their first configuration."""
        for conversation in self.conversations.chosen(None):
            conversation.forget()
        self.usage = Tally()
        if self.client is not None:
            self.client.clear_usage_summary()
        self.human_input = []
        self.replies.reset()

    # -- chats

    async def a_initiate_chat(
        self,
        /,
        recipient: Agent,
        clear_history: bool = True,
        silent: bool | None = False,
        cache: Cache | None = None,
        max_turns: int | None = None,
        summary_method: str | Callable[..., Any] | None = "last_msg",
        summary_args: Mapping[str, Any] | None = None,
        message: str | Message | Callable[..., Any] | None = None,
        **context: Any,
    ) -> ChatResult:
        """Open a chat with another agent and hold it to its end.

        Args:
            recipient: answers first.
            clear_history: whether both forget their earlier conversation first; False goes on from there.
            silent: whether terminals should stay quiet.
            cache: answers the model calls of this chat that were made before.
            max_turns: how often the recipient may answer; None for no limit.
            summary_method: ``last_msg``, a function ``(sender, recipient, summary_args)``, or None for none.
            summary_args: handed to that function.
            message: what to say first: text, a message, or a function ``(sender, recipient, context)`` that gives one;
                None asks the person behind this agent.
            **context: handed to that function.

        Raises:
            AgentError: ``max_turns`` or ``summary_method`` is none.
            ConfigError: a configuration names a client class that is not registered.
            ModelsExhausted: no model answered; what was said so far stays in the histories.
        """
        check_options(max_turns, summary_method)
        self._prepare(recipient, clear_history=clear_history)
        typed = typed_by(self, recipient)
        first = await self.a_generate_init_message(message, recipient=recipient, **context)
        with cache or nullcontext():
            result = await run_chat(
                self,
                recipient,
                first,
                silent=silent,
                max_turns=max_turns,
                summarize=lambda: summary_of(summary_method, self, recipient, dict(summary_args or {})),
            )
        result.human_input = typed()
        return result

    initiate_chat = blocking(a_initiate_chat)

    def _prepare(self, recipient: Agent, *, clear_history: bool) -> None:
        for agent, partner in ((self, recipient), (recipient, self)):
            if isinstance(agent, ConversableAgent):
                agent.check_clients()
                conversation = agent.conversations.of(partner)
                conversation.reply_at_receive = True
                conversation.auto_replies = 0
                if clear_history:
                    agent.clear_history(partner)

    async def a_generate_init_message(
        self, /, message: str | Message | Callable[..., Any] | None, *, recipient: Agent | None = None, **context: Any
    ) -> str | Message:
        """The first message of a chat: given, made by a function, or asked of the person behind this agent."""
        if message is None:
            return await self.a_get_human_input(">")
        if callable(message):
            return cast("str | Message", await call("reply", message, self, recipient, context))
        return message

    generate_init_message = blocking(a_generate_init_message)

    # -- the default reply functions, as methods

    a_check_termination_and_human_reply = default_replies.a_check_termination_and_human_reply
    a_generate_tool_calls_reply = default_replies.a_generate_tool_calls_reply
    a_generate_code_execution_reply = default_replies.a_generate_code_execution_reply
    a_generate_oai_reply = default_replies.a_generate_oai_reply
    check_termination_and_human_reply = blocking(a_check_termination_and_human_reply)
    generate_tool_calls_reply = blocking(a_generate_tool_calls_reply)
    generate_code_execution_reply = blocking(a_generate_code_execution_reply)
    generate_oai_reply = blocking(a_generate_oai_reply)


def _execution(kernel: Kernel, config: Mapping[str, Any] | Literal[False] | None) -> CodeExecution | None:
    if config is None or config is False:
        return None
    if not isinstance(config, dict):
        msg = f"code_execution_config: must be False or a dict, not {type(config).__name__}"
        raise ConfigError(msg)
    return CodeExecution(kernel, config)
