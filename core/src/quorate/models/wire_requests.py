"""Chat-completions requests on the wire: cleaned messages, tools, response format, and the body's bytes.

The format is that of https://platform.openai.com/docs/api-reference/chat/create.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from quorate.errors import MessageError, ModelError
from quorate.models.wire_json import is_array, is_object
from quorate.models.wire_schema import json_schema_format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from quorate.messages import Message

_WIRE_KEYS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "function_call"})
_PLAIN_KEYS = frozenset({"role", "content", "name"})
_MAY_BE_NULL = ("tool_calls", "function_call")
_CHOICE_WORDS = ("auto", "required", "none")


def wire_messages(messages: Sequence[Message]) -> list[dict[str, Any]]:
    """The messages as an endpoint accepts them; those that are already fit are passed on uncopied.

    Only wire keys stay. A message with ``tool_responses`` becomes one ``tool`` message per result
    (AutoGen 0.2's form of parallel results). Content that is None becomes empty text, except beside the
    calls of an assistant, where the wire wants null.

    Raises:
        MessageError: something is not a message, or has no role; the error names its index.
    """
    cleaned: list[dict[str, Any]] = []
    for index, message in enumerate(messages):
        if _is_fit(message):
            cleaned.append(cast("dict[str, Any]", message))
        else:
            cleaned.extend(_unrolled(message, index))
    return cleaned


def _is_fit(message: Any) -> bool:
    """Whether a message is a plain one that needs no cleaning; most are, so that histories cost little."""
    return (
        message.__class__ is dict
        and message.keys() <= _PLAIN_KEYS
        and message.get("role") not in (None, "tool")
        and bool(message.get("content"))
        and None not in message.values()
    )


def _unrolled(message: Message, index: int) -> Iterator[dict[str, Any]]:
    if not is_object(message):
        msg = f"messages[{index}] is not a message but {type(message).__name__}; a message is a dict with role and content"
        raise MessageError(msg)
    results = message.get("tool_responses")
    for position, result in enumerate(results or ()):
        yield _clean({"role": "tool", **result}, f"messages[{index}].tool_responses[{position}]")
    # The content of a tool message with several results only repeats them, joined.
    if not results or message.get("role") != "tool":
        yield _clean(message, f"messages[{index}]")


def _clean(message: Mapping[str, Any], place: str) -> dict[str, Any]:
    if not message.get("role"):
        msg = f'{place} has no role; give it one of "system", "user", "assistant" or "tool"'
        raise MessageError(msg)
    fit = {key: value for key, value in message.items() if key in _WIRE_KEYS and value is not None and value != []}
    if fit["role"] == "tool":
        fit.pop("name", None)
    if "content" not in fit:
        calls = fit["role"] == "assistant" and any(key in fit for key in _MAY_BE_NULL)
        fit["content"] = None if calls else ""
    return fit


def build_request(
    messages: Sequence[Message],
    *,
    model: str,
    tools: Sequence[Mapping[str, Any]] = (),
    tool_choice: str | Mapping[str, Any] = "auto",
    response_format: Any = None,
    params: Mapping[str, Any] | None = None,
    stream: bool = False,
) -> dict[str, Any]:
    """The request's body.

    Args:
        messages: the conversation; cleaned by :func:`wire_messages`.
        model: the model's name at the endpoint.
        tools: tool schemas in wire format.
        tool_choice: ``"auto"``, ``"required"``, ``"none"``, a tool's name, or a wire ``tool_choice``.
        response_format: a pydantic class, or a wire ``response_format``.
        params: further request parameters. A parameter that is None is left out; ``extra_body`` is a
            mapping whose entries go into the body as they are, and win.
        stream: whether to ask for a stream, with usage at its end unless ``params`` says otherwise.

    Raises:
        MessageError: something is not a message.
        ModelError: ``tool_choice`` asks for a tool that is not among ``tools`` (kind ``bad_request``).
    """
    body: dict[str, Any] = {"model": model, "messages": [_named(message) for message in wire_messages(messages)]}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    given = {key: value for key, value in (params or {}).items() if key not in ("stream", "extra_body")}
    extra: Mapping[str, Any] = (params or {}).get("extra_body") or {}
    body |= given
    tools = tools or given.get("tools") or ()
    if tools:
        body["tools"] = list(tools)
    if tools or tool_choice != "auto":
        body |= _tool_choice(tool_choice, tools)
    if response_format is not None:
        body["response_format"] = json_schema_format(response_format)
    return {key: value for key, value in body.items() if value is not None} | dict(extra)


def _named(message: dict[str, Any]) -> dict[str, Any]:
    name = message.get("name")
    if not isinstance(name, str) or (accepted := _accepted_name(name)) == name:
        return message
    return {**message, "name": accepted}


@lru_cache(maxsize=1000)
def _accepted_name(name: str) -> str:
    """A speaker's name as endpoints accept it: 64 characters, with none of those that OpenAI's pattern excludes."""
    return re.sub(r"[\s<|\\/>]", "_", name)[:64]


def _tool_choice(choice: str | Mapping[str, Any], tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [tool.get("function", {}).get("name") for tool in tools]
    if choice == "auto" or (choice == "none" and not tools):
        return {}
    wanted = choice if isinstance(choice, str) else choice.get("function", {}).get("name")
    if not tools or (wanted and wanted not in _CHOICE_WORDS and wanted not in names):
        known = ", ".join(map(str, names)) or "no tools were given"
        msg = f"tool_choice={wanted!r} needs a tool of that name ({known}); use auto, required, none or a tool's name"
        msg = msg if tools else f"tool_choice={wanted!r} needs tools, and none were given; pass tools=[...]"
        raise ModelError(msg, kind="bad_request")
    if isinstance(choice, str) and choice not in _CHOICE_WORDS:
        return {"tool_choice": {"type": "function", "function": {"name": choice}}}
    return {"tool_choice": choice}


def encode_request(body: Mapping[str, Any]) -> bytes:
    """The body as JSON bytes.

    Characters that are no Unicode text (lone surrogates, as undecodable output leaves them) become ``?``:
    endpoints refuse the whole request otherwise.

    Raises:
        ModelError: a value cannot be written as JSON (kind ``bad_request``); the error names its key.
    """
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError) as error:
        msg = f"the request cannot be written as JSON at {_culprit(body)}: {error}; use text, numbers, lists and dicts"
        raise ModelError(msg, kind="bad_request") from error
    return text.encode("utf-8", "replace")


def _culprit(value: Any, path: str = "") -> str:
    """The path of the first value that JSON cannot carry."""
    items: Iterable[tuple[Any, Any]] = ()
    if is_object(value):
        items = value.items()
    elif is_array(value):
        items = enumerate(value)
    for key, item in items:
        if not _writable(item):
            return _culprit(item, f"{path}[{key}]" if is_array(value) else f"{path}.{key}".lstrip("."))
    return path or "its top level"


def _writable(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return False
    return True
