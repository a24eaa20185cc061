"""Answers while they are generated, and the two hooks of transformers' ``generate()`` that drive them.

Each row of a batch chooses its own tokens, as its own request asked, so that requests with different
parameters share a batch and a seed gives the same answer in every batch. Imports torch and transformers.
"""

from __future__ import annotations

import importlib
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Protocol

from quorate_hf_local_client._sifting import Sifter
from quorate_hf_local_client._text import Decoder, UpTo

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quorate_hf_local_client._loading import Loaded
    from quorate_hf_local_client._parameters import Plan
    from quorate_hf_local_client._template import Prompt

# Through importlib, for neither library need be there when types are checked.
torch: Any = importlib.import_module("torch")
transformers: Any = importlib.import_module("transformers")

_WARPERS = {
    "temperature": ("TemperatureLogitsWarper", float, 1.0),
    "top_k": ("TopKLogitsWarper", int, 0),
    "top_p": ("TopPLogitsWarper", float, 1.0),
    "min_p": ("MinPLogitsWarper", float, 0.0),
    "typical_p": ("TypicalLogitsWarper", float, 1.0),
    "epsilon_cutoff": ("EpsilonLogitsWarper", float, 0.0),
    "eta_cutoff": ("EtaLogitsWarper", float, 0.0),
}
"""For each parameter its class in transformers, its type, and the value that changes nothing."""


class Row(Protocol):
    """One row of a batch."""

    done: bool
    limit: int

    def step(self, scores: Any, index: int, best: int) -> int:
        """The next token.

        Args:
            scores: the logits of the batch, shape (rows, vocabulary), float32.
            index: which of its rows this is; only rows that look at their logits pay for taking them out.
            best: the token with the highest logit.
        """
        ...


class AnswerRow:
    """One answer that is being written.

    Args:
        loaded: the model.
        plan: how it is generated.
        prompt: what it begins with.
        index: its place among the answers of its request; makes their seeds differ.
        limit: tokens it may have.
        tools: whether it can hold tool calls.
        tell: is given each piece of its text as it comes.
    """

    def __init__(
        self,
        loaded: Loaded,
        plan: Plan,
        prompt: Prompt,
        *,
        index: int,
        limit: int,
        tools: bool,
        tell: Callable[[str], None] | None,
    ) -> None:
        self.done = False
        self.limit = limit
        self.tokens = 0
        self.finish = "length"
        self.text = ""
        self.sifter = Sifter(tools=tools, thinking=prompt.thinking, mark=_mark(prompt.ids) if tools else "")
        self._ends = loaded.ends
        self._tell = tell
        self._decoder = Decoder(loaded.tokenizer)
        self._up_to = UpTo(plan.stop)
        self._draw = None if plan.warpers is None else _drawer(plan, index)
        self.sifter.push(prompt.begun)

    def step(self, scores: Any, index: int, best: int) -> int:
        """Choose the next token and write it down."""
        token = best if self._draw is None else self._draw(scores[index])
        self.tokens += 1
        if token in self._ends:
            self._end("stop")
            return token
        self._show(self.sifter.push(self._up_to.push(self._decoder.push(token))))
        if self._up_to.found:
            self._end("stop")
        elif self.tokens >= self.limit:
            self._end("length")
        return token

    def _end(self, finish: str) -> None:
        last = self._up_to.push(self._decoder.flush())
        finish = "stop" if self._up_to.found else finish
        self._show(self.sifter.push(last + self._up_to.flush()) + self.sifter.flush())
        self.finish, self.done = finish, True

    def _show(self, text: str) -> None:
        self.text += text
        if text and self._tell is not None:
            self._tell(text)


def _mark(prompt: Sequence[int]) -> str:
    """Another for every prompt, and the same when one is asked again: a repeated run has the same ids."""
    return f"call_{blake2b(repr(prompt).encode(), digest_size=8).hexdigest()}"


class ChoiceRow:
    """One choice whose likelihood is measured: its tokens and then an end are put into the model's mouth.

    Args:
        tokens: the choice's.
        ends: tokens that end an answer; without one, a choice that begins another cannot be told from it.
    """

    def __init__(self, tokens: Sequence[int], ends: Sequence[int]) -> None:
        self.done = False
        self.limit = len(tokens) + 1
        self.likelihood = 0.0  # the natural logarithm of its probability
        self._tokens = tokens
        self._ends = list(ends)
        self._at = 0

    def step(self, scores: Any, index: int, best: int) -> int:
        """Note how likely the next token of the choice is, and take it."""
        logs = torch.log_softmax(scores[index], -1)
        if self._at == len(self._tokens):
            if self._ends:
                self.likelihood += float(logs[self._ends].logsumexp(0))
            self.done = True
            return best
        token = self._tokens[self._at]
        self.likelihood += float(logs[token])
        self._at += 1
        return token


def _drawer(plan: Plan, index: int) -> Callable[[Any], int]:
    """Draws tokens as the plan says, with a source of randomness of its own."""
    given = plan.warpers or {}
    warpers = [
        getattr(transformers, name)(kind(given[key]))
        for key, (name, kind, neutral) in _WARPERS.items()
        if given.get(key, neutral) != neutral
    ]
    source: list[Any] = []

    def draw(scores: Any) -> int:
        if not source:
            source.append(torch.Generator(device=scores.device))
            if plan.seed is None:
                source[0].seed()
            else:
                source[0].manual_seed(plan.seed + index)
        scores = scores[None]
        for warp in warpers:
            scores = warp(None, scores)
        return int(torch.multinomial(torch.softmax(scores, -1), 1, generator=source[0]))

    return draw


class Choosing:
    """A logits processor: lets each row choose, and leaves only what it chose.

    Args:
        rows: the rows of the batch, in order.
        stopped: whether nobody wants the answer of a row any more.
    """

    def __init__(self, rows: Sequence[Row], stopped: Callable[[int], bool]) -> None:
        self._rows = rows
        self._stopped = stopped

    def __call__(self, input_ids: Any, scores: Any) -> Any:  # noqa: ARG002 - transformers' signature
        """Take logits of shape (rows, vocabulary) and give such logits."""
        best = scores.argmax(-1).tolist()
        chosen = [self._choose(scores, index, each) for index, each in enumerate(best)]
        if chosen == best:  # what generate() itself would take
            return scores
        only = torch.full_like(scores, float("-inf"))
        only.scatter_(1, torch.tensor(chosen, device=scores.device)[:, None], 0.0)
        return only

    def _choose(self, scores: Any, index: int, best: int) -> int:
        row = self._rows[index]
        if not row.done and self._stopped(index):
            row.done = True
        return best if row.done else row.step(scores, index, best)  # after the end it no longer matters


class Stopping:
    """A stopping criterion: a row that is done is done."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ARG002 - transformers' signature
        """One truth value for each row."""
        return torch.tensor([row.done for row in self._rows], device=input_ids.device)


def generate(
    model: Any, prompts: Sequence[Sequence[int]], rows: Sequence[Row], *, stopped: Callable[[int], bool], **others: Any
) -> None:
    """Generate a batch of rows to their ends.

    Args:
        model: a causal language model with ``pad_token_id`` and ``eos_token_id`` in its generation config.
        prompts: the tokens each row begins with; padded on the left to one length.
        rows: the rows, which choose and keep what is generated.
        stopped: whether nobody wants the answer of a row any more; asked before every token.
        **others: further fields of ``GenerationConfig``.
    """
    pad: int = model.generation_config.pad_token_id
    longest = max(map(len, prompts))
    ids = torch.tensor([[pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    config = transformers.GenerationConfig(
        max_new_tokens=max(row.limit for row in rows),
        do_sample=False,
        pad_token_id=pad,
        eos_token_id=model.generation_config.eos_token_id,
        **others,
    )
    with torch.inference_mode():
        model.generate(
            input_ids=ids,
            attention_mask=mask,
            generation_config=config,
            logits_processor=transformers.LogitsProcessorList([Choosing(rows, stopped)]),
            stopping_criteria=transformers.StoppingCriteriaList([Stopping(rows)]),
        )
