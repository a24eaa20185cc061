"""Messages as chat templates in this process read them, and what a template takes.

That is found by rendering it (:func:`abilities_of`), never by the model's name.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from quorate.errors import ModelError
from quorate.messages import text_of
from quorate.models.shaping import PROBES, Feature, shape
from quorate.models.wire import wire_messages
from quorate.models.wire_json import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.messages import Message

    Render = Callable[[list[dict[str, Any]], list[Mapping[str, Any]]], str]

_FIRST, _SECOND = "firstprobe", "secondprobe"
_TOOL = {
    "type": "function",
    "function": {
        "name": _SECOND,
        "description": "d",
        "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]},
    },
}


class Abilities(NamedTuple):
    """What a chat template takes.

    Attributes:
        features: the features that it has; it never sees a developer's message, for that is given as a system message.
        tools: whether it takes schemas of tools, with calls written as ``<tool_call>{json}</tool_call>`` (Hermes, Qwen
            and others).
    """

    features: frozenset[Feature]
    tools: bool

    def declared(self, system: bool | None, tools: bool | None) -> Abilities:
        """These, corrected by what the user declared."""
        asked: frozenset[Feature] = frozenset({"system"})
        features = self.features if system is None else self.features | asked if system else self.features - asked
        return Abilities(features, self.tools if tools is None else tools)


def abilities_of(render: Render) -> Abilities | None:
    """Render small conversations and see what comes through; None when even a lone user's message does not."""

    def takes(messages: Sequence[Mapping[str, Any]], *wanted: str, tools: Sequence[Mapping[str, Any]] = ()) -> bool:
        try:
            text = render(list(map(_plain, messages)), list(tools))
        except Exception:  # noqa: BLE001 - a template is somebody else's program, and may raise anything to say no
            return False
        return all(word in text for word in wanted)

    user = [{"role": "user", "content": _FIRST}]
    if not takes(user, _FIRST):
        return None
    has: list[Feature] = [
        name for name, probe in PROBES.items() if name != "developer" and takes(probe(_FIRST), _FIRST)
    ]
    tools = takes(user, _FIRST, _SECOND, tools=[_TOOL]) and takes(PROBES["call"](_FIRST), "<tool_call>", tools=[_TOOL])
    return Abilities(frozenset(has), tools)


def fitted(messages: Sequence[Message], can: Abilities) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """A copy of the messages as a template takes them, and what was changed, in words for people.

    Raises:
        MessageError: something is not a message.
        ModelError: a message has an image (kind ``bad_request``).
    """
    shaped = shape([_plain(message) for message in wire_messages(messages)], lambda feature: feature in can.features)
    return [dict(message) for message in shaped.messages], shaped.notes


def _plain(message: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with text for content; roles of newer and older wire formats under the names that templates know."""
    content = message.get("content")
    if is_array(content) and any(is_object(part) and part.get("type") == "image_url" for part in content):
        msg = "hf-local reads text only, and a message has an image; leave it out, or ask a client that sees images"
        raise ModelError(msg, kind="bad_request")
    role = {"developer": "system", "function": "tool"}.get(message["role"], message["role"])
    plain: dict[str, Any] = {**message, "role": role, "content": _unicode(text_of(content))}
    if call := plain.pop("function_call", None):
        plain["tool_calls"] = [{"id": "call_0", "type": "function", "function": call}]
    if plain.get("tool_calls"):
        plain["tool_calls"] = [_call(call) for call in plain["tool_calls"]]
    return plain


def _unicode(text: str) -> str:
    """The text with what is no Unicode (lone surrogates, as undecodable output leaves them) replaced: tokenizers stop at it."""
    return text.encode("utf-8", "replace").decode()


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    """A tool call with its arguments decoded: templates write them as JSON themselves."""
    function = dict(call["function"])
    with suppress(TypeError, ValueError):  # what is no JSON stays as it is
        function["arguments"] = json.loads(_unicode(function.get("arguments") or "{}"))
    return {**call, "function": function}
