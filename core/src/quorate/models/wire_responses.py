"""Chat-completions responses from the wire: one body of bytes to one ``CreateResult``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quorate.messages import text_of
from quorate.models.failures import Endpoint, error_failure, error_object, excerpt, failure
from quorate.models.results import CreateResult, FinishReason, Usage
from quorate.models.wire_json import is_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.messages import Message, ToolCall

_FINISH: dict[Any, FinishReason] = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
}


def decode_response(data: bytes, endpoint: Endpoint) -> CreateResult:
    """The result that a response body holds.

    Raises:
        ModelError: the body is an error object, or not a chat completion (kind ``bad_response``, with an
            excerpt).
    """
    try:
        body: Any = json.loads(data)
    except (ValueError, RecursionError):
        what = f"the answer is not JSON but: {excerpt(data)}" if data.strip() else "the answer has an empty body"
    else:
        return result_of(body, endpoint)
    # Outside the handler: the decoder's error holds the whole body, and with it whatever the endpoint echoes.
    raise failure(endpoint, "bad_response", what)


def result_of(body: Any, endpoint: Endpoint) -> CreateResult:
    """The result that a decoded body holds; its first choice is the answer.

    A refusal counts as text and ends with ``content_filter``, so that it can be told from an answer.

    Raises:
        ModelError: the body is an error object, or not a chat completion.
    """
    fields: dict[str, Any] = body if is_object(body) else {}
    if (not fields.get("choices") or fields.get("error")) and (error := error_object(body)):
        raise error_failure(endpoint, error)
    try:
        return _assembled(fields, endpoint)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
    what = f"the answer is not a chat completion ({reason:.80}): {excerpt(json.dumps(body))}"
    raise failure(endpoint, "bad_response", what)


def _assembled(body: Mapping[str, Any], endpoint: Endpoint) -> CreateResult:
    choices = sorted(body["choices"], key=lambda choice: choice.get("index") or 0)
    messages = [message_of(choice["message"]) for choice in choices]
    first = choices[0]
    calls = messages[0].get("tool_calls")
    text = text_of(messages[0].get("content"))
    return CreateResult(
        content=calls or text,
        finish_reason=_finish_reason(first, calls),
        usage=usage_of(body.get("usage")),
        model=str(body.get("model") or endpoint.model),
        logprobs=first.get("logprobs"),
        thought=_thought(first["message"]),
        text=text if text or not calls else None,
        choices=tuple(messages) if len(messages) > 1 else (),
        raw=body,
    )


def message_of(wire: Mapping[str, Any]) -> Message:
    """The assistant message that a choice's wire message means: its text, or null beside its tool calls."""
    text = text_of(wire.get("content")) + (wire.get("refusal") or "")
    legacy = [{"function": wire["function_call"]}] if wire.get("function_call") else []
    calls = [_tool_call(index, call) for index, call in enumerate(wire.get("tool_calls") or legacy)]
    if calls:
        return {"role": "assistant", "content": text or None, "tool_calls": calls}
    return {"role": "assistant", "content": text}


def _tool_call(index: int, call: Mapping[str, Any]) -> ToolCall:
    function = call["function"]
    arguments = function.get("arguments")
    # Some servers send no arguments for a function without parameters, others an object instead of JSON text.
    text = arguments if isinstance(arguments, str) else json.dumps(arguments or {})
    name = str(function["name"])
    return {
        "id": call.get("id") or f"call_{index}",
        "type": "function",
        "function": {"name": name, "arguments": text or "{}"},
    }


def _finish_reason(choice: Mapping[str, Any], calls: object) -> FinishReason:
    reason = _FINISH.get(choice.get("finish_reason"), "unknown")
    if calls and reason in ("stop", "unknown"):
        return "tool_calls"  # vLLM ends a call to a named tool with "stop"
    return "content_filter" if choice["message"].get("refusal") and reason == "stop" else reason


def _thought(message: Mapping[str, Any]) -> str | None:
    thought = message.get("reasoning_content") or message.get("reasoning")
    return thought if isinstance(thought, str) else None


def usage_of(usage: Any) -> Usage | None:
    """The usage that the endpoint counted; None when it did not say.

    Counts that are missing or null are 0.
    """
    if not is_object(usage):
        return None
    return Usage(
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        _count(usage.get("prompt_tokens_details"), "cached_tokens"),
        _count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(usage: Any, key: str) -> int:
    count = usage.get(key) if is_object(usage) else None
    return count if isinstance(count, int) else 0
