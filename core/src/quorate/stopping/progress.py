"""What a message says, as one number: equal for messages that say the same."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quorate.messages import Message


def said_in(message: Message, text: str) -> int:
    """A number for what a message says: its text without regard to case and spacing, and the calls it asks for.

    Numbers are comparable within one process.

    Args:
        message: the message.
        text: its text.
    """
    words = " ".join(text.split()).casefold()
    content = message.get("content")
    pictures = json.dumps(content, sort_keys=True, default=str) if isinstance(content, list) else ""
    calls = [call.get("function", {}) for call in message.get("tool_calls", ())]
    if "function_call" in message:
        calls.append(message["function_call"])
    asked = tuple((call.get("name", ""), call.get("arguments", "")) for call in calls)
    return hash((words, pictures, asked))
