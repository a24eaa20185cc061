"""Stop conditions at work in one chat: each hears its messages, and says whether it is met."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, NamedTuple

from quorate.errors import AgentError
from quorate.stopping.accounts import NOTHING, Want
from quorate.stopping.closing import ends_with
from quorate.stopping.durations import as_duration
from quorate.stopping.progress import said_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from quorate.messages import Message, Source
    from quorate.stopping.accounts import Account
    from quorate.stopping.conditions import Condition

NO_WORD: frozenset[Source] = frozenset({"code", "tool", "program"})
"""Sources whose words end no chat: the output of code, results of tools, and the message that opens the chat."""


class Heard(NamedTuple):
    """A message that was said in the chat: who said it, who made it, and its text."""

    message: Message
    author: str
    source: Source
    text: str


class Progress:
    """How far a chat is.

    Attributes:
        messages: said so far, without the one that opened it.
        turns: done so far, those of a group chat in it included.
        answers: of the recipient, to whom a group chat that it holds is a part of one answer.
        began: when it began, in seconds of ``time.monotonic``.
        account: what its model calls used.
        over: whether it has ended; what is still made of it, a summary, is held to budgets and time alone.
    """

    __slots__ = ("account", "answers", "began", "messages", "over", "turns")

    def __init__(self, account: Account) -> None:
        self.messages = self.turns = self.answers = 0
        self.began = monotonic()
        self.account = account
        self.over = False


class Watch:
    """One condition at work; ``hears`` says whether it must be told of messages."""

    __slots__ = ("condition", "value")
    hears = False

    def __init__(self, condition: Condition) -> None:
        self.condition = condition
        self.value: Any = condition.args[0] if condition.args else None

    def hear(self, heard: Heard) -> None:
        """Take notice of a message."""

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        """Whether the condition is met now, or would be by a call that takes so much."""
        raise NotImplementedError

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        """What there is to say about it when it is met."""
        raise NotImplementedError

    def end(self, progress: Progress) -> float | None:
        """When the passing of time alone meets it, as ``time.monotonic`` tells it; None for never."""
        del progress
        return None

    def leaves(self) -> Iterator[Watch]:
        """The simple conditions in it."""
        yield self

    def met_leaf(self, progress: Progress, want: Want) -> Watch:
        """Of a condition that is met, the part to be named."""
        del progress, want
        return self


class _Turns(Watch):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        del want
        return progress.turns >= self.value and not progress.over

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del want
        return f"{progress.turns} turn{'s are' if progress.turns != 1 else ' is'} done"


class _MaxTurns(_Turns):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        del want
        return progress.answers >= self.value and not progress.over


class _Tokens(Watch):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        return progress.account.tokens_gone(self.value, want)

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        account = progress.account
        used = f"{account.tokens} of {self.value} tokens are used"
        held = f", {account.held_tokens} are reserved for calls under way" if account.held_tokens else ""
        return f"{used}{held}{f', and the next call may take {want.tokens}' if want.tokens else ''}"


class _Cost(Watch):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        return progress.account.usd_gone(self.value, want)

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        account = progress.account
        if account.unpriced:
            return (
                f"nobody knows what the answer of {account.unpriced!r} cost, so no budget can be held; give its "
                "configuration a price, or pip install quorate-genai-prices, or limit tokens instead"
            )
        used = f"${account.usd:.6g} of ${self.value:.6g} are spent"
        held = f", ${account.held_usd:.6g} are reserved for calls under way" if account.held_usd else ""
        return f"{used}{held}{f', and the next call may cost ${want.usd:.6g}' if want.usd else ''}"


class _Wall(Watch):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        return (monotonic() if want.now is None else want.now) >= self.end(progress)

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del progress, want
        return f"the chat has lasted {as_duration(self.value)}"

    def end(self, progress: Progress) -> float:
        return progress.began + float(self.value)


class _Hearing(Watch):
    """A condition on what was said: met, or not, since the last message."""

    __slots__ = ("is_met",)
    hears = True

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self.is_met = False

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        del want
        return self.is_met and not progress.over


class _Text(_Hearing):
    __slots__ = ()

    def hear(self, heard: Heard) -> None:
        self.is_met = heard.source not in NO_WORD and ends_with(heard.text, self.value)

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del progress, want
        return "the last message ends so"


class _Callback(_Hearing):
    __slots__ = ()

    def hear(self, heard: Heard) -> None:
        if heard.source == "program":
            return
        answer = self.value(heard.message)
        if not isinstance(answer, bool):
            msg = f"the stop condition {self.condition} gave {answer!r:.80}; a callback gives True or False"
            raise AgentError(msg)
        self.is_met = answer

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del progress, want
        return "the function says so of the last message"


class _NoProgress(_Hearing):
    __slots__ = ("_row", "_said")

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self._said: set[int] = set()
        self._row = 0

    def hear(self, heard: Heard) -> None:
        key = said_in(heard.message, heard.text)
        self._row = self._row + 1 if key in self._said else 0
        self._said.add(key)
        self.is_met = self._row >= self.value

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del progress, want
        return f"the last {self._row} messages said nothing new"


class _CourtesyLoop(_Hearing):
    __slots__ = ("_authors", "_last")

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self._last = ""
        self._authors: dict[str, None] = {}

    def hear(self, heard: Heard) -> None:
        from quorate.stopping.courtesy import is_courtesy

        self._authors[heard.author] = None
        polite = heard.source not in NO_WORD and not heard.message.get("tool_calls")
        polite = polite and is_courtesy(heard.text, self._authors)
        self.is_met = polite and self._last not in ("", heard.author)
        self._last = heard.author if polite else ""

    def why(self, progress: Progress, want: Want = NOTHING) -> str:
        del progress, want
        return "the last two messages are courtesies and nothing else"


class _Composed(Watch):
    __slots__ = ("parts",)

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self.parts = [watch(part) for part in condition.args]

    def leaves(self) -> Iterator[Watch]:
        for part in self.parts:
            yield from part.leaves()

    def met_leaf(self, progress: Progress, want: Want) -> Watch:
        met = next((part for part in self.parts if part.met(progress, want)), self.parts[0])
        return met.met_leaf(progress, want)


class _Any(_Composed):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        return any(part.met(progress, want) for part in self.parts)


class _All(_Composed):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        return all(part.met(progress, want) for part in self.parts)


class _Not(_Composed):
    __slots__ = ()

    def met(self, progress: Progress, want: Want = NOTHING) -> bool:
        # Before anything is said, nothing has failed to be said.
        return progress.messages > 0 and not progress.over and not self.parts[0].met(progress, want)


_WATCHES: dict[str, type[Watch]] = {
    "turns": _Turns,
    "max_turns": _MaxTurns,
    "tokens": _Tokens,
    "cost": _Cost,
    "wall": _Wall,
    "text": _Text,
    "callback": _Callback,
    "no_progress": _NoProgress,
    "courtesy_loop": _CourtesyLoop,
    "any": _Any,
    "all": _All,
    "not": _Not,
}


def watch(condition: Condition) -> Watch:
    """Put a condition to work in one chat."""
    return _WATCHES[condition.name](condition)
