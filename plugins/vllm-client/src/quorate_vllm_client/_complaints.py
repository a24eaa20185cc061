"""What vLLM says when it was started without something, and the flag that helps.

The wordings are those of vLLM 0.32 and, for tool calls, of every version since 0.6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from quorate.errors import ModelError

if TYPE_CHECKING:
    from quorate.errors import FailureKind


class Complaint(NamedTuple):
    """A server's complaint: the words it is known by, the kind of failure, and what to do."""

    words: re.Pattern[str]
    kind: FailureKind
    advice: str


def _of(words: str, advice: str, kind: FailureKind = "bad_request") -> Complaint:
    return Complaint(re.compile(words, re.IGNORECASE), kind, advice)


COMPLAINTS = (
    _of(
        r"enable-auto-tool-choice|tool-call-parser",
        "start the server with --enable-auto-tool-choice --tool-call-parser NAME, where NAME is that of the model's "
        "family (hermes, mistral, llama3_json, ...)",
    ),
    _of(
        r"reasoning-parser|reasoning_config|reasoning parser",
        "start the server with --reasoning-parser NAME, where NAME is that of the model's family (qwen3, "
        "deepseek_r1, ...)",
    ),
    _of(
        r"trust-request-chat-template",
        "start the server with --trust-request-chat-template, or with --chat-template FILE and leave chat_template "
        "out of the configuration",
    ),
    _of(r"default chat template is no longer allowed", "start the server with --chat-template FILE"),
    _of(
        r"trust-request-mm-kwargs", "start the server with --trust-request-mm-kwargs, or leave mm_processor_kwargs out"
    ),
    _of(r"enable-mm-embeds", "start the server with --enable-mm-embeds"),
    _of(r"not a multimodal model", "this model reads text only: leave the images out, or serve a model that sees"),
    _of(r"limit-mm-per-prompt|at most \d+ \w+\(?s?\)? may be provided", "start the server with --limit-mm-per-prompt"),
    _of(
        r"logprobs of -?\d+, which is greater than max allowed",
        "ask for fewer, or start the server with --max-logprobs N",
    ),
    _of(
        r"max_(completion_)?tokens=?\S* (cannot be greater than max_model_len|is too large)",
        "ask for fewer max_tokens, shorten the conversation, or start the server with a larger --max-model-len",
        "context_overflow",
    ),
    _of(
        r"maximum (context|model) length",
        "shorten the conversation, or start the server with a larger --max-model-len where the model allows it",
        "context_overflow",
    ),
)
"""Complaints, looked for in this order."""

NOT_FOUND = (
    _of(
        r"^not found$",
        "check that base_url ends in /v1, and that the server serves a model that chats (--runner generate)",
    ),
    _of(
        r"^the model .* does not exist",
        "name one that the server serves (--served-model-name), or leave model out where it serves one only",
    ),
)
"""The same for status 404."""


def complaint(status: int, message: str) -> Complaint | None:
    """The known complaint in an error's message; None when there is none."""
    known = {400: COMPLAINTS, 404: NOT_FOUND, 422: COMPLAINTS, 501: COMPLAINTS}.get(status, ())
    return next((each for each in known if each.words.search(message)), None)


def advised(error: ModelError) -> ModelError:
    """The failure with the advice of a known complaint added: in a stream vLLM complains after a good status."""
    known = complaint(error.status or 0, str(error))
    if known is None or known.advice in str(error):
        return error
    return ModelError(
        f"{error}; {known.advice}",
        kind=known.kind,
        retry_after=error.retry_after,
        output_started=error.output_started,
        status=error.status,
    )
