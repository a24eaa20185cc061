"""A loaded model with one thread that generates; requests that wait at the same time are generated together."""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence

    from quorate_hf_local_client._decoding import AnswerRow, ChoiceRow, Row
    from quorate_hf_local_client._loading import Loaded
    from quorate_hf_local_client._parameters import Plan
    from quorate_hf_local_client._template import Prompt

# Seconds that a batch waits for requests that are being prepared; it does not wait when there are none.
_PATIENCE = 0.1
# Seconds that closing waits for the token under way.
_LAST_TOKEN = 10.0


@dataclass(eq=False, slots=True)
class Job:
    """One request: rows that begin with one prompt.

    Attributes:
        prompt: its tokens.
        rows: the answers or choices.
        others: further fields of ``GenerationConfig``; with any, it is generated alone.
        done: is told None when all rows are done, else what went wrong; called once, on the engine's thread.
        cancelled: set by anyone who no longer wants it.
        batch: how many requests were generated together with it, itself included.
    """

    prompt: Sequence[int]
    rows: Sequence[Row]
    done: Callable[[Exception | None], None]
    others: Mapping[str, Any] = field(default_factory=dict[str, Any])
    cancelled: bool = False
    batch: int = 0
    told: bool = False

    def tell(self, error: Exception | None = None) -> None:
        """Say once how it ended."""
        if not self.told:
            self.told = True
            self.done(error)


class Engine:
    """Generates, in a thread of its own, for every client and event loop that uses this model.

    Args:
        loaded: the model with its tokenizer.
        largest: rows that are generated at the same time; a request that has more is generated alone.
        name: what the model is called in errors.
    """

    def __init__(self, loaded: Loaded, *, largest: int, name: str) -> None:
        self.loaded = loaded
        self._largest = largest
        self.name = name
        self._waiting: deque[Job] = deque()
        self._expected = 0
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="quorate-hf-local", daemon=True)
        self._thread.start()
        # A thread inside torch while the interpreter ends can abort the process.
        atexit.register(self.close)

    @contextmanager
    def expecting(self) -> Generator[None]:
        """A request is being prepared: a batch about to start waits for it."""
        with self._changed:
            self._expected += 1
        try:
            yield
        finally:
            with self._changed:
                self._expected -= 1
                self._changed.notify_all()

    def answers(
        self, plan: Plan, prompt: Prompt, *, limit: int, tools: bool, tell: Callable[[str], None] | None
    ) -> list[AnswerRow]:
        """Rows for the answers that a plan asks for.

        Args:
            plan: how they are generated.
            prompt: what they begin with.
            limit: tokens each may have.
            tools: whether they can hold tool calls.
            tell: is given the text of the first as it comes; None when nobody listens.
        """
        from quorate_hf_local_client._decoding import AnswerRow

        return [
            AnswerRow(self.loaded, plan, prompt, index=index, limit=limit, tools=tools, tell=None if index else tell)
            for index in range(plan.n)
        ]

    def choices(self, words: Sequence[Sequence[int]]) -> list[ChoiceRow]:
        """Rows that measure how likely each choice is, given as tokens."""
        from quorate_hf_local_client._decoding import ChoiceRow

        return [ChoiceRow(tokens, self.loaded.ends) for tokens in words]

    def submit(self, job: Job) -> None:
        """Put a request into the queue."""
        with self._changed:
            if not self._closing:
                self._waiting.append(job)
                self._changed.notify_all()
                return
        job.tell(self._closed())

    def close(self, *, wait: bool = True) -> None:
        """End the thread after the token under way, and let the model go; closing twice is fine."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        atexit.unregister(self.close)
        if wait and self._thread is not threading.current_thread():
            self._thread.join(_LAST_TOKEN)

    def _work(self) -> None:
        while batch := self._next():
            for job in batch:
                job.batch = len(batch)
            try:
                self._generate(batch)
                error: Exception | None = None
            except Exception as problem:  # noqa: BLE001 - whatever it is belongs to those who wait
                error = self._failed(problem)
            for job in batch:
                finished = all(row.done for row in job.rows) and not job.cancelled and not self._closing
                job.tell(error or (None if finished else self._closed()))
            del batch
        self.loaded.release()
        for job in self._waiting:
            job.tell(self._closed())

    def _next(self) -> list[Job]:
        """The next batch: the oldest request, and those that can be generated with it. Empty when closing."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            until = time.monotonic() + _PATIENCE
            while self._expected and not self._closing and sum(len(job.rows) for job in self._waiting) < self._largest:
                if not self._changed.wait(until - time.monotonic()):
                    break
            return [] if self._closing else self._take()

    def _take(self) -> list[Job]:
        batch = [self._waiting.popleft()]
        room = self._largest - len(batch[0].rows)
        for job in () if batch[0].others else tuple(self._waiting):
            if len(job.rows) <= room and not job.others:
                batch.append(job)
                self._waiting.remove(job)
                room -= len(job.rows)
        return batch

    def _generate(self, batch: Sequence[Job]) -> None:
        from quorate_hf_local_client._decoding import generate

        owners = [job for job in batch for _ in job.rows]
        rows = [row for job in batch for row in job.rows]

        def stopped(index: int) -> bool:
            if index == 0:  # once for each token: tell those whose rows are all done
                self._tell_finished(batch)
            return owners[index].cancelled or self._closing

        prompts = [job.prompt for job in owners]
        generate(self.loaded.model, prompts, rows, stopped=stopped, **batch[0].others)

    def _tell_finished(self, batch: Sequence[Job]) -> None:
        for job in batch:
            if not job.told and all(row.done for row in job.rows):
                job.tell()

    def _failed(self, problem: Exception) -> ModelError:
        said = f"{type(problem).__name__}: {problem}"
        full = type(problem).__name__ in ("OutOfMemoryError", "MemoryError")
        what = "there is not enough memory" if full else "transformers failed to generate"
        todo = (
            "lower max_batch_size or max_tokens, or use a smaller dtype"
            if full
            else "check the parameters under params"
        )
        error = ModelError(f"{self.name}: {what} ({said:.600}); {todo}", kind="overload" if full else "bug")
        error.__cause__ = problem
        return error

    def _closed(self) -> ModelError:
        msg = f"{self.name}: the model was closed before this request was done; ask again to load it anew"
        return ModelError(msg, kind="bad_request")
