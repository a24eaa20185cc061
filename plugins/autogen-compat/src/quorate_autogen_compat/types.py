"""Types of message contents."""

from __future__ import annotations

from typing import Literal, TypeAlias, TypedDict

__all__ = ["MessageContentType", "UserMessageImageContentPart", "UserMessageTextContentPart"]


class UserMessageTextContentPart(TypedDict):
    """Text within a message of several parts."""

    type: Literal["text"]
    text: str


class UserMessageImageContentPart(TypedDict):
    """An image within a message of several parts; ``image_url`` has a ``url``."""

    type: Literal["image_url"]
    image_url: dict[str, str]


MessageContentType: TypeAlias = str | list[UserMessageTextContentPart | UserMessageImageContentPart] | None
"""What a message's ``content`` may be."""
