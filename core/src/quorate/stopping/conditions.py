"""Stop conditions as values: made by name, composed with ``|``, ``&`` and ``~``, shown, and kept as JSON."""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from quorate.errors import AgentError
from quorate.stopping.durations import as_duration, seconds_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import timedelta

    from quorate.messages import Message

Asked: TypeAlias = "Callable[[Message], bool]"
"""What :func:`callback` takes: a plain function of a message that says whether the chat is to end with it."""

_SIGNS = {"any": " | ", "all": " & "}


@dataclass(frozen=True, slots=True, repr=False)
class Condition:
    """When a chat stops. Conditions are values: one can be used for any number of chats, at the same time too.

    They are made by :func:`turns`, :func:`tokens`, :func:`cost`, :func:`wall`, :func:`text`, :func:`callback`,
    :func:`no_progress` and :func:`courtesy_loop`, and composed: ``a | b`` is met when one of them is, ``a & b`` when
    both are at the same time, ``~a`` when something was said and ``a`` is not met.

    Attributes:
        name: which condition it is; ``any``, ``all`` and ``not`` for composed ones.
        args: its arguments; for composed ones the conditions in it.
    """

    name: str
    args: tuple[Any, ...] = ()

    def __or__(self, other: object) -> Condition:
        return _composed("any", self, other) if isinstance(other, Condition) else NotImplemented

    def __and__(self, other: object) -> Condition:
        return _composed("all", self, other) if isinstance(other, Condition) else NotImplemented

    def __invert__(self) -> Condition:
        return Condition("not", (self,))

    def __str__(self) -> str:
        if self.name in _SIGNS:
            return _SIGNS[self.name].join(_inside(self.name, part) for part in self.args)
        if self.name == "not":
            return f"~{_inside('not', self.args[0])}"
        return f"{self.name}({_SHOWN.get(self.name, repr)(self.args[0]) if self.args else ''})"

    __repr__ = __str__

    def to_json(self) -> dict[str, Any]:
        """The condition as plain JSON: ``{"any": [{"turns": 20}, {"text": "TERMINATE"}]}``.

        Raises:
            AgentError: it has a callback without a name.
        """
        if self.name in _SIGNS:
            return {self.name: [part.to_json() for part in self.args]}
        if self.name == "not":
            return {self.name: self.args[0].to_json()}
        if self.name == "callback":
            return {self.name: _written(self.args[0])}
        return {self.name: self.args[0] if self.args else True}


def _composed(name: str, left: Condition, right: Condition) -> Condition:
    parts = (*(left.args if left.name == name else (left,)), *(right.args if right.name == name else (right,)))
    return Condition(name, tuple(dict.fromkeys(parts)))


def _inside(outer: str, part: Condition) -> str:
    """A part of a composed condition, in brackets where Python would need them."""
    loose = part.name == "any" or (part.name == "all" and outer == "not")
    return f"({part})" if loose else str(part)


def _named(func: object) -> str:
    return getattr(func, "__name__", type(func).__name__)


_SHOWN: dict[str, Callable[[Any], str]] = {
    "cost": lambda usd: f"usd={usd!r}",
    "wall": lambda seconds: repr(as_duration(seconds)),
    "callback": _named,
}


def turns(n: int) -> Condition:
    """Stop after so many turns.

    In a chat of two a turn is an answer of the recipient, as AutoGen 0.2's ``max_turns`` counts; in a group chat it is
    a message of a member.

    Raises:
        AgentError: not a whole number above 0.
    """
    return Condition("turns", (_count("turns", n),))


def tokens(n: int) -> Condition:
    """Stop rather than let the model calls of the chat use more tokens than this, read and written.

    Answers from the response cache use none. A call that may not fit any more is not made: what it may take is the
    prompt as its client counts or estimates it, and ``max_tokens`` of the request or configuration. Without a
    ``max_tokens`` the answer can only be guessed, and the guess can be too low by the length of one answer.

    Raises:
        AgentError: not a whole number above 0.
    """
    return Condition("tokens", (_count("tokens", n),))


def cost(usd: float) -> Condition:
    """Stop rather than let the model calls of the chat cost more US dollars than this.

    As :func:`tokens`, with the price that the configuration or a price source says, or that the client said of its
    earlier answers. What nobody prices cannot be held to a budget: the chat ends with the first unpriced answer.

    Raises:
        AgentError: not a number above 0.
    """
    if not _is_amount(usd):
        msg = f"cost(usd=...) takes a number of US dollars above 0, not {usd!r}"
        raise AgentError(msg)
    return Condition("cost", (float(usd),))


def wall(duration: str | float | timedelta) -> Condition:
    """Stop when this time has passed since the chat began: ``wall("10m")``, ``wall("1h30m")``, ``wall(45)`` seconds.

    A model call under way is broken off where its client can be; code, tools, people and plain functions are not, and
    the time is looked at when they are done.

    Raises:
        AgentError: not a duration above 0.
    """
    return Condition("wall", (seconds_of(duration),))


def text(phrase: str) -> Condition:
    """Stop when a message ends with this phrase, as ``text("TERMINATE")``.

    Case counts, spaces and line breaks are alike, and quotes, asterisks and full stops around it do not matter. Only
    what a model, a person or a reply function says can end the chat so: not the message that opens it, not the output
    of code, and not the result of a tool.

    Raises:
        AgentError: the phrase is no text, or blank.
    """
    if not _is_text(phrase):
        msg = f"text(...) takes the phrase that ends the chat, not {phrase!r}"
        raise AgentError(msg)
    return Condition("text", (" ".join(phrase.split()),))


def callback(func: Asked) -> Condition:
    """Stop with a message of which a function says so; it is asked of every message but the one that opens the chat.

    Args:
        func: takes the message, gives True or False. It is a plain function, called in place, so it should be quick.

    Raises:
        AgentError: it cannot be called, or is a coroutine function.
    """
    if not _is_plain(func):
        msg = f"callback(...) takes a plain function of a message, not {func!r}"
        raise AgentError(msg)
    return Condition("callback", (func,))


def no_progress(n: int) -> Condition:
    """Stop when so many messages in a row said nothing that had not been said in this chat.

    Texts are compared without regard to case and spacing, and tool calls by name and arguments.

    Raises:
        AgentError: not a whole number above 0.
    """
    return Condition("no_progress", (_count("no_progress", n),))


def courtesy_loop() -> Condition:
    """Stop when two messages in a row, of two agents, are nothing but thanks, wishes and farewells.

    It knows thirteen languages by word lists and a small linear model; no language model is asked. A polite message
    that says something else, too, is not counted.
    """
    return Condition("courtesy_loop")


def max_turns_limit(n: int) -> Condition:
    """AutoGen 0.2's option as the condition it is: :func:`turns` under its own name."""
    return Condition("max_turns", (_count("max_turns", n),))


def from_json(data: Any, callbacks: Mapping[str, Asked] | None = None) -> Condition:
    """The condition that :meth:`Condition.to_json` wrote.

    Args:
        data: the JSON.
        callbacks: the functions that it names; none is looked up or imported otherwise.

    Raises:
        AgentError: it is no condition, or names a function that is not given.
    """
    if not _is_object(data) or len(data) != 1:
        msg = f'a stop condition in JSON is an object with one key, such as {{"turns": 20}}, not {data!r:.80}'
        raise AgentError(msg)
    ((name, value),) = data.items()
    if name in _SIGNS and _is_array(value) and value:
        return Condition(name, tuple(from_json(part, callbacks) for part in value))
    if name == "not":
        return ~from_json(value, callbacks)
    if name == "callback":
        return callback(_read(value, callbacks or {}))
    if name == "courtesy_loop":
        return courtesy_loop()
    if name not in _MAKERS:
        known = ", ".join(sorted({*_MAKERS, *_SIGNS, "callback", "courtesy_loop", "not"}))
        msg = f"{data!r:.80} is no stop condition; there are: {known}"
        raise AgentError(msg)
    return _MAKERS[name](value)


_MAKERS: dict[Any, Callable[[Any], Condition]] = {
    "turns": turns,
    "tokens": tokens,
    "cost": cost,
    "wall": wall,
    "text": text,
    "no_progress": no_progress,
    "max_turns": max_turns_limit,
}


def _is_plain(func: object) -> bool:
    return callable(func) and not inspect.iscoroutinefunction(func)


def _is_object(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def _is_array(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value > 0


def _count(name: str, n: object) -> int:
    if type(n) is not int or n < 1:
        msg = f"{name}(...) takes a whole number above 0, not {n!r}"
        raise AgentError(msg)
    return n


def _written(func: Asked) -> str:
    name = _named(func)
    if name == "<lambda>":
        msg = "a callback is kept by its name, and a lambda has none; define a function and give its name to from_json"
        raise AgentError(msg)
    return name


def _read(name: object, callbacks: Mapping[str, Asked]) -> Asked:
    if not isinstance(name, str) or name not in callbacks:
        msg = f"the stop condition names the callback {name!r}; give it: from_json(data, callbacks={{{name!r}: ...}})"
        raise AgentError(msg)
    return callbacks[name]
