"""From messages to the prompt: the same text as `model/chat_template.jinja` gives.

One thing is left to this module and not to the template: `current_exchange`, because the model
was trained on conversations of one to three questions and older ones only lead it astray.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OUTPUT_MARK: Final = "exitcode"
"""How a message with the output of executed code begins."""

# An output longer than this many characters is cut to its beginning; training used the same.
CUT_ABOVE: Final = 140
CUT_KEEPS: Final = 80

_ROLES: Final = {
    "user": "<|user|>",
    "assistant": "<|assistant|>",
    "tool": "<|tool|>",
    "function": "<|tool|>",
}


class Part(NamedTuple):
    """A piece of a prompt: a special token, or ordinary text."""

    text: str
    special: bool


def is_output(message: Mapping[str, Any]) -> bool:
    """Whether a message is the output of executed code."""
    return message.get("role") == "user" and text_of(message.get("content")).startswith(OUTPUT_MARK)


def current_exchange(messages: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The last question and what came of it: code, its output, tool calls and their results."""
    for at in range(len(messages) - 1, -1, -1):
        if messages[at].get("role") == "user" and not is_output(messages[at]):
            return messages[at:]
    return messages


def render(messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]]) -> list[Part]:
    """The prompt for these messages and tools, ready for the assistant's next turn."""
    parts: list[Part] = []
    if tools:
        parts += [Part("<|tools|>", special=True), *_text("\n".join(map(_signature, tools)))]
        parts.append(Part("<|end|>", special=True))
    for message in messages:
        parts += _message(message)
    parts.append(Part("<|assistant|>", special=True))
    return parts


def _message(message: Mapping[str, Any]) -> Iterator[Part]:
    opening = _ROLES.get(str(message.get("role")))
    if opening is None:  # a system message: the model was not trained on any
        return
    yield Part(opening, special=True)
    text = text_of(message.get("content"))
    calls = message.get("tool_calls")
    if opening == "<|assistant|>" and calls:
        text = "".join(map(_call, calls))
    may_cut = opening == "<|tool|>" or is_output(message)
    if may_cut and len(text) > CUT_ABOVE:
        yield from _text(text[:CUT_KEEPS])
        yield Part("<|cut|>", special=True)
    else:
        yield from _text(text)
    yield Part("<|end|>", special=True)


def _text(text: str) -> Iterator[Part]:
    if text:
        yield Part(text, special=False)


def _signature(tool: Mapping[str, Any]) -> str:
    function: Mapping[str, Any] = tool.get("function", tool)
    properties = function.get("parameters", {}).get("properties", {})
    return f"{function['name']}({', '.join(properties)})"


def _call(call: Mapping[str, Any]) -> str:
    function: Mapping[str, Any] = call.get("function", call)
    arguments = function["arguments"]
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return f'<tool_call>\n{{"name": "{function["name"]}", "arguments": {arguments}}}\n</tool_call>'
