"""The schemas that one agent's model is told of."""

from __future__ import annotations

import pytest

from quorate import ToolError
from quorate.tools.offered import Offered


def schema(name, description=""):
    return {"type": "function", "function": {"name": name, "description": description, "parameters": {}}}


def test_schemas_keep_their_order_and_one_of_the_same_name_is_replaced():
    offered = Offered([schema("a"), schema("b")])
    offered.put(schema("c"), "tool")
    offered.put(schema("a", "new"), "tool")
    assert offered.wire == (schema("b"), schema("c"), schema("a", "new"))


def test_tools_that_are_no_functions_are_left_alone():
    own = {"type": "web_search"}
    offered = Offered([own])
    offered.put(schema("a"), "tool")
    offered.remove("a", "tool")
    assert offered.wire == (own,)


def test_they_are_listed_as_the_configuration_lists_them():
    given = {"model": "m", "functions": [schema("b")["function"]]}
    offered = Offered([schema("b")], ["b"])
    offered.put(schema("a"), "tool")
    offered.put(schema("c"), "function")
    assert offered.listed_in(given) == {
        "model": "m",
        "tools": [schema("a")],
        "functions": [schema("b")["function"], schema("c")["function"]],
    }
    offered.put(schema("c"), "tool")
    offered.remove("b", "function")
    assert offered.listed_in(given) == {"model": "m", "tools": [schema("a"), schema("c")]}
    assert given == {"model": "m", "functions": [schema("b")["function"]]}


@pytest.mark.parametrize(("name", "style"), [("b", "tool"), ("a", "function")])
def test_what_is_not_there_cannot_be_taken_out(name, style):
    with pytest.raises(ToolError, match=f"no {style} named '{name}' is offered to the model; there are: a"):
        Offered([schema("a")]).remove(name, style)


@pytest.mark.parametrize("bad", [{}, {"function": {}}, {"function": "a"}, schema("a b")])
def test_a_schema_needs_a_name(bad):
    with pytest.raises(ToolError, match="no name for a tool"):
        Offered([]).put(bad, "tool")
