"""Takes fenced code blocks out of Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.coding import CodeBlock, extract_code_blocks
from quorate_autogen_compat.code_utils import content_str

if TYPE_CHECKING:
    from quorate_autogen_compat.types import MessageContentType

__all__ = ["MarkdownCodeExtractor"]


class MarkdownCodeExtractor:
    """Takes fenced code blocks out of a message, as the agents do."""

    def extract_code_blocks(self, message: MessageContentType) -> list[CodeBlock]:
        """The blocks in order; none when there is no fence. A block without a language gets the inferred one, or ``""``.

        Raises:
            MessageError: it is no content of a message.
        """
        return extract_code_blocks(content_str(message))
