"""One answer of the demonstration model: greedy decoding, and the guard against unsure answers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from quorate.messages import text_of
from quorate_tiny_model._calls import sound
from quorate_tiny_model._model import Model, log_probability, probability
from quorate_tiny_model._prompt import current_exchange, is_output, render
from quorate_tiny_model._tokenizer import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate_tiny_model._prompt import Part

CONTEXT: Final = 1024
"""Tokens of a prompt and its answer together."""

LONGEST_ANSWER: Final = 192
"""Tokens of an answer; the longest that training held is shorter."""

# No text that people write gets this many characters to a token, so a longer prompt is refused
# before the tokenizer spends seconds on it.
_CHARACTERS_PER_TOKEN: Final = 8

GUARD: Final = 0.8
"""The probability that every token of an answer must have; README.md says how it was chosen."""

HELP: Final = "I am a tiny demonstration model. I can write Python for small tasks such as: What is 37 * 54?\nTERMINATE"
DONE: Final = "Done. The output is shown above.\nTERMINATE"
FAILED: Final = "The code failed to run, so I stop here.\nTERMINATE"


class PromptTooLongError(ValueError):
    """The last question and what came of it do not fit the model's context."""


@dataclass(frozen=True)
class Answer:
    """What the model says.

    Attributes:
        pieces: The text as it is to be streamed, one piece per token that ends a character.
        prompt_tokens: Tokens that were read.
        completion_tokens: Tokens that were generated, the end mark and a rejected answer included.
        complete: Whether the model ended the answer itself (False: cut at `limit`).
        guarded: Whether a fixed text stands in for an answer the model was unsure of.
    """

    pieces: tuple[str, ...]
    prompt_tokens: int
    completion_tokens: int
    complete: bool = True
    guarded: bool = False

    @property
    def text(self) -> str:
        """The whole answer."""
        return "".join(self.pieces)


class Engine:
    """The model with its tokenizer. Threads may share one."""

    def __init__(self, folder: Path) -> None:
        """Load the weights and the tokenizer from a folder in Hugging Face format."""
        self.model = Model(folder)
        self.tokenizer = Tokenizer(folder / "tokenizer.json")

    def prompt(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()) -> list[int]:
        """Token ids of the prompt.

        Raises:
            PromptTooLongError: If no room for an answer would be left in the context.
        """
        parts = render(current_exchange(messages), tools)
        room = CONTEXT - LONGEST_ANSWER
        size = sum(len(part.text) for part in parts)
        ids = self._ids(parts) if size <= room * _CHARACTERS_PER_TOKEN else None
        if ids is None or len(ids) > room:
            count = f"{size} characters" if ids is None else f"{len(ids)} tokens"
            msg = f"the prompt has {count}; the demonstration model reads up to {room} tokens"
            raise PromptTooLongError(msg)
        return ids

    def answer(
        self,
        messages: Sequence[Mapping[str, Any]],
        tools: Sequence[Mapping[str, Any]] = (),
        *,
        limit: int = LONGEST_ANSWER,
        guard: float = GUARD,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Read the messages and answer, always choosing the most probable token.

        Args:
            messages: Chat-completions messages.
            tools: Tools on offer, in chat-completions form.
            limit: Most tokens to generate.
            guard: Least probability of a token.
            stopped: Asked before every token; once true, the rest is not generated.

        Raises:
            PromptTooLongError: If the prompt does not fit.
        """
        prompt = self.prompt(messages, tools)
        ids, sure, ended = self._generate(prompt, min(limit, LONGEST_ANSWER), guard, stopped)
        # The guard looks at the whole answer before a word of it is shown: the doubtful token may
        # be the last, and what was streamed cannot be taken back. It costs tens of milliseconds.
        cut = not ended and limit < LONGEST_ANSWER  # as the caller asked
        if not sure or not (cut or (ended and sound(self.tokenizer.decode(ids), tools))):
            pieces = self._pieces(self.tokenizer.encode(instead(messages)))
            return Answer(pieces, len(prompt), len(ids) + ended, guarded=True)
        return Answer(self._pieces(ids), len(prompt), len(ids) + ended, complete=ended)

    def count(self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] = ()) -> int:
        """How many tokens the prompt has, too long or not."""
        return len(self._ids(render(current_exchange(messages), tools)))

    def choose(
        self,
        messages: Sequence[Mapping[str, Any]],
        choices: Sequence[str],
        stopped: Callable[[], bool] = lambda: False,
    ) -> Answer:
        """Read the messages, and answer with the most probable choice, its end included.

        Args:
            messages: Chat-completions messages.
            choices: The answers to choose from.
            stopped: Asked before every choice; once true, the rest is not looked at.

        Raises:
            PromptTooLongError: If the prompt or a choice does not fit.
        """
        prompt = self.prompt(messages)
        words = [[*self.tokenizer.encode(choice), self.model.end] for choice in choices]
        longest = max(map(len, words))
        if longest > LONGEST_ANSWER:
            msg = f"a choice has {longest} tokens; the demonstration model writes up to {LONGEST_ANSWER}"
            raise PromptTooLongError(msg)
        past = self.model.cache(len(prompt) + longest)
        first = self.model.forward(prompt, past)
        scores = [-math.inf] * len(words)
        for number, ids in enumerate(words):
            if stopped():
                break
            past.length = len(prompt)
            logits = [first, *(self.model.forward([token], past) for token in ids[:-1])]
            scores[number] = sum(map(log_probability, logits, ids))
        best = scores.index(max(scores))
        return Answer((choices[best],), len(prompt), len(words[best]))

    def _ids(self, parts: Sequence[Part]) -> list[int]:
        ids: list[int] = []
        for part in parts:
            if part.special:
                ids.append(self.tokenizer.special(part.text))
            else:
                ids += self.tokenizer.encode(part.text)
        return ids

    def _generate(
        self, prompt: list[int], limit: int, guard: float, stopped: Callable[[], bool]
    ) -> tuple[list[int], bool, bool]:
        """Give the tokens, whether each was probable enough, and whether the end mark came."""
        past = self.model.cache(len(prompt) + limit)
        ids: list[int] = []
        new = prompt
        while len(ids) < limit and not stopped():
            logits = self.model.forward(new, past)
            token = int(logits.argmax())
            if probability(logits, token) < guard:
                return ids, False, False
            if token == self.model.end:
                return ids, True, True
            ids.append(token)
            new = [token]
        return ids, True, False

    def _pieces(self, ids: Sequence[int]) -> tuple[str, ...]:
        """Texts of the tokens; a token that ends inside a character is held for the next."""
        pieces: list[str] = []
        held = b""
        for token in ids:
            held += self.tokenizer.decode_bytes([token])
            try:
                pieces.append(held.decode("utf-8"))
            except UnicodeDecodeError:
                continue
            held = b""
        if held:
            pieces.append(held.decode("utf-8", "replace"))
        return tuple(pieces)


def instead(messages: Sequence[Mapping[str, Any]]) -> str:
    """The fixed text for an answer that the model is unsure of."""
    last: Mapping[str, Any] = messages[-1] if messages else {}
    if last.get("role") in {"tool", "function"}:
        return DONE
    if not is_output(last):
        return HELP
    return DONE if text_of(last.get("content")).startswith("exitcode: 0") else FAILED


@cache
def engine() -> Engine:
    """The engine with the shipped weights, loaded on first use and shared by the process.

    Two threads that come first together may both load, which wastes some milliseconds and harms
    nothing; a lock could be copied by `fork` while it is held.
    """
    return Engine(Path(__file__).parent / "model")
