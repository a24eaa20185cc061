"""What stays together in a conversation: calls with their results; and what always stays: its instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.images import has_images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from quorate.messages import Message


def split(messages: Sequence[Message]) -> tuple[list[Message], list[list[Message]]]:
    """The instructions that a conversation begins with, and its other messages in units that stay together."""
    start = next((index for index, message in enumerate(messages) if not _instructs(message)), len(messages))
    units: list[list[Message]] = []
    for message in messages[start:]:
        if units and (_answers(message) or _shows_results(message, units[-1][-1])):
            units[-1].append(message)
        else:
            units.append([message])
    return list(messages[:start]), units


def joined(*parts: Sequence[Sequence[Message]]) -> list[Message]:
    """The messages of units, in order."""
    return [message for units in parts for unit in units for message in unit]


def _instructs(message: Mapping[str, Any]) -> bool:
    return message.get("role") in ("system", "developer")


def _answers(message: Mapping[str, Any]) -> bool:
    return message.get("role") in ("tool", "function") or "tool_responses" in message


def _shows_results(message: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Whether it shows the images that tools gave: they come in a message of their own, which nobody said."""
    return before.get("role") == "tool" and "name" not in message and has_images(message)
