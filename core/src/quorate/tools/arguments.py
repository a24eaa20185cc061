"""The arguments of a tool: a pydantic model of a function's parameters checks them, and gives their JSON schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, create_model
from pydantic.errors import PydanticUndefinedAnnotation, PydanticUserError
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema

from quorate.errors import ToolError
from quorate.tools.parameters import EMPTY, POSITIONAL_ONLY, VAR_KEYWORD, VAR_POSITIONAL
from quorate.tools.schema_shape import tidied

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic import BaseModel

    from quorate.tools.parameters import Parameter


class _Schema(GenerateJsonSchema):
    """A default that is no JSON is left out of the schema."""

    ignored_warning_kinds = {"skipped-choice", "non-serializable-default"}  # noqa: RUF012 - typed so by pydantic


class Arguments:
    """What a function takes.

    Args:
        parameters: its parameters.
        notes: descriptions of parameters that have none of their own.
    """

    def __init__(self, parameters: Sequence[Parameter], notes: Mapping[str, str]) -> None:
        self._taken = [one for one in parameters if one.kind not in (VAR_POSITIONAL, VAR_KEYWORD)]
        self._more = any(one.kind is VAR_KEYWORD for one in parameters)
        self._model = self._modelled(notes)

    def schema(self) -> dict[str, Any]:
        """The JSON schema of the arguments."""
        schema = tidied(self._model.model_json_schema(schema_generator=_Schema))
        return {"type": "object", "properties": {}, "required": [], **schema}

    def bind(self, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        """The positional and the named arguments to call the function with, made what their types say.

        Raises:
            ToolError: they do not fit; says which, and why.
        """
        try:
            made = self._model.model_validate(given)
        except ValidationError as error:
            raise ToolError("; ".join(map(_fault, error.errors(include_url=False)))) from error
        args: list[Any] = []
        named: dict[str, Any] = dict(made.model_extra or {})
        for index, one in enumerate(self._taken):
            said = f"p{index}" in made.model_fields_set
            if one.kind is POSITIONAL_ONLY:
                args.append(getattr(made, f"p{index}") if said or _needs_value(one) else one.default)
            elif said or _needs_value(one):
                named[one.name] = getattr(made, f"p{index}")
        return args, named

    def _modelled(self, notes: Mapping[str, str]) -> type[BaseModel]:
        """A model whose fields have the parameters as aliases: any name is allowed, ``schema`` and ``_x`` too."""
        fields: dict[str, Any] = {
            f"p{index}": _field(one, one.note or notes.get(one.name)) for index, one in enumerate(self._taken)
        }
        config = ConfigDict(extra="allow" if self._more else "forbid", protected_namespaces=())
        return create_model("Arguments", __config__=config, **fields)


def problem_of(parameter: Parameter) -> str:
    """Why a model cannot be told of this parameter; empty when it can."""
    if parameter.kind is VAR_POSITIONAL:
        return "a model names each argument, so there is no way to fill it; take a list instead"
    if parameter.kind is VAR_KEYWORD:
        return ""
    if parameter.problem:
        return f"{parameter.problem}; define the types it names at the top of the module"
    if parameter.type is EMPTY:
        needed = parameter.default is EMPTY
        return 'it has no type; annotate it, as in Annotated[str, "what it is"]' if needed else ""
    try:
        TypeAdapter(parameter.type).json_schema(schema_generator=_Schema)
    except (PydanticUndefinedAnnotation, PydanticUserError, TypeError) as error:
        return f"its type has no JSON schema: {str(error).partition(chr(10))[0]}"
    return ""


def checkable(parameter: Parameter) -> Parameter:
    """The parameter, without its type when arguments cannot be checked against that."""
    return replace(parameter, type=EMPTY) if problem_of(parameter) else parameter


def _field(one: Parameter, note: str | None) -> tuple[Any, Any]:
    kind = Any if one.type is EMPTY else one.type
    base, *extra = get_args(kind) if get_origin(kind) is Annotated else (kind,)
    infos = [info for info in (*extra, one.default) if isinstance(info, FieldInfo)]
    if any(info.description for info in infos):
        note = None
    more: dict[str, Any] = {"description": note} if note else {}
    if isinstance(one.default, FieldInfo):
        kind = Annotated[kind, one.default]
    elif one.default is not EMPTY:
        more["default"] = one.default
        if one.default is None and base is not Any:
            kind = Annotated[(base | None, *extra)] if extra else base | None
    return kind, Field(alias=one.name, **more)


def _needs_value(one: Parameter) -> bool:
    """Whether Python has no default of its own: then it is pydantic's that counts."""
    return one.default is EMPTY or isinstance(one.default, FieldInfo)


def _fault(error: Any) -> str:
    place = ".".join(map(str, error["loc"]))
    given = error.get("input")
    shown = isinstance(given, str | int | float) and error["type"] not in ("missing", "extra_forbidden")
    message = {"missing": "is missing", "extra_forbidden": "is no argument of it"}.get(error["type"], error["msg"])
    return f"{place}: {message}" + (f" (given: {json.dumps(given, ensure_ascii=False):.100})" if shown else "")
