"""Tool calls that nobody answered: endpoints refuse a history with them, so a request says that they were not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.messages import ToolMessage

if TYPE_CHECKING:
    from quorate.messages import Message

NOT_RUN = "Not run: the conversation went on without it."


def answered(messages: list[Message]) -> list[Message]:
    """The messages of a request, with an answer to each tool call that has none; the same list when all have one.

    A chat may end between a call and its result, by a limit, an error or a person, and go on later. On the wire every
    call is answered before anything else is said: https://platform.openai.com/docs/guides/function-calling.
    """
    if not any(message.get("tool_calls") for message in messages):
        return messages
    whole: list[Message] = []
    waiting: list[str] = []
    for message in messages:
        if message.get("role") == "tool":
            waiting = [one for one in waiting if one != message.get("tool_call_id")]
        else:
            whole += [ToolMessage(NOT_RUN, one) for one in waiting]
            waiting = [asked["id"] for asked in message.get("tool_calls") or () if asked.get("id")]
        whole.append(message)
    whole += [ToolMessage(NOT_RUN, one) for one in waiting]
    return whole if len(whole) > len(messages) else messages
