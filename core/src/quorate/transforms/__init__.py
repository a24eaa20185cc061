"""Message transforms: what a model reads of a history, which itself stays as it is.

``agent.transforms`` are applied in order, before each of the agent's model calls. A transform is one of these, or any
function of the messages that gives messages, plain or async.

    >>> from quorate.transforms import LimitMessages
    >>> messages = [{"role": "user", "content": str(number)} for number in range(9)]
    >>> [message["content"] for message in LimitMessages(3, keep_first_message=True).apply_transform(messages)]
    ['0', '7', '8']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate._lazy import lazy

if TYPE_CHECKING:
    from quorate.transforms.base import Reader, Transform
    from quorate.transforms.messages import LimitMessages
    from quorate.transforms.redaction import Redact, WithoutImages
    from quorate.transforms.summaries import SummarizeOld
    from quorate.transforms.tokens import LimitTokens

__all__ = ["LimitMessages", "LimitTokens", "Reader", "Redact", "SummarizeOld", "Transform", "WithoutImages"]

_HOMES = {
    "LimitMessages": "messages",
    "LimitTokens": "tokens",
    "Reader": "base",
    "Redact": "redaction",
    "SummarizeOld": "summaries",
    "Transform": "base",
    "WithoutImages": "redaction",
}

__getattr__, __dir__ = lazy(__name__, _HOMES)
