"""Tools: which are shown to the model, and its Hermes-style calls as chat-completions tool calls."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from quorate.errors import ModelError
from quorate.messages import FunctionCall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import ToolCall

_OPENING: Final = "<tool_call>"
_CALL: Final = re.compile(_OPENING + r"\s*(\{.*?\})\s*</tool_call>", re.DOTALL)
_WORDS: Final = ("auto", "required", "none")


def offered(tools: Sequence[Mapping[str, Any]], choice: str | Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The tools that the model gets to see.

    Nothing can make the model call a tool; ``required`` is the same to it as ``auto``.

    Args:
        tools: tool schemas in wire format.
        choice: ``auto``, ``required``, ``none``, a tool's name, or a wire ``tool_choice``.

    Raises:
        ModelError: the choice names a tool that is not among them (kind ``bad_request``).
    """
    name = choice if isinstance(choice, str) else str(choice.get("function", {}).get("name"))
    if name == "none":
        return ()
    if name in _WORDS:
        return tools
    named = [tool for tool in tools if tool.get("function", tool).get("name") == name]
    if not named:
        msg = f"tool_choice={name!r} needs a tool of that name; use auto, required, none or a tool's name"
        raise ModelError(msg, kind="bad_request")
    return named


def sound(text: str, tools: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an answer holds no tool call, or calls tools that are on offer, in readable JSON."""
    names = {tool.get("function", tool).get("name") for tool in tools}
    calls = [_parsed(match.group(1)) for match in _CALL.finditer(text)]
    return len(calls) == text.count(_OPENING) and all(call and call[0] in names for call in calls)


def tool_calls(text: str, messages: Sequence[Mapping[str, Any]]) -> list[ToolCall]:
    """The calls that a sound answer asks for; none when it is ordinary text.

    An id holds the number of the call in the conversation, so that equal conversations give equal ids.

    Args:
        text: the model's answer.
        messages: the conversation so far.
    """
    before = sum(len(message.get("tool_calls") or ()) for message in messages)
    calls: list[ToolCall] = []
    for match in _CALL.finditer(text):
        name, arguments = _parsed(match.group(1)) or ("", {})
        number = before + len(calls)
        function = FunctionCall(name=name, arguments=json.dumps(arguments, ensure_ascii=False))
        calls.append({"id": f"call_{number}", "type": "function", "function": function})
    return calls


def _parsed(text: str) -> tuple[str, dict[str, Any]] | None:
    try:
        call = json.loads(text)
        return str(call["name"]), dict(call["arguments"])
    except (ValueError, KeyError, TypeError):
        return None
