"""Running the tool that a model called: its arguments in, a tool message out, whatever happens inside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quorate._drive import call
from quorate.events import ToolEnded, ToolStarted

if TYPE_CHECKING:
    from quorate.agents.protocol import Agent
    from quorate.agents.tool_using import ToolUsingAgent
    from quorate.messages import Message, ToolCall


async def run_tool(agent: ToolUsingAgent, asked: ToolCall, sender: Agent | None) -> Message:
    """Run one tool call. What goes wrong in it becomes a result that the model can act on."""
    agent.tell(ToolStarted, sender, call=asked)
    failed, content = await _attempt(agent, asked)
    agent.tell(ToolEnded, sender, call=asked, content=content, failed=failed)
    return {"role": "tool", "tool_call_id": asked.get("id", ""), "content": content}


async def _attempt(agent: ToolUsingAgent, asked: ToolCall) -> tuple[bool, str]:
    function = asked.get("function") or {}
    name = function.get("name", "")
    func = agent.function_map.get(name)
    if func is None:
        known = ", ".join(sorted(agent.function_map)) or "none"
        return True, f"Error: no function is named {name!r}; there are: {known}."
    try:
        arguments = json.loads(function.get("arguments") or "{}")
    except ValueError as error:
        return True, f"Error: the arguments of {name} are not JSON ({error}); they must be one JSON object."
    if not isinstance(arguments, dict):
        return True, f"Error: the arguments of {name} must be one JSON object, not {type(arguments).__name__}."
    try:
        return False, as_text(await call("tool", func, **arguments))
    except Exception as error:  # noqa: BLE001 - told to the model, and to observers as a failed call
        return True, f"Error: {name} failed with {type(error).__name__}: {error}"


def as_text(result: Any) -> str:
    """A tool's result as the text of a message: text as it is, pydantic models and the rest as JSON."""
    if isinstance(result, str):
        return result
    if hasattr(result, "model_dump_json"):
        return str(result.model_dump_json())
    return json.dumps(result, ensure_ascii=False, default=str)
