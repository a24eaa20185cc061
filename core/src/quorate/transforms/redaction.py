"""Keeping something from a model: what patterns find in texts, and images."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from quorate.errors import AgentError
from quorate.images import has_images
from quorate.messages import text_of
from quorate.models.wire_json import is_array, is_object
from quorate.transforms.base import Transform

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quorate.messages import Message
    from quorate.transforms.base import Reader

Pattern: TypeAlias = "str | re.Pattern[str] | Callable[[str], str]"
"""A regular expression, or a function that gives the text as it may be read."""


class Redact(Transform):
    """Replaces what is not to be read, in the texts of messages and in the arguments of calls.

    Args:
        *patterns: regular expressions, or functions of a text that give it as it may be read; applied in order.
        replacement: what stands in the place of what a regular expression finds.

    Raises:
        AgentError: there is none, or one is neither.
    """

    def __init__(self, *patterns: Pattern, replacement: str = "[redacted]") -> None:
        if not patterns:
            msg = "Redact needs something to look for: regular expressions, or functions of a text"
            raise AgentError(msg)
        self._replacement = replacement
        self._functions = [self._function(pattern, index) for index, pattern in enumerate(patterns)]

    def _function(self, pattern: Any, index: int) -> Callable[[str], str]:
        if callable(pattern):
            return cast("Callable[[str], str]", pattern)
        if not isinstance(pattern, str | re.Pattern):
            msg = f"Redact: patterns[{index}] is a regular expression or a function of a text, not {pattern!r:.80}"
            raise AgentError(msg)
        try:
            found = re.compile(cast("str", pattern))
        except re.error as error:
            msg = f"Redact: patterns[{index}] is no regular expression: {error}: {pattern!r:.80}"
            raise AgentError(msg) from error
        return lambda text: found.sub(lambda _: self._replacement, text)

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The messages without what is not to be read."""
        del reader
        return [self._redacted(message) for message in messages]

    def _redacted(self, message: Message) -> Message:
        changed: dict[str, Any] = {}
        for key, redact in _PLACES.items():
            value: Any = message.get(key)
            if value and (given := redact(self, value)) != value:
                changed[key] = given
        return cast("Message", {**message, **changed}) if changed else message

    def _text(self, text: str) -> str:
        for function in self._functions:
            given: Any = function(text)
            if not isinstance(given, str):
                msg = f"Redact: {function!r:.80} gave {given!r:.80}; it must give a text"
                raise AgentError(msg)
            text = given
        return text

    def _content(self, content: Any) -> Any:
        if isinstance(content, str):
            return self._text(content)
        return [
            {**part, "text": self._text(part["text"])} if is_object(part) and part.get("type") == "text" else part
            for part in content
        ]

    def _call(self, function: Any) -> Any:
        arguments = function.get("arguments")
        return {**function, "arguments": self._text(arguments)} if isinstance(arguments, str) else function

    def _calls(self, calls: Any) -> Any:
        return [{**one, "function": self._call(one.get("function") or {})} for one in calls]

    def _responses(self, responses: Any) -> Any:
        return [self._redacted(one) for one in responses]


_PLACES: dict[str, Callable[[Redact, Any], Any]] = {
    "content": Redact._content,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - its own table
    "tool_calls": Redact._calls,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "function_call": Redact._call,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    "tool_responses": Redact._responses,  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
}
"""Where texts stand in a message."""


@dataclass(frozen=True)
class WithoutImages(Transform):
    """Puts the word ``<image>`` in the place of each image, for a model that cannot see.

    Args:
        but_last: how many of the last images stay; an image is read, and paid for, with every call.
    """

    but_last: int = 0

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The messages with words in the place of images."""
        del reader
        left, changed = self.but_last, list(messages)
        for index in range(len(changed) - 1, -1, -1):
            if not _shows(changed[index]):
                continue
            changed[index], left = _hidden(changed[index], left)
        return changed


def _shows(message: Message) -> bool:
    return has_images(message) or any(map(has_images, message.get("tool_responses") or ()))


def _hidden(message: Message, left: int) -> tuple[Message, int]:
    """A message without images but so many of its last ones, and how many of the ones before may stay."""
    changed: dict[str, Any] = {}
    if responses := message.get("tool_responses"):
        kept: list[Message] = []
        for one in reversed(responses):
            hidden, left = _hidden(one, left)
            kept.insert(0, hidden)
        changed["tool_responses"] = kept
    content: Any = message.get("content")
    if is_array(content):
        parts: list[Any] = []
        for part in reversed(content):
            is_image = is_object(part) and part.get("type") == "image_url"
            stays = not is_image or left > 0
            left -= is_image and stays
            parts.insert(0, part if stays else {"type": "text", "text": "<image>"})
        # Text alone is sent as text: endpoints of models that cannot see may take no parts at all.
        whole_text = all(is_object(part) and part.get("type") == "text" for part in parts)
        changed["content"] = text_of(parts) if whole_text else parts
    return cast("Message", {**message, **changed}), left
