"""An agent with tools: functions that it runs when a model calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import blocking
from quorate.agents.model_backed import ModelBackedAgent
from quorate.agents.tool_reply import a_generate_tool_calls_reply

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class ToolUsingAgent(ModelBackedAgent):
    """An agent that runs tools.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model.
        function_map: tools that this agent runs, by name.
        **kwargs: as :class:`ModelBackedAgent` takes them.
    """

    def __init__(
        self,
        name: str,
        system_message: str | None = "",
        *,
        function_map: Mapping[str, Callable[..., Any]] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, **kwargs)
        self.function_map: dict[str, Callable[..., Any]] = dict(function_map or {})

    def register_function(self, function_map: Mapping[str, Callable[..., Any] | None]) -> None:
        """Add tools that this agent runs, by name; None takes one out."""
        for name, func in function_map.items():
            if func is None:
                self.function_map.pop(name, None)
            else:
                self.function_map[name] = func

    a_generate_tool_calls_reply = a_generate_tool_calls_reply
    generate_tool_calls_reply = blocking(a_generate_tool_calls_reply)
