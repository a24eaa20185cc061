"""The reply functions that run the tools a model called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import kernel_code
from quorate.agents.calls import image_message, run_calls, tool_message

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.agents.tool_using import ToolUsingAgent
    from quorate.messages import Message


@kernel_code
async def a_generate_tool_calls_reply(
    recipient: ToolUsingAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Run the tools that the last message calls, side by side, and give their results."""
    del config
    messages = recipient.messages_from(sender) if messages is None else messages
    calls = messages[-1].get("tool_calls") if messages else None
    if not calls or not recipient.function_map:
        return False, None
    recipient.made_by("tool", sender)
    results = await run_calls(recipient, calls, sender)
    answers = list(map(tool_message, calls, results))
    text = "\n\n".join(result.content for result in results)
    return True, {"role": "tool", "tool_responses": [*answers, *image_message(calls, results)], "content": text}


@kernel_code
async def a_generate_function_call_reply(
    recipient: ToolUsingAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Run the function that the last message calls in the older form, ``function_call``, and give its result."""
    del config
    messages = recipient.messages_from(sender) if messages is None else messages
    function = messages[-1].get("function_call") if messages else None
    if not function or not recipient.function_map:
        return False, None
    recipient.made_by("tool", sender)
    _, answer = await recipient.a_execute_function(function)
    return True, answer
