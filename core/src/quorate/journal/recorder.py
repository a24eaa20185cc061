"""Performing the steps of a recorded run, or reading back what they gave."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from quorate._drive import Step, perform
from quorate._streams import each
from quorate.errors import JournalError, StepDiffers, StepInterrupted
from quorate.journal.differences import difference
from quorate.journal.kinds import kind_of
from quorate.journal.results import error_data, error_from
from quorate.models.budget import settle_unreserved
from quorate.models.results import CreateResult
from quorate.models.usage import Tally, count

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from quorate.journal.kinds import Kind
    from quorate.journal.store import Found, Store

Interrupted: TypeAlias = Literal["repeat", "raise"]
_NOTHING = object()


class RecordedStep(Step):
    """A step of a recorded run, and so are those inside it."""

    __slots__ = ("recorder",)

    def __init__(self, kind: str, recorder: Recorder | None, number: int = 0, parent: Step | None = None) -> None:
        super().__init__(kind, number, parent)
        self.recorder = recorder

    def child(self, kind: str) -> RecordedStep:
        """Open the next step inside this one."""
        number = self.children
        self.children = number + 1
        return RecordedStep(kind, self.recorder, number, self)


class Recorder:
    """What the door asks in a recorded run.

    Args:
        store: where the steps are.
        on_interrupted: what becomes of code and tools that were under way when the run broke off.
        replay: whether nothing is performed.
    """

    def __init__(self, store: Store, on_interrupted: Interrupted, *, replay: bool = False) -> None:
        self._store = store
        self._on_interrupted = on_interrupted
        self._replay = replay
        self._met: set[str] = set()
        self.broken: JournalError | None = None

    async def step(self, step: Step, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Give the result of a step: read back, or performed and kept before this returns."""
        kind = kind_of(step.kind)
        if not kind.whole and getattr(func, "__quorate_kernel__", False):
            return await func(*args, **kwargs)
        found, intent = self._begin(step, kind, func, args, kwargs)
        if found is not _NOTHING:
            return found
        try:
            value = await perform(func, *args, **kwargs)
        except Exception as error:
            self._fail(intent, error)
            raise
        self._keep(step, kind, intent, value)
        return value

    async def stream(
        self, step: Step, make: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> AsyncGenerator[Any, None]:
        """Give the parts of a step: read back, its text is one part."""
        kind = kind_of(step.kind)
        found, intent = self._begin(step, kind, make, args, kwargs)
        if found is not _NOTHING:
            if isinstance(found, CreateResult) and found.message.get("content"):
                yield found.message.get("content")
            yield found
            return
        parts = each(make, *args, **kwargs)
        try:
            async for part in parts:
                if not isinstance(part, str):
                    self._keep(step, kind, intent, part)
                yield part
        except Exception as error:
            self._fail(intent, error)
            raise
        finally:
            await parts.aclose()

    def _begin(
        self, step: Step, kind: Kind, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, int]:
        """What a step gave; or that it is to be performed, and the number of its intent, which is written."""
        self._whole()
        address = step.address
        self._met.add(address)
        with _Breaking(self):
            prepared = self._store.prepared(kind.describe(func, args, kwargs))
            found = self._store.find(address)
            if found is not None and found.data is not None and self._to_be_read(found, step):
                self._compare(found, step, prepared)
                return self._read(found, kind, step, func), 0
            if self._replay:
                raise self._missing(found, step, prepared)
            if found is not None and found.data is None and kind.once and self._on_interrupted == "raise":
                msg = (
                    f"{self._place(step)} was under way when the run broke off, and it may have had effects; see to "
                    'them, and let it run again with on_interrupted="repeat"'
                )
                raise StepInterrupted(msg)
            return _NOTHING, self._store.intend(address, step.kind, prepared)

    def _to_be_read(self, found: Found, step: Step) -> bool:
        """Whether a step's end is final: one that failed is tried again, unless the program went on after it."""
        return not found.failed or self._replay or self._went_on(step)

    def _went_on(self, step: Step) -> bool:
        """Whether a step was recorded after this one, by code that waited for this one's end."""
        recorded = self._store.addresses()
        numbers = [tuple(map(int, address.split("."))) for address in recorded]
        place = step
        while place.parent is not None:
            above = tuple(map(int, place.parent.address.split("."))) if place.parent.address else ()
            later = (one for one in numbers if len(one) > len(above) and one[: len(above)] == above)
            if place.kind != "branch" and any(one[len(above)] > place.number for one in later):
                return True
            place = place.parent
        return False

    def _compare(self, found: Found, step: Step, prepared: tuple[str, dict[str, str], str]) -> None:
        if found.kind == step.kind and found.fingerprint == prepared[2]:
            return
        raise StepDiffers(self._differing(found, step, prepared))

    def _differing(self, found: Found, step: Step, prepared: tuple[str, dict[str, str], str]) -> str:
        before = {"kind": found.kind, **self._store.request_of(found.request)}
        now = {"kind": step.kind, **self._store.request_of(prepared[0], prepared[1])}
        return (
            f"{self._place(step)} differs from what was recorded, so the program or what it was given has changed:\n"
            f"{difference(before, now)}\nGo back to what was recorded, or record another run."
        )

    def _missing(self, found: Found | None, step: Step, prepared: tuple[str, dict[str, str], str]) -> StepDiffers:
        if found is not None and (found.kind, found.fingerprint) != (step.kind, prepared[2]):
            return StepDiffers(self._differing(found, step, prepared))
        why = "was not recorded" if found is None else "has no recorded result: the run broke off there"
        asked = json.dumps(self._store.request_of(prepared[0], prepared[1]), ensure_ascii=False)
        return StepDiffers(f"{self._place(step)} {why}, and a replay performs nothing; it asks: {asked:.500}")

    def _read(self, found: Found, kind: Kind, step: Step, func: Any) -> Any:
        data = json.loads(found.data or "null")
        if found.failed:
            error = error_from(data)
            if error is None:
                msg = f"{self._place(step)} failed with {data['module']}.{data['type']}, which a journal cannot make again: {data['message']}"
                raise JournalError(msg)
            raise error
        try:
            value = kind.codec.decode(data)
        except (KeyError, TypeError, ValueError) as error:
            msg = f"{self._place(step)} has a result that cannot be read: {error}; the journal was written by another version, or changed"
            raise JournalError(msg) from error
        if isinstance(value, CreateResult):
            _account(value, getattr(func, "__self__", None))
        return value

    def _keep(self, step: Step, kind: Kind, intent: int, value: Any) -> None:
        self._whole()
        with _Breaking(self):
            try:
                self._store.keep(intent, kind.codec.encode(value), failed=False)
            except (TypeError, ValueError, AttributeError, RecursionError) as error:
                msg = f"{self._place(step)} gave a {type(value).__qualname__} that cannot be recorded: {error}; give text, numbers, lists, or dicts with text keys"
                raise JournalError(msg) from error

    def _fail(self, intent: int, error: Exception) -> None:
        """Keep an error, unless the journal itself has failed."""
        if self.broken is None and not isinstance(error, JournalError):
            with _Breaking(self):
                self._store.keep(intent, error_data(error), failed=True)

    def _place(self, step: Step) -> str:
        return f"{self._store.path}, run {self._store.name!r}: step {step.address} ({step.kind})"

    def _whole(self) -> None:
        """Refuse to go on after a failure of the journal, which a tool may have taken for its own."""
        if self.broken is not None:
            raise self.broken

    def check_all_met(self) -> None:
        """See that a replay asked for every step that was recorded.

        Raises:
            StepDiffers: it ended before.
        """
        for address, kind in self._store.addresses().items():
            steps = address.split(".")
            if not any(".".join(steps[:depth]) in self._met for depth in range(1, len(steps) + 1)):
                msg = f"{self._store.path}, run {self._store.name!r}: the program ended without step {address} ({kind}), which was recorded"
                raise StepDiffers(msg)


class _Breaking:
    """Notes a failure of the journal, so that nothing goes on after it."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def __enter__(self) -> None:
        """Nothing."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, JournalError):
            self._recorder.broken = error


def _account(result: CreateResult, client: Any) -> None:
    """Count an answer that was read back where a client that counts for itself did when it was made."""
    if isinstance(usage := getattr(client, "usage", None), Tally):
        usage.add(result)
        count(result)
        settle_unreserved(result)
