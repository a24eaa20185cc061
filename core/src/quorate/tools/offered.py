"""The tools that one agent's model is told of: those of its ``llm_config``, and those registered since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from quorate.errors import ToolError
from quorate.models.wire_json import is_object
from quorate.tools.names import checked_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Style: TypeAlias = Literal["tool", "function"]
"""How ``llm_config`` lists a schema: under ``tools``, or as AutoGen 0.2 did at first, under ``functions``."""


class Offered:
    """Tool schemas by name, in the order in which they came.

    Args:
        schemas: those that are there from the start, in wire format.
        functions: the names of those that ``llm_config`` lists under ``functions``.

    Attributes:
        wire: the schemas as they go with every call.
    """

    def __init__(self, schemas: Iterable[Mapping[str, Any]], functions: Iterable[str] = ()) -> None:
        self.wire: tuple[Mapping[str, Any], ...] = tuple(schemas)
        self._functions = set(functions)

    def put(self, schema: Mapping[str, Any], style: Style) -> None:
        """Add a schema in wire format; it takes the place of one with the same name.

        Raises:
            ToolError: it has no name, or none that endpoints accept.
        """
        name = checked_name(name_in(schema))
        left = [one for one in self.wire if name_in(one) != name]
        self._functions.discard(name)
        if style == "function":
            self._functions.add(name)
        self.wire = (*left, schema)

    def remove(self, name: str, style: Style) -> None:
        """Take a schema out.

        Raises:
            ToolError: there is none of this name in this style.
        """
        if name not in map(name_in, self.wire) or (name in self._functions) != (style == "function"):
            known = ", ".join(str(name_in(one)) for one in self.wire) or "none"
            msg = f"no {style} named {name!r} is offered to the model; there are: {known}"
            raise ToolError(msg)
        self.wire = tuple(one for one in self.wire if name_in(one) != name)

    def listed_in(self, llm_config: Mapping[str, Any]) -> dict[str, Any]:
        """A copy of the configuration that lists the schemas as AutoGen 0.2's does, for programs that read them there."""
        listed = {key: value for key, value in llm_config.items() if key not in ("tools", "functions")}
        if tools := [one for one in self.wire if name_in(one) not in self._functions]:
            listed["tools"] = tools
        if functions := [one["function"] for one in self.wire if name_in(one) in self._functions]:
            listed["functions"] = functions
        return listed


def name_in(schema: Mapping[str, Any]) -> Any:
    """The name in a schema in wire format; None when it has none."""
    function = schema.get("function")
    return function.get("name") if is_object(function) else None
