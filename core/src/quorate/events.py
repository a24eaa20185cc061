"""Events: what happened, told to observers. They never change what happens.

An observer is a callable that takes one event. Events carry ``silent``: a chat that was started with
``silent=True`` still tells, but a terminal should not show it.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence

    from quorate.coding import CodeBlock, CodeResult
    from quorate.messages import Message, Source, ToolCall
    from quorate.models import CreateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has: the name of the agent it is about, and whether a terminal should stay quiet."""

    agent: str
    silent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatStarted(Event):
    """``agent`` opened a chat with ``recipient``."""

    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatEnded(Event):
    """The chat is over; ``cost`` is in US dollars, None when some of it is unpriced."""

    recipient: str
    stop_reason: str
    cost: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSent(Event):
    """``agent`` said ``message`` to ``recipient``; ``streamed``: its text was told in parts before."""

    recipient: str
    message: Message
    source: Source
    streamed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart(Event):
    """A piece of what ``agent``'s model is writing."""

    recipient: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRestarted(Event):
    """What ``agent``'s model was writing broke off: its parts so far are void, and a new answer begins."""

    recipient: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryShortened(Event):
    """``agent``'s model is asked with less than the history, which stays whole.

    By the agent's transforms, or, with ``overflow``, because the model said that the prompt was too long for it.
    ``messages`` says how many messages fewer it reads, ``tokens`` how many tokens fewer, by an estimate.
    """

    messages: int
    tokens: int
    overflow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAnswered(Event):
    """A model call of ``agent`` is complete; ``messages`` is what it was asked, where the agent said so."""

    result: CreateResult
    messages: Sequence[Message] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeStarted(Event):
    """``agent`` is about to run code."""

    blocks: Sequence[CodeBlock]


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEnded(Event):
    """The code ran, or was refused, or ran out of time."""

    result: CodeResult


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(Event):
    """``agent`` is about to run a tool."""

    call: ToolCall


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolEnded(Event):
    """The tool gave ``content``, or failed with that text; ``error`` is the exception, when there was one."""

    call: ToolCall
    content: str
    failed: bool
    error: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRequested(Event):
    """The person behind ``agent`` is asked: an application that answers for them shows the prompt."""

    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoReply(Event):
    """``agent`` answers by itself where it could have asked a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerSelected(Event):
    """In a group chat, ``agent`` (the manager) gives the turn to ``speaker``."""

    speaker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerNotNamed(Event):
    """The model that was to choose the next speaker named no member: it is ``speaker``, the next in the list."""

    speaker: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSummed(Event):
    """Somebody asked what ``agent`` used; it is empty for a model client that is used without agents.

    ``summaries`` has one entry for each mode that was asked for, as AutoGen 0.2 shapes it: ``actual`` without answers
    from the response cache, ``total`` with them; None where nothing was used. ``price_sources`` are those of the costs.
    """

    summaries: Mapping[str, Mapping[str, Any] | None]
    price_sources: Sequence[str] = ()


Observer: TypeAlias = Callable[[Any], None]


_listening: ContextVar[tuple[list[Observer], ...]] = ContextVar("quorate_listening", default=())


@contextlib.contextmanager
def listening(observer: Observer) -> Generator[None]:
    """Tell one more observer of what is done below, in branches and nested chats too, and of nothing else."""
    token = _listening.set((*_listening.get(), [observer]))
    try:
        yield
    finally:
        _listening.reset(token)


class Observers:
    """The observers of one kernel, in the order they were added; then those that listen where the event is told."""

    def __init__(self, observers: Iterable[Observer] = ()) -> None:
        self._observers: list[Observer] = list(observers)

    def __bool__(self) -> bool:
        """Whether anyone listens: asked before an event is built."""
        return bool(self._observers) or any(_listening.get())

    def __iter__(self) -> Iterator[Observer]:
        """Those that were added, as they are now."""
        return iter(tuple(self._observers))

    def add(self, observer: Observer) -> Callable[[], None]:
        """Add one; call what this gives to take it out again."""
        self._observers.append(observer)
        return lambda: _remove(observer, self._observers)

    def tell(self, event: Event) -> None:
        """Tell everyone; an observer that raises is reported and taken out, and the run goes on."""
        for observers in (self._observers, *_listening.get()):
            for observer in tuple(observers):
                try:
                    observer(event)
                except Exception as error:  # noqa: BLE001 - an observer must not change what happens
                    _remove(observer, observers)
                    text = f"observer {observer!r} failed on {type(event).__name__} and was removed: {error!r}"
                    warnings.warn(text, RuntimeWarning, stacklevel=2)


def _remove(observer: Observer, observers: list[Observer]) -> None:
    """Take one out; it may be gone already, by failing or by another thread."""
    with contextlib.suppress(ValueError):
        observers.remove(observer)
