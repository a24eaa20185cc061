"""Schemas from signatures: what a model is told of a function, and which functions are refused."""

from __future__ import annotations

import enum
import functools
import math
from collections.abc import Callable  # noqa: TC003 - read from the signature
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from quorate import Tool, ToolError


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Point(BaseModel):
    """A place."""

    x: int = Field(description="from the left")
    title: str = "none"


@dataclass
class Line:
    start: Point
    end: Point


class Step(TypedDict, total=False):
    to: str


class Tree(BaseModel):
    value: int
    branches: list[Tree] = []


POINT = {
    "type": "object",
    "description": "A place.",
    "properties": {
        "x": {"type": "integer", "description": "from the left"},
        "title": {"type": "string", "default": "none"},
    },
    "required": ["x"],
}


def parameters(func, **options):
    return Tool(func, description="d", **options).schema["function"]["parameters"]


def told_of(annotation, default=...):
    """The schema of one parameter of this type, and whether it must be given."""

    def func(value): ...

    func.__annotations__ = {"value": annotation}
    if default is not ...:
        func.__defaults__ = (default,)
    schema = parameters(func)
    assert schema["type"] == "object"
    assert not schema["additionalProperties"]
    return schema["properties"]["value"], schema["required"] == ["value"]


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (int, {"type": "integer"}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (Annotated[int, Field(ge=0, description="how many")], {"type": "integer", "minimum": 0, "description": "how many"}),
        (Annotated[int, Field(description="this"), "not this"], {"type": "integer", "description": "this"}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (Annotated[Colour, "which"], {"type": "string", "enum": ["red", "blue"], "description": "which"}),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}),
        (float | None, {"anyOf": [{"type": "number"}, {"type": "null"}]}),
        (list[dict[str, list[int]]], {
            "type": "array",
            "items": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
        }),
        (Point, POINT),
        (list[Point], {"type": "array", "items": POINT}),
        (Any, {}),
    ],
)  # fmt: skip
def test_a_type_and_its_schema(annotation, schema):
    assert told_of(annotation) == (schema, True)


@pytest.mark.parametrize(
    ("annotation", "default", "schema"),
    [
        (int, 3, {"type": "integer", "default": 3}),
        (Colour, Colour.RED, {"type": "string", "enum": ["red", "blue"], "default": "red"}),
        (int, None, {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}),
        (Annotated[int, "how many"], None, {
            "anyOf": [{"type": "integer"}, {"type": "null"}], "default": None, "description": "how many",
        }),
        (int, Field(3, ge=1, description="how many"), {
            "type": "integer", "default": 3, "minimum": 1, "description": "how many",
        }),
        (Any, object(), {}),
    ],
)  # fmt: skip
def test_a_default_and_its_schema(annotation, default, schema):
    assert told_of(annotation, default) == (schema, False)


def test_a_dataclass_holds_models_and_is_written_out():
    schema, _ = told_of(Line)
    assert schema["properties"] == {"start": POINT, "end": POINT}


def test_a_typed_dict_is_an_object():
    schema, _ = told_of(Step)
    assert schema["properties"] == {"to": {"type": "string"}}
    assert "required" not in schema


def test_a_type_that_contains_itself_is_defined_once():
    schema = parameters(lambda_with(Tree))
    assert schema["properties"] == {"value": {"$ref": "#/$defs/Tree"}}
    tree = schema["$defs"]["Tree"]
    assert tree["properties"]["branches"]["items"] == {"$ref": "#/$defs/Tree"}


def lambda_with(annotation):
    def func(value): ...

    func.__annotations__ = {"value": annotation}
    return func


def test_names_that_pydantic_keeps_for_itself_are_names_like_others():
    def func(schema: int, model_config: str, _private: int, json: str, self: int): ...

    assert list(parameters(func)["properties"]) == ["schema", "model_config", "_private", "json", "self"]


def described(a: int, b: int = 2):
    """Do what the name says.

    It takes a moment.

    Args:
        a: the first,
            with more to say
        b (int): the second: with a colon

    Returns:
        a: nothing of the sort
    """


def test_a_docstring_tells_of_the_function_and_its_arguments():
    function = Tool(described).schema["function"]
    assert function["name"] == "described"
    assert function["description"] == "Do what the name says.\n\nIt takes a moment."
    assert {name: one["description"] for name, one in function["parameters"]["properties"].items()} == {
        "a": "the first, with more to say",
        "b": "the second: with a colon",
    }


def test_what_is_said_wins_over_the_docstring():
    function = Tool(described, name="other", description="Other.").schema["function"]
    assert (function["name"], function["description"]) == ("other", "Other.")


class Shop:
    """Sells."""

    def buy(self, what: str) -> str:
        """Buy it."""
        return what

    @classmethod
    def of(cls, name: str): ...

    @staticmethod
    def near(place: str): ...

    def __call__(self, number: int): ...


def logged(func):
    @functools.wraps(func)
    def inner(*args, **kwargs):
        return func(*args, **kwargs)

    return inner


async def later(a: int):
    """Do it later."""


@pytest.mark.parametrize(
    ("func", "name", "description", "taken"),
    [
        (Shop().buy, "buy", "Buy it.", ["what"]),
        (Shop.of, "of", "", ["name"]),
        (Shop.near, "near", "", ["place"]),
        (Shop(), "Shop", "Sells.", ["number"]),
        (later, "later", "Do it later.", ["a"]),
        (logged(described), "described", "Do what the name says.\n\nIt takes a moment.", ["a", "b"]),
        (functools.partial(described, 1), "described", "Do what the name says.\n\nIt takes a moment.", ["b"]),
        (Line, "Line", "Line(start: 'Point', end: 'Point')", ["start", "end"]),
    ],
)
def test_functions_hide_in_many_things(func, name, description, taken):
    tool = Tool(func)
    assert (tool.name, tool.description) == (name, description)
    assert list(parameters(func)["properties"]) == taken


def test_what_a_partial_has_filled_by_name_is_not_told():
    def search(key: str, query: str): ...

    assert "secret" not in str(Tool(functools.partial(search, key="secret"), description="d").schema)
    assert list(parameters(functools.partial(functools.partial(search, key="secret")))["properties"]) == ["query"]


def test_any_further_names_may_be_taken():
    def func(a: int, **more: int): ...

    assert parameters(func)["additionalProperties"]


def test_a_local_type_that_is_used_inside_is_found():
    class Local(BaseModel):
        x: int

    def func(value: Local):
        return Local(x=value.x)

    assert parameters(func)["properties"]["value"]["properties"] == {"x": {"type": "integer"}}


# -- refused


def starred(*numbers: int): ...


def bare(a: int, b): ...


def unknown(a: Nonsense): ...  # noqa: F821


def strange(a: Shop): ...


def calls_back(f: Callable[[int], int]): ...


@pytest.mark.parametrize(
    ("func", "place", "reason"),
    [
        (starred, "'numbers'", "take a list instead"),
        (bare, "'b'", "no type; annotate it"),
        (unknown, "'a'", "'Nonsense' cannot be told .* define the types it names at the top of the module"),
        (strange, "'a'", "no JSON schema: Unable to generate pydantic-core schema for .*Shop"),
        (calls_back, "'f'", "no JSON schema: Cannot generate a JsonSchema"),
        (Shop.buy, "'self'", "no type"),
    ],
)
def test_what_a_model_cannot_be_told_of_is_refused(func, place, reason):
    with pytest.raises(ToolError, match=f"{func.__qualname__} cannot be a tool: parameter {place}: .*{reason}"):
        _ = Tool(func, description="d").schema


def test_a_function_without_a_description_is_refused():
    with pytest.raises(ToolError, match=r"bare has no description.*docstring"):
        _ = Tool(bare).schema


def test_a_function_that_does_not_say_what_it_takes_is_refused():
    with pytest.raises(ToolError, match="its signature cannot be read"):
        _ = Tool(math.hypot).schema


@pytest.mark.parametrize("name", ["", "two words", "dotted.name", "é", "x" * 65, "new\n"])
def test_names_that_endpoints_refuse_are_refused(name):
    with pytest.raises(ToolError, match="1 to 64 letters"):
        Tool(described, name=name)


def test_a_lambda_needs_a_name():
    with pytest.raises(ToolError, match=r"'<lambda>' is no name for a tool.*name="):
        Tool(lambda: 1)


def test_only_functions_are_tools():
    with pytest.raises(ToolError, match="a tool is a function, not 42"):
        Tool(42)
