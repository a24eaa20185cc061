"""Chat completions on the wire, whole and streamed, both from one reply.

The shapes are those of https://platform.openai.com/docs/api-reference/chat.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_quorate.replies import Call, Reply
    from pytest_quorate.requests import Request

Delta = dict[str, Any]


def whole(reply: Reply, request: Request) -> bytes:
    """The body of a complete answer."""
    message = _message(reply)
    choices = [_choice(0, "message", message, _finish(reply), _logprobs(reply))]
    others = ({"role": "assistant", "content": text} for text in reply.others)
    choices += [_choice(i, "message", other, "stop", None) for i, other in enumerate(others, 1)]
    usage = _usage(reply, request)
    answer = _envelope(reply, request, "chat.completion", choices) | ({} if usage is None else {"usage": usage})
    return json.dumps(answer, ensure_ascii=False).encode()


def streamed(reply: Reply, request: Request) -> Iterator[bytes | float]:
    """The server-sent events of a streamed answer, one by one; a number is seconds of silence."""
    for choices in _stream_choices(reply):
        if isinstance(choices, list):
            yield _event(reply, _envelope(reply, request, "chat.completion.chunk", choices))
        else:
            yield choices
    usage = _usage(reply, request)
    if usage is not None and request.wants_usage:
        yield _event(reply, _envelope(reply, request, "chat.completion.chunk", []) | {"usage": usage})
    if reply.done:
        yield f"data: [DONE]{reply.newline * 2}".encode()


def _stream_choices(reply: Reply) -> Iterator[list[dict[str, Any]] | bytes | float]:
    yield [_choice(0, "delta", {"role": "assistant", "content": None if reply.tool_calls else ""}, None, None)]
    for delta in _deltas(reply):
        if not isinstance(delta, dict):
            yield delta
            continue
        logprobs = _token(delta["content"]) if reply.logprobs and delta.get("content") else None
        yield [_choice(0, "delta", delta, None, logprobs)]
    others = [_words(text) for text in reply.others]
    for row in zip_longest(*others):
        for index, word in enumerate(row, 1):
            if word is not None:
                yield [_choice(index, "delta", {"content": word}, None, None)]
    yield [_choice(0, "delta", {}, _finish(reply), None)]
    for index in range(1, len(others) + 1):
        yield [_choice(index, "delta", {}, "stop", None)]


def _deltas(reply: Reply) -> Iterator[Delta | bytes | float]:
    if reply.chunks:
        for piece in reply.chunks:
            yield dict(piece) if isinstance(piece, Mapping) else {"content": piece} if isinstance(piece, str) else piece
        return
    for word in _words(reply.thought or ""):
        yield {"reasoning_content": word}
    for word in _words(reply.text or ""):
        yield {"content": word}
    for word in _words(reply.refusal or ""):
        yield {"refusal": word}
    yield from _call_deltas(tool_calls(reply))


def _call_deltas(calls: Sequence[dict[str, Any]]) -> Iterator[Delta]:
    """Every call opens, then their arguments follow interleaved, a few characters at a time."""
    for index, call in enumerate(calls):
        opened = call | {"function": {"name": call["function"]["name"], "arguments": ""}}
        yield {"tool_calls": [{"index": index} | opened]}
    pieces = [re.findall(r"(?s).{1,5}", call["function"]["arguments"]) for call in calls]
    for row in zip_longest(*pieces):
        for index, piece in enumerate(row):
            if piece is not None:
                yield {"tool_calls": [{"index": index, "function": {"arguments": piece}}]}


def tool_calls(reply: Reply) -> list[dict[str, Any]]:
    """The reply's tool calls in wire format; ids are ``call_0``, ``call_1``, ... unless given."""
    return [_tool_call(index, call) for index, call in enumerate(reply.tool_calls)]


def _tool_call(index: int, call: Call) -> dict[str, Any]:
    if not isinstance(call, tuple):
        return {"id": f"call_{index}", "type": "function", **call}
    name, arguments = call
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": text}}


def _message(reply: Reply) -> Delta:
    message: Delta = {"role": "assistant", "content": reply.text}
    if reply.thought is not None:
        message["reasoning_content"] = reply.thought
    if reply.refusal is not None:
        message["refusal"] = reply.refusal
    if reply.tool_calls:
        message["tool_calls"] = tool_calls(reply)
    for piece in _deltas(reply) if reply.chunks else ():
        if isinstance(piece, dict):
            _merge(message, piece)
    return message


def _merge(message: Delta, delta: Mapping[str, Any]) -> None:
    for key, value in delta.items():
        if key == "tool_calls":
            calls: list[dict[str, Any]] = message.setdefault(key, [])
            for part in value:
                _merge_call(calls, part)
        elif isinstance(value, str) and key != "role":
            message[key] = (message.get(key) or "") + value


def _merge_call(calls: list[dict[str, Any]], part: Mapping[str, Any]) -> None:
    index: int = part["index"]
    while len(calls) <= index:
        calls.append({"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
    call = calls[index]
    call["id"] = part.get("id") or call["id"]
    for key, value in part.get("function", {}).items():
        call["function"][key] += value or ""


def _choice(index: int, key: str, value: Delta, finish: str | None, logprobs: Any) -> dict[str, Any]:
    choice = {"index": index, key: value, "finish_reason": finish}
    return choice if logprobs is None else choice | {"logprobs": logprobs}


def _envelope(reply: Reply, request: Request, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    model = reply.model or request.field("model")
    return {"id": "chatcmpl-scripted", "object": kind, "created": 0, "model": model, "choices": choices}


def _event(reply: Reply, value: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(value, ensure_ascii=False)}{reply.newline * 2}".encode()


def _finish(reply: Reply) -> str:
    asked = reply.tool_calls or any(isinstance(piece, Mapping) and "tool_calls" in piece for piece in reply.chunks)
    return reply.finish_reason or ("tool_calls" if asked else "stop")


def _logprobs(reply: Reply) -> dict[str, Any] | None:
    if not reply.logprobs:
        return None
    words = [delta["content"] for delta in _deltas(reply) if isinstance(delta, dict) and delta.get("content")]
    return {"content": [entry for word in words for entry in _token(word)["content"]]}


def _token(word: str) -> dict[str, Any]:
    return {"content": [{"token": word, "logprob": -0.5, "bytes": list(word.encode()), "top_logprobs": []}]}


def _usage(reply: Reply, request: Request) -> dict[str, Any] | None:
    if isinstance(reply.usage, Mapping):
        return dict(reply.usage)
    if reply.usage is None:
        return None
    read = sum(len(_words(str(message.get("content") or ""))) for message in request.messages)
    written = len(list(_deltas(reply))) + sum(len(_words(text)) for text in reply.others)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*$|\s*\S+|\s+", text)
