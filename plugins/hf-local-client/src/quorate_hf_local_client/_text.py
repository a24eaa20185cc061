"""Text as it is generated: tokens to characters, up to a stop text."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_BROKEN = "\N{REPLACEMENT CHARACTER}"
# A character has at most four bytes, so no more tokens than that can be waiting for its end.
_LONGEST_WAIT = 4


class Decoder:
    """Tokens to text, piece by piece; a token that ends inside a character waits for the rest.

    The text of a token depends on the one before it (a space or none), so a window of tokens is decoded twice,
    without and with the new ones: what is more is new.
    """

    def __init__(self, tokenizer: Any) -> None:
        # The library below does the same for a fifth of the cost, where there is one.
        fast = getattr(tokenizer, "backend_tokenizer", None)
        plain: dict[str, Any] = {"clean_up_tokenization_spaces": False} if fast is None else {}
        self._decoded = partial((fast or tokenizer).decode, skip_special_tokens=True, **plain)
        self._window: list[int] = []
        self._known = 0
        self._before: str | None = ""  # the text of the known part of the window; None before it is asked for

    def push(self, token: int) -> str:
        """The text that this token completes."""
        self._window.append(token)
        text = self._decode(self._window)
        if text.endswith(_BROKEN) and len(self._window) - self._known < _LONGEST_WAIT:
            return ""
        return self._new(text)

    def flush(self) -> str:
        """What is left: a character that never ended."""
        return self._new(self._decode(self._window))

    def _new(self, text: str) -> str:
        if self._before is None:
            self._before = self._decode(self._window[: self._known])
        new = text[len(self._before) :]
        if new:
            self._window = self._window[self._known :]
            self._known, self._before = len(self._window), None
        return new

    def _decode(self, tokens: Sequence[int]) -> str:
        return str(self._decoded(tokens)) if tokens else ""


class UpTo:
    """Text up to the first of some stop texts, piece by piece; what may be a stop's beginning is held back."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = stops
        self._held: str = ""
        self.found = False

    def push(self, text: str) -> str:
        """What can be given out; once a stop was found, nothing more."""
        if self.found or not self._stops:
            return "" if self.found else text
        text = self._held + text
        hits = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if hits:
            self.found, self._held = True, ""
            return text[: min(hits)]
        keep = overlap(text, self._stops)
        self._held = text[len(text) - keep :]
        return text[: len(text) - keep]

    def flush(self) -> str:
        """What was held back and is no stop after all."""
        held, self._held = self._held, ""
        return held


def overlap(text: str, marks: Sequence[str]) -> int:
    """How many characters at the end of a text are the beginning of a mark."""
    for size in range(min(len(text), max(map(len, marks), default=1) - 1), 0, -1):
        end = text[-size:]
        if any(mark.startswith(end) for mark in marks):
            return size
    return 0
