"""0.2's transforms: the core's limits under 0.2's names, and the name of the speaker in the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Protocol, cast, runtime_checkable

from quorate.messages import text_of
from quorate.transforms import LimitMessages, LimitTokens, Transform
from quorate_autogen_compat._missing import refusing
from quorate_autogen_compat.agentchat.contrib.capabilities.transforms_util import (
    count_text_tokens,
    message_matches,
    without_tokens,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.messages import Message
    from quorate.transforms import Reader

MISSING = {
    "TextMessageCompressor": "it was for LLMLingua; a function of the messages is a transform, and so is quorate.transforms.SummarizeOld",
}

__getattr__ = refusing(__name__, MISSING)

__all__ = ["MessageHistoryLimiter", "MessageTokenLimiter", "MessageTransform", "TextMessageContentName"]

Filter = dict[str, Any] | list[dict[str, Any]] | None


@runtime_checkable
class MessageTransform(Protocol):
    """A transform of the program's own."""

    def apply_transform(self, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The messages as the model is to read them."""
        ...

    def get_logs(
        self, pre_transform_messages: list[dict[str, Any]], post_transform_messages: list[dict[str, Any]]
    ) -> tuple[str, bool]:
        """What was done, in words, and whether anything was."""
        ...


class MessageHistoryLimiter(Transform):
    """Keeps the last messages; see :class:`quorate.transforms.LimitMessages`.

    Args:
        max_messages: how many; None for all.
        keep_first_message: whether the first is one of them.
    """

    def __init__(self, max_messages: int | None = None, keep_first_message: bool = False) -> None:
        self._limit = None if max_messages is None else LimitMessages(max_messages, keep_first_message)

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The instructions and the last messages."""
        return list(messages) if self._limit is None else await self._limit.a_apply_transform(messages, reader)

    def get_logs(
        self, pre_transform_messages: Sequence[Message], post_transform_messages: Sequence[Message]
    ) -> tuple[str, bool]:
        """How many messages were left out."""
        less = len(pre_transform_messages) - len(post_transform_messages)
        return (f"{less} messages were left out.", True) if less > 0 else ("No messages were left out.", False)


class MessageTokenLimiter(Transform):
    """Leaves out the oldest messages and the ends of long ones; see :class:`quorate.transforms.LimitTokens`.

    The model client that reads the messages counts the tokens, tools and instructions included.

    Args:
        max_tokens_per_message: how many each message may have.
        max_tokens: how many all may have.
        min_tokens: nothing is left out of fewer.
        model: without effect; the client knows its model.
        filter_dict: which messages ``max_tokens_per_message`` holds for: values by key, or a list of such dicts.
        exclude_filter: whether those that fit are left as they are instead.
    """

    def __init__(
        self,
        max_tokens_per_message: int | None = None,
        max_tokens: int | None = None,
        min_tokens: int | None = None,
        model: str = "gpt-3.5-turbo-0613",
        filter_dict: Filter = None,
        exclude_filter: bool = True,
    ) -> None:
        del model
        each = max_tokens_per_message
        self._each = None if each is None else LimitTokens(max_tokens_per_message=each, min_tokens=min_tokens)
        self._all = None if max_tokens is None else LimitTokens(max_tokens=max_tokens, min_tokens=min_tokens)
        self._filter, self._exclude = filter_dict, exclude_filter

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """What has few enough tokens."""
        left = list(messages)
        if self._each is not None:
            cut = await self._each.a_apply_transform(left, reader)
            chosen = [message_matches(one, self._filter, exclude=self._exclude) for one in left]
            left = [new if fits else old for old, new, fits in zip(left, cut, chosen, strict=True)]
        return left if self._all is None else await self._all.a_apply_transform(left, reader)

    def get_logs(
        self, pre_transform_messages: Sequence[Message], post_transform_messages: Sequence[Message]
    ) -> tuple[str, bool]:
        """How many tokens were left out, by estimate."""
        before, after = (
            sum(count_text_tokens(one.get("content")) for one in messages)
            for messages in (pre_transform_messages, post_transform_messages)
        )
        return without_tokens(before, after)


class TextMessageContentName(Transform):
    """Puts the speaker's name into the text, for models that do not read ``name``.

    Args:
        position: ``start`` or ``end`` of the text.
        format_string: what is put there, with ``{name}`` in it.
        deduplicate: whether a text that has it there is left as it is.
        filter_dict: which messages: values by key, or a list of such dicts.
        exclude_filter: whether those that fit are left as they are instead.
    """

    def __init__(
        self,
        position: Literal["start", "end"] = "start",
        format_string: str = "{name}:\n",
        deduplicate: bool = True,
        filter_dict: Filter = None,
        exclude_filter: bool = True,
    ) -> None:
        if position not in ("start", "end"):
            msg = f"position is 'start' or 'end', not {position!r}"
            raise ValueError(msg)
        if "{name}" not in format_string:
            msg = "format_string is text with {name} in it"
            raise ValueError(msg)
        self._at_start, self._format, self._once = position == "start", format_string, deduplicate
        self._filter, self._exclude = filter_dict, exclude_filter

    async def a_apply_transform(self, messages: Sequence[Message], reader: Reader | None = None) -> list[Message]:
        """The messages with names in their texts."""
        del reader
        return [self._named(one) if self._is_meant(one) else one for one in messages]

    def _is_meant(self, message: Message) -> bool:
        return bool(message.get("name") and message.get("content")) and message_matches(
            message, self._filter, exclude=self._exclude
        )

    def _named(self, message: Message) -> Message:
        said, content = self._format.format(name=message.get("name")), message.get("content")
        text = text_of(content)
        if self._once and (text.startswith(said) if self._at_start else text.endswith(said)):
            return message
        if isinstance(content, str):
            return {**message, "content": said + content if self._at_start else content + said}
        part = {"type": "text", "text": said}
        parts = list(content or ())
        return {**message, "content": [part, *parts] if self._at_start else [*parts, part]}

    def get_logs(
        self, pre_transform_messages: Sequence[Mapping[str, Any]], post_transform_messages: Sequence[Mapping[str, Any]]
    ) -> tuple[str, bool]:
        """How many messages were changed."""
        pairs = zip(pre_transform_messages, post_transform_messages, strict=True)
        changed = sum(before != after for before, after in cast("Any", pairs))
        return (f"{changed} messages were given their names.", True) if changed else ("No names were added.", False)
