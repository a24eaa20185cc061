"""The door: kernel code is written once, as coroutines, and reaches the world through here.

Kernel coroutines await nothing but each other and the door: :func:`call` (one numbered step),
:func:`perform` (a passage without a number), :func:`within` (a passage with a time limit) and
:func:`gather`. Under an event loop a passage awaits coroutine functions and sends plain functions to a
worker thread. Under :func:`drive` the coroutine is stepped by hand in the caller's own thread: plain
functions run right there, and only coroutine functions visit one background loop thread.

The idea of one body and two drivers is psycopg's (``generators.py`` and ``waiting.py``).
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Protocol, TypeVar, cast, overload

from quorate.errors import DoorError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Generator

    from quorate._loop import Outcome
    from quorate.journal.recorder import Recorder

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
F = TypeVar("F", bound="Callable[..., Any]")

STEPPING: ContextVar[bool] = ContextVar("quorate_stepping", default=False)
SCOPE: ContextVar[Step | None] = ContextVar("quorate_step", default=None)


class Step:
    """One place in a run: an open step, and the number of the next step inside it.

    A step's address is its path from the root of the run: ``3`` is the fourth step, ``3.1.0`` the first
    step in the second branch of a gather that is itself step 3.
    """

    __slots__ = ("children", "kind", "number", "parent")
    recorder: Recorder | None = None  # asked for what its steps give, where the run is recorded

    def __init__(self, kind: str, number: int = 0, parent: Step | None = None) -> None:
        self.kind = kind
        self.number = number
        self.parent = parent
        self.children = 0

    def child(self, kind: str) -> Step:
        """Open the next step inside this one."""
        number = self.children
        self.children = number + 1
        return Step(kind, number, self)

    @property
    def address(self) -> str:
        """The path as text; empty for the root."""
        if self.parent is None:
            return ""
        above = self.parent.address
        return f"{above}.{self.number}" if above else str(self.number)


def current_step() -> Step | None:
    """The innermost open step of this task or thread, if a run is open."""
    return SCOPE.get()


@contextmanager
def open_run() -> Generator[Step]:
    """Number the steps below from a root; inside an open run, go on in that one."""
    if (step := SCOPE.get()) is not None:
        yield step
        return
    root = Step("run")
    token = SCOPE.set(root)
    try:
        yield root
    finally:
        SCOPE.reset(token)


class _Waitable(Protocol):
    def blocking(self) -> Any: ...
    def native(self) -> Coroutine[Any, Any, Any]: ...


class _Door:
    """Awaited by kernel code: the driver performs it, or the event loop does."""

    __slots__ = ()

    def __await__(self: _Waitable) -> Generator[Any, Any, Any]:
        if STEPPING.get():
            return (yield self)
        return (yield from self.native().__await__())


class Passage(_Door):
    """One function to run outside the kernel, with a time limit in seconds or None."""

    __slots__ = ("args", "func", "kwargs", "limit")

    def __init__(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit: float | None = None
    ) -> None:
        self.func, self.args, self.kwargs, self.limit = func, args, kwargs, limit

    def blocking(self) -> Any:
        result = self.func(*self.args, **self.kwargs)
        # Asking the result and not the function: it may be a plain function that gives an awaitable.
        if is_awaitable(result):
            from quorate._loop import LOOP

            return LOOP.run(result, self.limit)
        return result

    async def native(self) -> Any:
        if self.limit is None:
            return await self._run()
        import asyncio

        from quorate._loop import too_late

        deadline = asyncio.timeout(self.limit)
        try:
            # It cancels once, as the loop thread does: the function may await while it cleans up.
            async with deadline:
                return await self._run()
        except TimeoutError:
            if deadline.expired():
                raise too_late(self.limit) from None
            raise

    async def _run(self) -> Any:
        if is_async(self.func):
            return await self.func(*self.args, **self.kwargs)
        from quorate._loop import in_thread

        result = await in_thread(partial(self.func, *self.args, **self.kwargs))
        return await result if is_awaitable(result) else result


class _Fork(_Door):
    """Kernel coroutines to run side by side, each in a step of its own."""

    __slots__ = ("branches", "step")

    def __init__(self, branches: tuple[Coroutine[Any, Any, Any], ...], step: Step | None) -> None:
        self.branches = [_branch(coro, step.child("branch") if step else None) for coro in branches]
        self.step = step

    def blocking(self) -> list[Outcome]:
        from quorate._loop import run_threads

        return run_threads([partial(drive, branch) for branch in self.branches])

    async def native(self) -> list[Outcome]:
        import asyncio

        return await asyncio.gather(*self.branches)


async def _branch(coro: Coroutine[Any, Any, Any], step: Step | None) -> Outcome:
    SCOPE.set(step)
    try:
        return await coro, None
    except BaseException as error:  # noqa: BLE001 - gather raises it once every branch has ended
        return None, error


def is_async(func: Callable[..., Any]) -> bool:
    """Whether calling it gives a coroutine: a coroutine function, or an object with an async ``__call__``."""
    return inspect.iscoroutinefunction(func) or inspect.iscoroutinefunction(type(func).__call__)


def is_awaitable(value: object) -> bool:
    """Whether it can be awaited; its type is asked, because a proxy object answers to every name."""
    return hasattr(type(value), "__await__")


def kernel_code(func: F) -> F:
    """Mark a coroutine function as kernel code: :func:`call` awaits it in place instead of sending it out."""
    func.__quorate_kernel__ = True  # type: ignore[attr-defined]
    return func


@overload
async def call(kind: str, func: Callable[..., Awaitable[R]], /, *args: Any, **kwargs: Any) -> R: ...
@overload
async def call(kind: str, func: Callable[..., R], /, *args: Any, **kwargs: Any) -> R: ...
async def call(kind: str, func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Pass the door: run ``func(*args, **kwargs)`` as the next step of the run.

    Args:
        kind: what sort of step this is: ``model``, ``code``, ``tool``, ``reply`` or ``human``.
        func: a plain or coroutine function, or kernel code, which is awaited in place.
        *args: its arguments.
        **kwargs: its keyword arguments.
    """
    step = SCOPE.get()
    if step is None:
        return await _run(func, args, kwargs)
    inner = step.child(kind)
    token = SCOPE.set(inner)
    try:
        if inner.recorder is not None:
            return await inner.recorder.step(inner, func, args, kwargs)
        return await _run(func, args, kwargs)
    finally:
        SCOPE.reset(token)


def _run(
    func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], limit: float | None = None
) -> Awaitable[Any]:
    if getattr(func, "__quorate_kernel__", False):
        return cast("Awaitable[Any]", func(*args, **kwargs))
    return Passage(func, args, kwargs, limit)


@overload
def perform(func: Callable[..., Awaitable[R]], /, *args: Any, **kwargs: Any) -> Awaitable[R]: ...
@overload
def perform(func: Callable[..., R], /, *args: Any, **kwargs: Any) -> Awaitable[R]: ...
def perform(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Awaitable[Any]:
    """Pass the door without a number: for what is part of a step, or no step at all."""
    return _run(func, args, kwargs)


def within(seconds: float | None, func: Callable[..., Awaitable[R]], /, *args: Any, **kwargs: Any) -> Awaitable[R]:
    """Like :func:`perform`, with a time limit.

    A plain function in the caller's thread cannot be cut short, and neither can kernel code made of them.

    Raises:
        TimeoutError: a coroutine function took longer than ``seconds``; it was cancelled.
    """
    return _run(func, args, kwargs, seconds)


async def gather(*branches: Coroutine[Any, Any, Any]) -> list[Any]:
    """Run kernel coroutines side by side and give their results in order.

    All branches are finished before the first failure, in branch order, is raised, so that the steps of a
    run do not depend on which branch was quicker.
    """
    step = SCOPE.get()
    outcomes: list[Outcome] = await _Fork(branches, step.child("gather") if step else None)
    failed = next((error for _, error in outcomes if error is not None), None)
    results = [value for value, _ in outcomes]
    del outcomes
    try:
        if failed is not None:
            raise failed
    finally:
        del failed  # its traceback holds this frame: without this, and without what goes before, a cycle
    return results


def drive(coro: Coroutine[Any, Any, R]) -> R:
    """Run kernel code to its end in this thread.

    Raises:
        DoorError: the code awaited something other than the door.
    """
    passages = steps(coro)
    while True:
        try:
            next(passages)
        except StopIteration as end:
            return cast("R", end.value)


def steps(coro: Coroutine[Any, Any, R]) -> Generator[None, None, R]:
    """Run kernel code in this thread, passage by passage; what is thrown in here is raised where the code stands."""
    value: Any = None
    error: BaseException | None = None
    try:
        while True:
            token = STEPPING.set(True)
            try:
                waiting = coro.send(value) if error is None else coro.throw(error)
            except StopIteration as stop:
                return cast("R", stop.value)
            except RuntimeError as exc:
                if isinstance(exc, DoorError) or "event loop" not in str(exc) or _from_outside(exc):
                    raise
                raise _wrong_await(coro, "an asyncio object") from exc
            finally:
                STEPPING.reset(token)
            value, error = None, None
            if not isinstance(waiting, _Door):
                error = _wrong_await(coro, f"{waiting!r:.80}")
                continue
            try:
                value = cast("_Waitable", waiting).blocking()
                yield
            except BaseException as exc:  # noqa: BLE001 - whatever it is belongs to the code that awaits
                error = exc
    finally:
        value = error = None  # a traceback holds this frame: without this, a cycle


def _from_outside(error: BaseException) -> bool:
    """Whether a function that passed the door raised it, and not kernel code."""
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code is Passage.blocking.__code__:
            return True
        trace = trace.tb_next
    return False


def _wrong_await(coro: Coroutine[Any, Any, Any], what: str) -> DoorError:
    name = getattr(coro, "__qualname__", "kernel code")
    return DoorError(
        f"{name} ran as a blocking call and awaited {what}, which needs an event loop. "
        "Await the a_... form under asyncio, or wrap the awaited function: await quorate.call('reply', function, ...)"
    )


def blocking(method: Callable[Concatenate[S, P], Coroutine[Any, Any, R]]) -> Callable[Concatenate[S, P], R]:
    """The blocking twin of an ``a_`` method: same signature, same body, driven in the caller's thread.

    An override of the ``a_`` method in a subclass is what the twin runs.
    """
    name = method.__name__

    plain = name.removeprefix("a_")

    def twin(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # Reached through super() from an override, it is this body that is asked for, not the override again.
        overridden = getattr(type(self), plain, twin) is not twin
        body = partial(method, self) if overridden else getattr(self, name)
        coroutine: Coroutine[Any, Any, R] = body(*args, **kwargs)
        return drive(coroutine)

    twin.__name__ = plain
    twin.__qualname__ = method.__qualname__.replace(name, twin.__name__)
    twin.__doc__, twin.__module__ = method.__doc__, method.__module__
    twin.__signature__ = inspect.signature(method)  # type: ignore[attr-defined]
    twin.__quorate_body__ = method  # type: ignore[attr-defined]
    return twin


class Twins:
    """Lets a subclass override either method of a blocking pair, and a program assign either: the kernel honours both."""

    _pairs: frozenset[str] = frozenset()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        native = [name for name in dir(cls) if name.startswith("a_")]
        cls._pairs = frozenset([*native, *(name.removeprefix("a_") for name in native)])
        for name in native:
            plain = name.removeprefix("a_")
            # The nearest class that has either; one that is no subclass of this (a mixin) may have one of them only.
            home = next(vars(base) for base in cls.__mro__ if name in vars(base) or plain in vars(base))
            if plain not in home and inspect.isfunction(home[name]) and hasattr(cls, plain):
                setattr(cls, plain, blocking(home[name]))
            elif name not in home and inspect.isfunction(home[plain]):
                setattr(cls, name, _through_door(home[plain]))


@kernel_code
async def _performed(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return await perform(func, *args, **kwargs)


def _driven(func: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return drive(_performed(func, *args, **kwargs))


def _assign(self: Any, name: str, value: Any) -> None:
    """Assign; a function in the place of one method of a pair serves for both, through the door."""
    if name in self._pairs and callable(value):
        plain = name.removeprefix("a_")
        object.__setattr__(self, f"a_{plain}", partial(_performed, value))
        name, value = plain, value if name == plain else partial(_driven, value)
    object.__setattr__(self, name, value)


Twins.__setattr__ = _assign  # type: ignore[method-assign]  # in the class, checkers would let any attribute be assigned


def _through_door(plain: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    """The ``a_`` method that runs a subclass's plain override as a passage of the door."""

    @kernel_code
    async def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return await perform(plain, self, *args, **kwargs)

    method.__name__ = f"a_{plain.__name__}"
    method.__qualname__ = plain.__qualname__.replace(plain.__name__, method.__name__)
    return method
