"""Schemas of functions, and their arguments and results: quorate's tools behind 0.2's names."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import BaseModel, Field

from quorate import Tool
from quorate.errors import ToolError
from quorate.tools.arguments import Arguments
from quorate.tools.parameters import EMPTY, Parameter, function_behind, parameters_of
from quorate.tools.results import as_text
from quorate_autogen_compat._pydantic import JsonSchemaValue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "Function",
    "Parameters",
    "ToolFunction",
    "get_default_values",
    "get_function_schema",
    "get_load_param_if_needed_function",
    "get_missing_annotations",
    "get_param_annotations",
    "get_parameter_json_schema",
    "get_parameters",
    "get_required_params",
    "get_typed_annotation",
    "get_typed_return_annotation",
    "get_typed_signature",
    "load_basemodels_if_needed",
    "serialize_to_str",
]

F = TypeVar("F", bound="Callable[..., Any]")


class NoSchema(ToolError, TypeError):
    """A function that a model cannot be told of; a ``TypeError`` too."""


class Parameters(BaseModel):
    """The parameters of a function, as a model is told of them."""

    type: str = "object"
    properties: dict[str, JsonSchemaValue]
    required: list[str]


class Function(BaseModel):
    """A function, as a model is told of it."""

    description: str = Field(description="What the function does")
    name: str = Field(description="What it is called")
    parameters: Parameters = Field(description="What it takes")


class ToolFunction(BaseModel):
    """A tool in wire format."""

    type: str = "function"
    function: Function


def get_function_schema(f: Callable[..., Any], *, name: str | None = None, description: str) -> dict[str, Any]:
    """A function as a model is told of it, in wire format.

    Args:
        f: the function; each parameter without a default has a type.
        name: what the model calls it; the function's own name by default.
        description: what it does.

    Raises:
        ToolError: a parameter has no type, or one that a model cannot be told of; a ``TypeError`` too.
    """
    try:
        return Tool(f, name=name, description=description).schema
    except ToolError as error:
        raise NoSchema(str(error)) from error


def get_typed_annotation(annotation: Any, globalns: dict[str, Any]) -> Any:
    """A type, read where it is given as text.

    Raises:
        NameError: the text names what ``globalns`` does not have.
    """

    def said() -> None: ...

    said.__annotations__ = {"it": annotation}
    return get_type_hints(said, globalns, include_extras=True)["it"]


def get_typed_signature(call: Callable[..., Any]) -> inspect.Signature:
    """The signature of a function, with types in the place of texts.

    Raises:
        ToolError: it has none that can be read, or a type cannot be told; a ``TypeError`` too.
    """
    parameters = parameters_of(call)
    if parameters is None or any(one.problem for one in parameters):
        problems = [f"parameter {one.name!r}: {one.problem}" for one in parameters or () if one.problem]
        msg = f"the signature of {call!r:.80} cannot be read: {'; '.join(problems) or 'it has none'}"
        raise NoSchema(msg)
    return inspect.Signature(
        [inspect.Parameter(one.name, one.kind, default=one.default, annotation=one.type) for one in parameters],
        return_annotation=inspect.Signature.empty if (gives := _given(call)) is EMPTY else gives,
    )


def get_typed_return_annotation(call: Callable[..., Any]) -> Any:
    """The type of what a function gives; None when it does not say."""
    return None if (gives := _given(call)) is EMPTY else gives


def _given(call: Callable[..., Any]) -> Any:
    said = inspect.signature(call).return_annotation
    return EMPTY if said is EMPTY else get_typed_annotation(said, getattr(function_behind(call), "__globals__", {}))


def get_param_annotations(typed_signature: inspect.Signature) -> dict[str, Any]:
    """The types of those parameters that have one."""
    return {name: one.annotation for name, one in typed_signature.parameters.items() if one.annotation is not EMPTY}


def get_required_params(typed_signature: inspect.Signature) -> list[str]:
    """The parameters without a default."""
    return [name for name, one in typed_signature.parameters.items() if one.default is EMPTY]


def get_default_values(typed_signature: inspect.Signature) -> dict[str, Any]:
    """The defaults of those parameters that have one."""
    return {name: one.default for name, one in typed_signature.parameters.items() if one.default is not EMPTY}


def get_missing_annotations(typed_signature: inspect.Signature, required: Iterable[str]) -> tuple[set[str], set[str]]:
    """Parameters without a type: those that are required, and those that have a default."""
    untyped = {name for name, one in typed_signature.parameters.items() if one.annotation is EMPTY}
    return untyped & set(required), untyped - set(required)


def get_parameter_json_schema(k: str, v: Any, default_values: Mapping[str, Any]) -> JsonSchemaValue:
    """The JSON schema of one parameter; without a text in ``Annotated``, its description is its name.

    Args:
        k: its name.
        v: its type.
        default_values: defaults by name.
    """
    one = Parameter(k, inspect.Parameter.KEYWORD_ONLY, v, default_values.get(k, EMPTY))
    schema: JsonSchemaValue = Arguments([one], {k: k}).schema()["properties"][k]
    return schema


def get_parameters(
    required: list[str], param_annotations: Mapping[str, Any], default_values: Mapping[str, Any]
) -> Parameters:
    """The parameters of a function, from the types and defaults of each."""
    properties = {
        name: get_parameter_json_schema(name, kind, default_values) for name, kind in param_annotations.items()
    }
    return Parameters(properties=properties, required=required)


def get_load_param_if_needed_function(t: Any) -> Callable[..., BaseModel] | None:
    """How an argument of this type is made of a dict; None for a type that is no pydantic model."""
    base = get_args(t)[0] if get_origin(t) is Annotated else t
    return _loaded if isinstance(base, type) and issubclass(base, BaseModel) else None


def _loaded(value: Any, t: Any) -> BaseModel:
    base: type[BaseModel] = get_args(t)[0] if get_origin(t) is Annotated else t
    return base.model_validate(value)


def load_basemodels_if_needed(func: F) -> F:
    """A function that takes dicts where this one takes pydantic models; async as this one is."""
    signature = get_typed_signature(func)
    loaders = {
        name: functools.partial(load, t=kind)
        for name, kind in get_param_annotations(signature).items()
        if (load := get_load_param_if_needed_function(kind)) is not None
    }

    def bound(*args: Any, **kwargs: Any) -> inspect.BoundArguments:
        made = signature.bind(*args, **kwargs)
        made.arguments.update({name: loaders[name](made.arguments[name]) for name in loaders.keys() & made.arguments})
        return made

    @functools.wraps(func)
    def load_and_call(*args: Any, **kwargs: Any) -> Any:
        made = bound(*args, **kwargs)
        return func(*made.args, **made.kwargs)

    @functools.wraps(func)
    async def load_and_await(*args: Any, **kwargs: Any) -> Any:
        made = bound(*args, **kwargs)
        return await func(*made.args, **made.kwargs)

    return load_and_await if inspect.iscoroutinefunction(func) else load_and_call  # type: ignore[return-value]


def serialize_to_str(x: Any) -> str:
    """A result as a model is told of it: text as it is, anything else as JSON.

    Raises:
        TypeError: it cannot be told.
    """
    return as_text(x)
