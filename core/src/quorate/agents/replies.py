"""The reply functions of one agent: for whom they are meant, and in which order they are asked."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate.agents.protocol import Agent
from quorate.config.guards import is_list
from quorate.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from quorate.messages import Message

Trigger: TypeAlias = type | str | Agent | Callable[[Any], bool] | list[Any]
"""Which senders a reply function answers: a class, a name, an agent, a predicate, or a list of these and None."""

ReplyFunction: TypeAlias = Callable[..., Any]
"""``(recipient, messages, sender, config) -> (final, reply)``, plain or async."""

Answer: TypeAlias = tuple[bool, "str | Message | None"]
"""What a reply function gives: whether the reply is final, and the reply; None ends the conversation."""


@dataclass(slots=True)
class Registered:
    """One reply function of an agent.

    Attributes:
        always: its trigger means everybody, which is known without asking it.
        is_kernel_code: see :func:`quorate.kernel_code`.
    """

    trigger: Trigger
    func: ReplyFunction
    config: Any
    initial_config: Any
    reset_config: Callable[[Any], Any] | None
    always: bool
    is_kernel_code: bool


def registered(
    trigger: Trigger, func: ReplyFunction, config: Any = None, reset_config: Callable[[Any], Any] | None = None
) -> Registered:
    """A reply function ready to be registered, with a shallow copy of its configuration.

    Raises:
        AgentError: the trigger is none, or the function cannot be called.
    """
    _check_trigger(trigger)
    if not callable(func):
        msg = f"a reply function is a function (recipient, messages, sender, config), or the name of one, not {func!r}"
        raise AgentError(msg)
    body, always = body_of(func), _means_all(trigger)
    return Registered(trigger, body, copy.copy(config), config, reset_config, always, is_kernel_code(body))


class Replies:
    """An agent's reply functions, the first one asked first."""

    def __init__(self) -> None:
        self._entries: tuple[
            Registered, ...
        ] = ()  # never changed in place: a reply function may change which there are

    def insert(self, position: int, entry: Registered) -> None:
        """Put a reply function at a position; 0 is asked first."""
        entries = list(self._entries)
        entries.insert(position, entry)
        self._entries = tuple(entries)

    def append(self, entry: Registered) -> None:
        """Put a reply function last."""
        self._entries = (*self._entries, entry)

    def clear(self) -> None:
        """Take all out."""
        self._entries = ()

    def replace(self, old: ReplyFunction, new: ReplyFunction) -> None:
        """Put another function in the place of one, wherever it is registered."""
        for entry in self._entries:
            if entry.func == body_of(old):
                entry.func = body_of(new)
                entry.is_kernel_code = is_kernel_code(entry.func)

    def matching(self, sender: Agent | None, exclude: Sequence[ReplyFunction] = ()) -> Iterator[Registered]:
        """The functions that answer this sender, in order."""
        left_out = [body_of(func) for func in exclude] if exclude else ()
        for entry in self._entries:
            if (entry.always or matches(entry.trigger, sender)) and entry.func not in left_out:
                yield entry

    def reset(self) -> None:
        """Give each function its first configuration back."""
        for entry in self._entries:
            if entry.reset_config is not None:
                entry.reset_config(entry.config)
            else:
                entry.config = copy.copy(entry.initial_config)

    def __len__(self) -> int:
        return len(self._entries)


def is_kernel_code(func: ReplyFunction) -> bool:
    """Whether it is awaited in place."""
    return getattr(func, "__quorate_kernel__", False)


def body_of(func: ReplyFunction) -> ReplyFunction:
    """The kernel code behind a blocking twin, so that either name of a pair means the same function."""
    body: ReplyFunction = getattr(func, "__quorate_body__", func)
    return body


def matches(trigger: Any, sender: Agent | None) -> bool:
    """Whether a trigger means this sender; None (no sender) matches only a list with None in it.

    Raises:
        AgentError: a predicate gave something other than a bool.
    """
    if isinstance(trigger, type):
        # The protocol is structural and slow to ask; everything that sends is an Agent.
        return sender is not None and (trigger is Agent or isinstance(sender, trigger))
    if is_list(trigger):
        return any(sender is None if one is None else matches(one, sender) for one in trigger)
    if sender is None:
        return False
    if isinstance(trigger, str):
        return trigger == sender.name
    if trigger is sender:
        return True
    if isinstance(trigger, Agent) or not callable(trigger):
        return False
    answer = trigger(sender)
    if not isinstance(answer, bool):
        msg = f"the trigger {trigger!r} gave {answer!r} for {sender.name!r}; a trigger function gives True or False"
        raise AgentError(msg)
    return answer


def _means_all(trigger: Any) -> bool:
    return is_list(trigger) and any(one is Agent for one in trigger) and any(one is None for one in trigger)


def _check_trigger(trigger: Any) -> None:
    if is_list(trigger):
        for one in trigger:
            if one is not None:
                _check_trigger(one)
        return
    if trigger is None or not (isinstance(trigger, type | str | Agent) or callable(trigger)):
        hint = "; write [Agent, None] to answer also when there is no sender" if trigger is None else ""
        msg = f"a trigger is an agent, a class, a name, a function, or a list of these, not {trigger!r}{hint}"
        raise AgentError(msg)
