"""Sequential chats: a queue of chats in which each is told what the earlier ones came to; then the same with ids.

The model is the embedded demonstration model: no key, no network, and good for sums only. Any other goes in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from quorate import Agent, AssistantAgent, UserProxyAgent

if TYPE_CHECKING:
    from collections.abc import Mapping

llm_config = {"config_list": [{"client": "tiny", "model": "tiny"}]}
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "work"})
first, second, third = (AssistantAgent(name, llm_config=llm_config) for name in ("first", "second", "third"))


def number_in(summary: object) -> str:
    """The last number of a summary."""
    return re.findall(r"\d+", str(summary))[-1]


def go_on(sender: Agent, recipient: Agent, context: Mapping[str, Any]) -> str:
    """Open a chat with what the one before came to; a plain text would have it added as its context."""
    del sender, recipient
    return f"What is {number_in(context['carryover'][-1])} + 46?"


def add(sender: Agent, recipient: Agent, context: Mapping[str, Any]) -> str:
    """Open a chat with what two others came to."""
    del sender, recipient
    one, two = map(number_in, context["carryover"])
    return f"What is {one} + {two}?"


# One after the other: a list of results.
results = user.initiate_chats(
    [
        {"recipient": first, "message": "What is 37 * 54?", "silent": True},
        {"recipient": second, "message": go_on, "silent": True},
        # The last message is the summary, unless a model or a function makes one:
        # {"recipient": third, ..., "summary_method": "reflection_with_llm"}
    ]
)
print("One after the other:", [number_in(result.summary) for result in results])

# With ids: the first two wait for nothing and run side by side, the third waits for both. A dict of results, by id.
by_id = user.initiate_chats(
    [
        {"chat_id": "a", "recipient": first, "message": "What is 12 + 30?", "silent": True},
        {"chat_id": "b", "recipient": second, "message": "What is 7 * 8?", "silent": True},
        {"chat_id": "c", "recipient": third, "message": add, "prerequisites": ["a", "b"], "silent": True},
    ]
)
print("Side by side:", {chat_id: number_in(by_id[chat_id].summary) for chat_id in ("a", "b", "c")})
