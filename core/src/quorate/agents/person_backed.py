"""An agent with a person behind it, who may be asked, and who decides when a conversation ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

from quorate._drive import blocking, call
from quorate.agents.human_reply import a_check_termination_and_human_reply
from quorate.agents.replying import ReplyingAgent
from quorate.errors import AgentError
from quorate.events import InputRequested
from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from quorate.agents.protocol import Agent
    from quorate.kernel import Kernel
    from quorate.messages import Message, Source

HumanInputMode = Literal["ALWAYS", "NEVER", "TERMINATE"]
MODES = ("ALWAYS", "NEVER", "TERMINATE")

Person: TypeAlias = "Callable[[str], str | Awaitable[str]] | Answers"
"""How a person is asked: a function of the prompt, plain or async, or where the answers come from."""


class Answers(Protocol):
    """A queue of answers, such as ``queue.Queue`` and ``asyncio.Queue``."""

    def get(self) -> str | Awaitable[str]:
        """Wait for the next one."""
        ...


NOT_ENDING: frozenset[Source] = frozenset({"code", "tool", "program"})
"""Sources whose text ends no chat: output that merely contains TERMINATE, and the message that opens the chat."""


def ends_with_terminate(message: Mapping[str, Any]) -> bool:
    """The default termination test: the last word of the text is TERMINATE, with or without marks around it."""
    last = text_of(message.get("content")).rsplit(maxsplit=1)[-1:]  # whatever the length of the text
    return bool(last) and last[0].strip("*`\"'.!") == "TERMINATE"


def asked_by(name: str, person: Person) -> Callable[[str], Any]:
    """How a person is asked: the function, or taking from the queue.

    Raises:
        AgentError: it is neither.
    """
    if callable(person):
        return person
    take = getattr(person, "get", None)
    if not callable(take):
        msg = f"{name}: person is a function of the prompt, or a queue that answers are taken from, not {person!r:.80}"
        raise AgentError(msg)
    return lambda _prompt: take()


class PersonBackedAgent(ReplyingAgent):
    """A replying agent that asks a person as its human input mode says.

    Args:
        name: unique among the agents of a conversation.
        description: what the agent is for.
        human_input_mode: when the person is asked: ``ALWAYS``, at the end (``TERMINATE``), or ``NEVER``.
        is_termination_msg: takes a received message, says whether it ends the conversation.
        max_consecutive_auto_reply: replies in a row without the person, per partner; 100 by default.
        default_auto_reply: what to say when no reply function answers; empty says nothing.
        silent: overrides ``silent`` of every call.
        kernel: finds reply functions by name; the default kernel by default.
        person: how the person is asked: a function of the prompt, plain or async, or a queue that answers are taken
            from (``queue.Queue``, or ``asyncio.Queue`` in async code); ``input()`` by default.

    Raises:
        AgentError: the name or the human input mode is none, or the person cannot be asked so.
    """

    MAX_CONSECUTIVE_AUTO_REPLY = 100
    """How many replies in a row an agent may make that is not told otherwise."""

    def __init__(
        self,
        name: str,
        description: str = "",
        *,
        human_input_mode: HumanInputMode = "TERMINATE",
        is_termination_msg: Callable[[Message], bool] | None = None,
        max_consecutive_auto_reply: int | None = None,
        default_auto_reply: str | Message = "",
        silent: bool | None = None,
        kernel: Kernel | None = None,
        person: Person | None = None,
    ) -> None:
        super().__init__(name, description, default_auto_reply=default_auto_reply, silent=silent, kernel=kernel)
        if human_input_mode not in MODES:
            msg = f"{name}: human_input_mode is one of {', '.join(MODES)}, not {human_input_mode!r}"
            raise AgentError(msg)
        self.human_input_mode: HumanInputMode = human_input_mode
        self.human_input: list[str] = []
        self._person = None if person is None else asked_by(name, person)
        self._is_termination_msg = is_termination_msg or ends_with_terminate
        limit = max_consecutive_auto_reply
        self._max_auto_replies = self.MAX_CONSECUTIVE_AUTO_REPLY if limit is None else limit

    async def a_get_human_input(self, prompt: str) -> str:
        """Ask the person behind this agent."""
        self.tell(InputRequested, None, prompt=prompt)
        return await call("human", self._person or input, prompt)

    get_human_input = blocking(a_get_human_input)

    # -- when it ends

    def is_termination(self, messages: Sequence[Message]) -> bool:
        """Whether the last message ends the conversation."""
        if getattr(messages, "last_source", None) in NOT_ENDING:  # a plain list does not say who made a message
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

    a_check_termination_and_human_reply = a_check_termination_and_human_reply
    check_termination_and_human_reply = blocking(a_check_termination_and_human_reply)
