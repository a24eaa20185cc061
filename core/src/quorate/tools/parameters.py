"""The parameters of a function as a tool needs them: names, types, defaults; wherever the function hides."""

from __future__ import annotations

import contextlib
import functools
import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, cast, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY: Any = inspect.Parameter.empty
POSITIONAL_ONLY = inspect.Parameter.POSITIONAL_ONLY
VAR_POSITIONAL = inspect.Parameter.VAR_POSITIONAL
VAR_KEYWORD = inspect.Parameter.VAR_KEYWORD


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a function.

    Attributes:
        name: what it is called.
        kind: how Python takes it.
        type: its type, with what ``Annotated`` adds; ``EMPTY`` when it has none.
        default: its default; ``EMPTY`` when it has none.
        problem: why its type cannot be told; empty when it can.
    """

    name: str
    kind: Any
    type: Any
    default: Any
    problem: str = ""

    @property
    def note(self) -> str:
        """The text in ``Annotated[T, "text"]``; empty when there is none."""
        notes = get_args(self.type)[1:] if get_origin(self.type) is Annotated else ()
        return next((note for note in notes if isinstance(note, str)), "")


def function_behind(func: Callable[..., Any]) -> Callable[..., Any]:
    """The plain function that a method, a partial, a decorated function, a class or a callable object leads to."""
    while True:
        if isinstance(func, functools.partial):
            func = func.func
        elif inspect.ismethod(func):
            func = func.__func__
        elif hasattr(func, "__wrapped__"):
            func = inspect.unwrap(func)
        elif isinstance(func, type):
            return cast("Callable[..., Any]", cast("Any", func).__init__)
        elif inspect.isroutine(func):
            return func
        else:
            func = type(func).__call__


def parameters_of(func: Callable[..., Any]) -> list[Parameter] | None:
    """The parameters that a caller may fill; those that a partial has filled by name are nobody's business.

    Returns:
        The parameters in order; None for a function that does not say (some that are written in C).
    """
    try:
        given = inspect.signature(func).parameters
    except (NameError, TypeError, ValueError):
        return None
    filled = _filled(func)
    names = _names_around(function_behind(func))
    return [_parameter(one, names) for one in given.values() if one.name not in filled]


def _filled(func: Callable[..., Any]) -> set[str]:
    filled: set[str] = set()
    while isinstance(func, functools.partial):
        filled |= func.keywords.keys()
        func = func.func
    return filled


def _names_around(func: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The names that annotations may mean: those of the module, and those of enclosing functions that are used inside."""
    if not inspect.isfunction(func):
        return {}, {}
    inside: dict[str, Any] = {}
    for name, cell in zip(func.__code__.co_freevars, func.__closure__ or (), strict=True):
        with contextlib.suppress(ValueError):  # a name that has no value yet
            inside[name] = cell.cell_contents
    return func.__globals__, inside


def _parameter(one: inspect.Parameter, names: tuple[dict[str, Any], dict[str, Any]]) -> Parameter:
    if one.annotation is EMPTY:
        return Parameter(one.name, one.kind, EMPTY, one.default)

    def said() -> None: ...

    said.__annotations__ = {one.name: one.annotation}
    try:
        hints = get_type_hints(said, *names, include_extras=True)
    except Exception as error:  # noqa: BLE001 - an annotation in quotes is a program of its own, and may fail in any way
        problem = f"its type {one.annotation!r} cannot be told ({type(error).__name__}: {error})"
        return Parameter(one.name, one.kind, EMPTY, one.default, problem)
    return Parameter(one.name, one.kind, hints[one.name], one.default)
