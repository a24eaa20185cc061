"""What transforms use: counting tokens by estimate, and choosing messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list, is_mapping
from quorate.models.counting import estimate_tokens

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.messages import Message

__all__ = ["count_text_tokens", "is_content_right_type", "should_transform_message"]


def count_text_tokens(content: Any) -> int:
    """The tokens of a text or of content parts, estimated, on the high side; no tokenizer is loaded."""
    message: Message = {"role": "user", "content": content or ""}
    empty: Message = {"role": "user", "content": ""}
    return estimate_tokens([message]) - estimate_tokens([empty])


def is_content_right_type(content: Any) -> bool:
    """Whether it is text, or a list of parts."""
    return isinstance(content, str | list)


def message_matches(message: Mapping[str, Any], chosen: Any, *, exclude: bool) -> bool:
    """Whether a filter means a message; without one it means all."""
    if not chosen:
        return True
    filters: list[Any] = list(chosen) if is_list(chosen) else [chosen]
    fits = any(all(_fits(message.get(key), value) for key, value in one.items()) for one in filters if is_mapping(one))
    return fits is not exclude


def _fits(value: Any, accepted: Any) -> bool:
    return value in accepted if is_list(accepted) else value == accepted


def should_transform_message(message: Mapping[str, Any], filter_dict: Any, exclude: bool) -> bool:
    """Whether a filter means a message: values by key, or a list of such dicts; ``exclude`` means the others."""
    return message_matches(message, filter_dict, exclude=exclude)


def without_tokens(before: int, after: int) -> tuple[str, bool]:
    """What a limiter tells of itself."""
    if after >= before:
        return "No tokens were left out.", False
    return f"{before - after} tokens were left out: {before} became {after}.", True
