"""Functions that a program hands to executed code: their source, the packages they need, and what a model is told."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from dataclasses import dataclass, field
from string import Template
from typing import TYPE_CHECKING, Any, Final, Generic, ParamSpec, TypeAlias, TypeVar

from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

P = ParamSpec("P")
R = TypeVar("R")

HEADER: Final = "# Written by quorate: functions for executed code. It is replaced when the executor starts."
"""The first line of the module; a file without it is not ours and is never replaced."""

PROMPT: Final = """\
These functions are there for you in the module `$module_name`. Import what you use, for example with \
`from $module_name import $example`, and do not define it again.

$functions"""
"""What a model is told of the functions."""


@dataclass(frozen=True, slots=True)
class Alias:
    """``import name as alias``."""

    name: str
    alias: str


@dataclass(frozen=True, slots=True)
class ImportFromModule:
    """``from module import imports``."""

    module: str
    imports: Sequence[str | Alias]


Import: TypeAlias = "str | Alias | ImportFromModule"
"""An import that a function needs at the top of its module; a text is the name of a module."""


@dataclass(eq=False)
class FunctionWithRequirements(Generic[P, R]):
    """A function, the packages that it needs, and the imports that must stand above it.

    Called, it calls the function.

    Attributes:
        func: the function; its source must be at hand.
        python_packages: requirements as pip takes them.
        global_imports: what the function's body takes for granted.
    """

    func: Callable[P, R]
    python_packages: Sequence[str] = ()
    global_imports: Sequence[Import] = ()

    def __post_init__(self) -> None:
        functools.update_wrapper(self, self.func)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function."""
        return self.func(*args, **kwargs)

    @staticmethod
    def from_callable(
        func: Callable[P, R], python_packages: Sequence[str] = (), global_imports: Sequence[Import] = ()
    ) -> FunctionWithRequirements[P, R]:
        """The same as the class itself; AutoGen 0.2's name for it."""
        return FunctionWithRequirements(func, python_packages, global_imports)

    @staticmethod
    def from_str(
        func: str, python_packages: Sequence[str] = (), global_imports: Sequence[Import] = ()
    ) -> FunctionWithRequirementsStr:
        """A function from its source text, which must hold exactly one.

        Raises:
            ConfigError: it holds none, several, or something else; or it is no Python.
        """
        return FunctionWithRequirementsStr(func, python_packages, global_imports)


@dataclass(eq=False)
class FunctionWithRequirementsStr:
    """The same of a function that is there as source text only; it is never run in this process."""

    func: str
    python_packages: Sequence[str] = ()
    global_imports: Sequence[Import] = ()

    def __post_init__(self) -> None:
        _parsed(self.func, "the text")

    def __call__(self, *_args: Any, **_kwargs: Any) -> Any:
        """Refuse: the text is for executed code.

        Raises:
            NotImplementedError: always.
        """
        msg = "a function that is given as text runs in executed code only"
        raise NotImplementedError(msg)


GivenFunction: TypeAlias = "Callable[..., Any] | FunctionWithRequirements[..., Any] | FunctionWithRequirementsStr"
"""What executors take as a function."""


def with_requirements(
    python_packages: Sequence[str] = (), global_imports: Sequence[Import] = ()
) -> Callable[[Callable[P, R]], FunctionWithRequirements[P, R]]:
    """Decorate a function with what it needs when executed code calls it.

    Args:
        python_packages: requirements as pip takes them; installed before the first block runs.
        global_imports: what must be imported above the function.
    """

    def decorate(func: Callable[P, R]) -> FunctionWithRequirements[P, R]:
        return FunctionWithRequirements(func, python_packages, global_imports)

    return decorate


@dataclass(frozen=True)
class FunctionsModule:
    """The module that executed code imports its functions from.

    Args:
        name: the module's name.
        functions: what it holds.

    Attributes:
        source: its text; empty when there is no function.
        stubs: signature and docstring of each function.
        packages: requirements of all functions, each once.

    Raises:
        ConfigError: the name is none, or a function cannot be handed over; says which and why.
    """

    name: str
    functions: Sequence[GivenFunction]
    source: str = field(init=False, default="")
    stubs: dict[str, str] = field(init=False, default_factory=dict[str, str])
    packages: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            msg = f"functions_module: {self.name!r} cannot be the name of a module"
            raise ConfigError(msg)
        texts: dict[str, str] = {}
        imports: dict[str, None] = {}
        packages: dict[str, None] = {}
        for function in self.functions:
            text, node = _source(function)
            if node.name in texts:
                msg = f"functions: {node.name!r} is there twice; one of them would hide the other"
                raise ConfigError(msg)
            texts[node.name], self.stubs[node.name] = text, _stub(node)
            imports |= dict.fromkeys(map(_statement, getattr(function, "global_imports", ())))
            packages |= dict.fromkeys(getattr(function, "python_packages", ()))
        if texts:
            above = ["\n".join([HEADER, *imports])]
            object.__setattr__(self, "source", "\n\n\n".join([*above, *texts.values()]) + "\n")
        object.__setattr__(self, "packages", tuple(packages))

    def prompt(self, template: str = PROMPT) -> str:
        """Tell a model of the functions.

        Args:
            template: with ``$module_name``, ``$functions`` and, if need be, ``$example`` (the first function's name).
        """
        return Template(template).safe_substitute(
            module_name=self.name, functions="\n\n".join(self.stubs.values()), example=next(iter(self.stubs), "")
        )


def _source(function: GivenFunction) -> tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The text of a function without its decorators, and its tree."""
    if isinstance(function, FunctionWithRequirementsStr):
        text, where = function.func, "the text"
    else:
        func = function.func if isinstance(function, FunctionWithRequirements) else function
        where = f"the function {getattr(func, '__qualname__', repr(func))}"
        try:
            text = inspect.getsource(func)
        except (OSError, TypeError) as error:
            msg = f"functions: the source of {where} is not at hand ({error}); give it as FunctionWithRequirements.from_str"
            raise ConfigError(msg) from error
    text = textwrap.dedent(text)
    node = _parsed(text, where)
    return "\n".join(text.splitlines()[node.lineno - 1 : node.end_lineno]), node


def _parsed(text: str, where: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    try:
        body = ast.parse(textwrap.dedent(text)).body
    except SyntaxError as error:
        msg = f"functions: {where} is no Python: {error}"
        raise ConfigError(msg) from error
    if len(body) == 1 and isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef):
        return body[0]
    msg = f"functions: {where} must define exactly one function and nothing else; name imports in global_imports"
    raise ConfigError(msg)


def _stub(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Signature and docstring; the body is left out."""
    documented = ast.get_docstring(node) is not None
    node.decorator_list = []
    node.body = [*node.body[:documented], ast.Expr(ast.Constant(...))]
    return ast.unparse(node)


def _statement(needed: Import) -> str:
    if isinstance(needed, ImportFromModule):
        return f"from {needed.module} import {', '.join(map(_named, needed.imports))}"
    return f"import {_named(needed)}"


def _named(needed: str | Alias) -> str:
    return needed if isinstance(needed, str) else f"{needed.name} as {needed.alias}"
