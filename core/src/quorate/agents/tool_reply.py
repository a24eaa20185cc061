"""The reply function that runs the tools a model called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import gather, kernel_code
from quorate.agents.calls import run_tool

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
    responses = await gather(*(run_tool(recipient, one, sender) for one in calls))
    text = "\n\n".join(str(one["content"]) for one in responses)
    return True, {"role": "tool", "tool_responses": responses, "content": text}
