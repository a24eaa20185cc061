"""What the model's chat template can do, found by having the server render a few small conversations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.models.shaping import PROBES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from quorate.errors import FailureKind
    from quorate.models.shaping import Feature
    from quorate_vllm_client._server import Prompt

_PLAIN = ({"role": "user", "content": "one"},)
_MARKS = ("apple", "river")
_SAYS_NOTHING: frozenset[FailureKind] = frozenset({"bad_request", "bad_response", "overload", "bug"})

LEARNED: tuple[tuple[re.Pattern[str], tuple[Feature, ...]], ...] = (
    (re.compile(r"roles? must alternate", re.IGNORECASE), ("repeated", "answer_first", "late_system")),
    (re.compile(r"only user\W+ (and )?assistant roles|system role (is )?not supported", re.IGNORECASE), ("system",)),
    (re.compile(r"only user\W+ (and )?assistant roles", re.IGNORECASE), ("tool", "call")),
    (re.compile(r"system (message|role).{0,40}(beginning|first|start)", re.IGNORECASE), ("late_system",)),
)
"""What templates raise, in the words of Mistral 7B Instruct, Gemma 2 and Qwen 3.5, and what it says about them."""


async def has(feature: Feature, render: Callable[[Sequence[Mapping[str, Any]]], Awaitable[Prompt]]) -> bool:
    """Whether the template has a feature; True where that cannot be found out, for then it is tried.

    Args:
        feature: the feature.
        render: gives the prompt of messages.

    Raises:
        ModelError: the server cannot be reached.
    """
    try:
        await render(_PLAIN)
    except ModelError as error:
        if error.kind not in _SAYS_NOTHING:
            raise
        return True
    try:
        one, other = [await render(PROBES[feature](mark)) for mark in _MARKS]
    except ModelError as error:
        if error.kind not in _SAYS_NOTHING:
            raise
        return error.kind != "bad_request"
    return one.tokens != other.tokens


def learned(message: str) -> frozenset[Feature]:
    """The features that a template lacks which raised this."""
    return frozenset(feature for words, features in LEARNED if words.search(message) for feature in features)
