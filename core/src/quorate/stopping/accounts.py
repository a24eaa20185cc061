"""What the model calls of a chat used, and what those under way may still use."""

from __future__ import annotations

from typing import NamedTuple


class Want(NamedTuple):
    """What a model call may take.

    Attributes:
        tokens: read and written.
        usd: US dollars; 0 where no price is known.
        now: the time to look at wall clocks with, in seconds of ``time.monotonic``; None for now.
    """

    tokens: int = 0
    usd: float = 0.0
    now: float | None = None


NOTHING = Want()


class Account:
    """Tokens and dollars of one chat, nested ones included.

    Attributes:
        tokens: used by finished calls.
        usd: what those cost.
        held_tokens: reserved for calls under way.
        held_usd: the same in dollars.
        unpriced: the model of an answer that nobody priced; empty when there was none.
    """

    __slots__ = ("held_tokens", "held_usd", "tokens", "unpriced", "usd")

    def __init__(self) -> None:
        self.tokens = self.held_tokens = 0
        self.usd = self.held_usd = 0.0
        self.unpriced = ""

    def hold(self, want: Want, sign: int = 1) -> None:
        """Reserve for a call; with a sign of -1, give back."""
        self.held_tokens += sign * want.tokens
        # Counted in fractions, which leave dust: nothing under way means nothing held.
        self.held_usd = self.held_usd + sign * want.usd if self.held_tokens else 0.0

    def settle(self, tokens: int, usd: float | None, model: str) -> None:
        """Count what a call took; an unpriced one is kept in mind."""
        self.tokens += tokens
        if usd is None:
            self.unpriced = self.unpriced or model
        else:
            self.usd += usd

    def tokens_gone(self, limit: int, want: Want) -> bool:
        """Whether nothing is left of so many tokens, or not enough for a call."""
        return self.tokens >= limit or self.tokens + self.held_tokens + want.tokens > limit

    def usd_gone(self, limit: float, want: Want) -> bool:
        """Whether nothing is left of so many dollars, or not enough for a call, or nobody knows."""
        return bool(self.unpriced) or self.usd >= limit or self.usd + self.held_usd + want.usd > limit
