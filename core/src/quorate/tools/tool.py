"""A tool: a Python function that a model may call, with its schema, and what a call of it gives."""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate._drive import is_async, is_awaitable, kernel_code, perform
from quorate.errors import ToolError
from quorate.models.wire_json import is_object
from quorate.tools.docstrings import documented
from quorate.tools.names import checked_name, own_name
from quorate.tools.parameters import parameters_of
from quorate.tools.results import told

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.tools.arguments import Arguments
    from quorate.tools.parameters import Parameter

_QUICK = frozenset({str, int, float, bool, dict, type(None)})
"""What is told at once; what may hold an image takes time that an event loop has not."""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool call gave.

    Attributes:
        content: the result as text, or what went wrong, for the model to read.
        images: images among the result, as content parts of a message.
        failed: whether it went wrong.
        error: the exception, when it failed; for observers.
    """

    content: str
    images: tuple[Mapping[str, Any], ...] = ()
    failed: bool = False
    error: Exception | None = field(default=None, compare=False)

    @classmethod
    def failure(cls, content: str, error: Exception | None = None) -> ToolResult:
        """The result of a call that went wrong."""
        return cls(f"Error: {content}", failed=True, error=error or ToolError(content))


class Tool:
    """A Python function that a model may call.

        >>> from typing import Annotated
        >>> def add(a: Annotated[int, "the first number"], b: int = 1) -> int:
        ...     '''Add two numbers.'''
        ...     return a + b
        >>> Tool(add).schema["function"]["name"]
        'add'

    Args:
        func: the function, plain or async; a method, a partial or a callable object will do.
        name: what the model calls it; the function's own name by default.
        description: what it is for; the function's docstring by default.

    Raises:
        ToolError: the name is none that endpoints accept.
    """

    def __init__(self, func: Callable[..., Any], *, name: str | None = None, description: str | None = None) -> None:
        if not callable(func):
            msg = f"a tool is a function, not {func!r:.80}"
            raise ToolError(msg)
        self.func = func
        self.name = checked_name(own_name(func) if name is None else name)
        self._description = description

    @functools.cached_property
    def description(self) -> str:
        """What it is for; empty when nobody said."""
        return self._description or documented(self.func)[0]

    @functools.cached_property
    def schema(self) -> dict[str, Any]:
        """The tool as a model is told of it, in wire format.

        Raises:
            ToolError: it has no description, or a parameter that a model cannot be told of.
        """
        if not self.description:
            msg = f"{self._label} has no description, and a model needs one; give description=... or a docstring"
            raise ToolError(msg)
        from quorate.tools.arguments import problem_of

        for one in self._parameters or ():
            if problem := problem_of(one):
                msg = f"{self._label} cannot be a tool: parameter {one.name!r}: {problem}"
                raise ToolError(msg)
        if self._parameters is None:
            msg = f"{self._label} cannot be a tool: its signature cannot be read; wrap it in a function of your own"
            raise ToolError(msg)
        function = {"name": self.name, "description": self.description, "parameters": self._arguments.schema()}
        return {"type": "function", "function": function}

    def bind(self, call: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The positional and the named arguments of a call, checked and made what the signature says.

        Args:
            call: the function call as a model made it: ``arguments`` is JSON text, or the object itself.

        Raises:
            ToolError: they are no JSON object, or do not fit; says what is wrong and what is expected.
        """
        given = call.get("arguments")
        try:
            # Models write line breaks into JSON texts as they are; what they mean is clear.
            arguments: Any = given if is_object(given) else json.loads(given or "{}", strict=False)
        except (RecursionError, TypeError, ValueError) as error:
            msg = f"the arguments of {self.name} are not JSON ({error}); {self._expected}"
            raise ToolError(msg) from error
        if not is_object(arguments):
            msg = f"the arguments of {self.name} are one JSON object, not {type(arguments).__name__}; {self._expected}"
            raise ToolError(msg)
        if self._parameters is None:
            return [], arguments
        try:
            return self._arguments.bind(arguments)
        except ToolError as error:
            msg = f"the arguments of {self.name} do not fit: {error}; {self._expected}"
            raise ToolError(msg) from error

    @kernel_code
    async def run(self, call: Mapping[str, Any]) -> ToolResult:
        """Run a call. Whatever goes wrong in it becomes a result that a model can act on.

        Args:
            call: the function call as a model made it: ``name``, and ``arguments`` as JSON text.
        """
        try:
            args, named = self.bind(call)
        except ToolError as error:
            return ToolResult.failure(str(error), error)
        try:
            value: Any = await perform(self._function(), *args, **named)
        except Exception as error:  # noqa: BLE001 - told to the model, and with the result to observers
            return ToolResult.failure(f"{self.name} failed with {type(error).__name__}: {error}", error)
        if isinstance(value, ToolResult):
            return value
        return self._result(value) if type(value) in _QUICK else await perform(self._result, value)

    def _function(self) -> Callable[..., Any]:
        """The function to call; what a plain one gives is told where it runs, in a thread when there is an event loop."""
        if getattr(self.func, "__quorate_kernel__", False):
            return self.func
        if is_async(self.func):
            return self._awaited

        def plain(*args: Any, **named: Any) -> Any:
            value = self.func(*args, **named)
            return value if is_awaitable(value) else self._result(value)

        return plain

    async def _awaited(self, *args: Any, **named: Any) -> Any:
        """Call a coroutine function; what it awaited may have been cancelled without the call being cancelled."""
        import asyncio

        try:
            return await self.func(*args, **named)
        except asyncio.CancelledError as error:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            msg = "something that it waited for was cancelled"
            raise ToolError(msg) from error

    def _result(self, value: object) -> ToolResult:
        if isinstance(value, ToolResult):
            return value
        try:
            content, images = told(value)
        except Exception as error:  # noqa: BLE001 - a result may be an object of any kind, and fail in any way
            return ToolResult.failure(f"{self.name} ran, but its result cannot be told: {error}", error)
        return ToolResult(content, tuple(images))

    @property
    def _label(self) -> str:
        return str(getattr(self.func, "__qualname__", self.name))

    @property
    def _expected(self) -> str:
        return f"expected: {json.dumps(self._arguments.schema(), ensure_ascii=False)}"

    @functools.cached_property
    def _parameters(self) -> list[Parameter] | None:
        return parameters_of(self.func)

    @functools.cached_property
    def _arguments(self) -> Arguments:
        """Its arguments; a type that cannot be checked takes anything, as a function that only runs may have one."""
        from quorate.tools.arguments import Arguments, checkable

        return Arguments(list(map(checkable, self._parameters or ())), documented(self.func)[1])
