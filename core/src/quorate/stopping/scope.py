"""Stop conditions around a chat: where they are open, who is asked after each message and before each model call.

This is what the loops that hold chats build on. A chat of two opens a scope, says each message, and ends when it is
given a reason::

    with open_scope(condition, owner=recipient) as scope:
        scope.opened(message, author, source)
        ...
        if (stop := scope.said(message, author, source, turn=True)) is not None: ...

A loop that holds a conversation inside a chat, such as a group chat's, continues the scope of that chat with
:func:`join_scope`, and says only what its own members say. Before a model call the client reserves
(:func:`quorate.models.budget.hold`); when that is refused, :class:`quorate.errors.ChatStopped` travels up to the loop,
which ends the chat with its ``reason``: ``ended_by(error, agent)``.

A nested chat opens a scope of its own inside; what it uses is used in every scope around it, and it ends as soon as one
of those would.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING

from quorate.errors import ChatStopped
from quorate.messages import text_of
from quorate.stopping.accounts import NOTHING, Account, Want
from quorate.stopping.reason import StopReason
from quorate.stopping.watching import Heard, Progress, watch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from quorate.messages import Message, Source
    from quorate.stopping.conditions import Condition
    from quorate.stopping.reason import StopKind


class Bank:
    """What all scopes of one run share: the lock under which they reserve, and what was learned of prices and lengths.

    Attributes:
        lock: held while a reservation is checked and made in all scopes around a call.
        prices: by configuration, the highest US dollars per token that an answer has cost.
        longest: by configuration, the tokens of its longest answer.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.prices: dict[str, float] = {}
        self.longest: dict[str, int] = {}


class Scope:
    """The stop condition of one chat, open.

    Attributes:
        owner: the agent that answers in this chat.
        parent: the scope around it.
        chat: the scope around it when that is of the same chat: what is said here is said there.
        bank: shared with the scopes around it.
        watch: its condition at work; None for a chat without one.
        progress: how far the chat is.
        listens: whether messages must be said to it at all.
    """

    __slots__ = (
        "_hearing",
        "bank",
        "chat",
        "listens",
        "owner",
        "parent",
        "progress",
        "refused",
        "watch",
    )

    def __init__(
        self, condition: Condition | None, owner: object, parent: Scope | None = None, *, joined: bool = False
    ) -> None:
        self.owner = owner
        self.parent = parent
        self.chat = parent if joined else None
        self.bank: Bank = Bank() if parent is None else parent.bank
        self.watch = None if condition is None else watch(condition)
        self._hearing = [] if self.watch is None else [leaf for leaf in self.watch.leaves() if leaf.hears]
        self.progress = Progress(Account())
        self.refused: StopReason | None = None
        self.listens: bool = bool(self._hearing) or (self.chat is not None and self.chat.listens)

    # -- what the loops say and ask

    def opened(self, message: Message, author: str, source: Source = "program") -> None:
        """Hear the message that opens the chat; it ends nothing."""
        if self.listens:
            self.hear(Heard(message, author, source, text_of(message.get("content"))))

    def said(
        self, message: Message | None, author: str, source: Source = "function", *, turn: bool = True
    ) -> StopReason | None:
        """Hear a message; give why the chat ends with it, or None.

        Args:
            message: what was said; None is enough when the scope does not listen.
            author: the agent that said it.
            source: who made it.
            turn: whether it completes a turn.
        """
        self.count(turn=turn)
        if message is not None and self.listens:
            self.hear(Heard(message, author, source, text_of(message.get("content"))))
        return self.met(author)

    def close(self) -> None:
        """The chat has ended: what is still made of it, a summary, is held to budgets and time alone."""
        self.progress.over = True

    def met(self, agent: str = "", want: Want = NOTHING) -> StopReason | None:
        """Why the chat ends now, or would by a call that takes so much; the scopes around it count, too."""
        scope: Scope | None = self
        while scope is not None:
            if (reason := scope.own(agent, want)) is not None:
                return reason
            scope = scope.parent
        return None

    def own(self, agent: str = "", want: Want = NOTHING) -> StopReason | None:
        """The same by this scope's own condition alone."""
        if self.refused is not None:
            return replace(self.refused, agent=self.refused.agent or agent)
        if self.watch is None or not self.watch.met(self.progress, want):
            return None
        leaf = self.watch.met_leaf(self.progress, want)
        why = leaf.why(self.progress, want)
        kind: StopKind = leaf.condition.name  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        return StopReason(kind, agent, str(self.watch.condition), why)

    def count(self, *, turn: bool, inside: bool = False) -> None:
        """Count a message, and the turn when it completes one; ``inside``: it was said in a conversation that joined."""
        self.progress.messages += 1
        self.progress.turns += turn
        self.progress.answers += turn and not inside
        if self.chat is not None:
            self.chat.count(turn=turn, inside=True)

    def hear(self, heard: Heard) -> None:
        """Let the conditions on what is said take notice."""
        for leaf in self._hearing:
            leaf.hear(heard)
        if self.chat is not None:
            self.chat.hear(heard)

    # -- what model calls ask

    def around(self) -> Iterator[Scope]:
        """This scope and those around it."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    def limits(self, *names: str) -> bool:
        """Whether a condition of one of these names is open here or around."""
        return any(
            leaf.condition.name in names
            for scope in self.around()
            if scope.watch is not None
            for leaf in scope.watch.leaves()
        )

    def time_left(self) -> float | None:
        """Seconds until time alone ends the chat; None when it does not. 0 or less: it has."""
        lefts = [left for scope in self.around() if (left := scope.own_time_left()) is not None]
        return min(lefts) if lefts else None

    def own_time_left(self) -> float | None:
        """Seconds until time alone meets this scope's own condition; None when it does not."""
        if self.watch is None:
            return None
        ends = [end for leaf in self.watch.leaves() if (end := leaf.end(self.progress)) is not None]
        meeting = [end for end in ends if self.watch.met(self.progress, Want(now=end))]
        return min(meeting) - monotonic() if meeting else None

    def reserve(self, want: Want) -> None:
        """Reserve what a call may take, here and in every scope around, or nowhere.

        Raises:
            ChatStopped: it does not fit, or a chat is over for another reason; that chat ends with it.
        """
        with self.bank.lock:
            for scope in self.around():
                if (reason := scope.own(want=want)) is not None:
                    scope.refused = reason
                    raise ChatStopped(reason)
            for scope in self.around():
                scope.progress.account.hold(want)

    def settle(self, want: Want, tokens: int = 0, usd: float | None = 0.0, model: str = "") -> None:
        """Give a reservation back and count what the call took, here and in every scope around."""
        with self.bank.lock:
            for scope in self.around():
                account = scope.progress.account
                account.hold(want, -1)
                account.settle(tokens, usd, model)


_SCOPE: ContextVar[Scope | None] = ContextVar("quorate_stopping", default=None)


def current_scope() -> Scope | None:
    """The innermost open scope of this task or thread."""
    return _SCOPE.get()


@contextmanager
def open_scope(condition: Condition | None, owner: object = None) -> Generator[Scope]:
    """Open a scope for a chat: what is under way below is held to its condition, and to those open around it.

    Args:
        condition: when the chat stops; None for no condition of its own.
        owner: the agent that answers in it.
    """
    with _opened(Scope(condition, owner, _SCOPE.get())) as scope:
        yield scope


@contextmanager
def join_scope(condition: Condition | None, owner: object) -> Generator[Scope]:
    """Open a scope for a conversation that ``owner`` holds inside a chat it answers in, as a group chat's manager does.

    What is said in it is said in that chat, too. Where ``owner`` answers in no open chat, it is a scope like any other.
    """
    around = _SCOPE.get()
    joined = around is not None and around.owner is owner
    with _opened(Scope(condition, owner, around, joined=joined)) as scope:
        yield scope


@contextmanager
def _opened(scope: Scope) -> Generator[Scope]:
    token = _SCOPE.set(scope)
    try:
        yield scope
    finally:
        _SCOPE.reset(token)


def ended_by(error: ChatStopped, agent: str) -> StopReason:
    """The reason that a refused call of an agent gives for the end of its chat."""
    return replace(error.reason, agent=error.reason.agent or agent)
