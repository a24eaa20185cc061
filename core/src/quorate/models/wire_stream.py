"""Chat-completions streams from the wire: bytes in any cut to text parts and one result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from quorate.models.failures import Endpoint, error_failure, error_object, excerpt, failure
from quorate.models.wire_events import EventDecoder
from quorate.models.wire_responses import decode_response, result_of

if TYPE_CHECKING:
    from quorate.models.results import CreateResult

_DONE = b"[DONE]"
_raw_decode = json.JSONDecoder().raw_decode


class StreamDecoder:
    """Gives a stream's text parts as they come, and the complete result at its end.

    The text parts are those of the first choice; joined they are its whole text.

    Args:
        endpoint: where the stream comes from, for errors.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.done = False
        """Whether the endpoint said that the stream is over."""
        self.started = False
        """Whether any text part was given."""
        self._endpoint = endpoint
        self._events = EventDecoder()
        self._before: list[bytes] | None = []  # what came before the first event; None once there is one
        self._body: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def feed(self, chunk: bytes) -> str:
        """The text that these bytes bring; empty when they bring none.

        Raises:
            ModelError: an event is an error object or no JSON.
        """
        if self._before is not None:
            self._before.append(chunk)
        return self._take(self._events.feed(chunk))

    def finish(self) -> tuple[str, CreateResult]:
        """The last text, when the stream ended in the middle of an event, and the result.

        An endpoint that cannot stream answers with one body; it is understood as such.

        Raises:
            ModelError: the stream was cut, or held no answer.
        """
        last = self._take(self._events.flush())
        if self._before is not None:
            result = decode_response(b"".join(self._before), self._endpoint)
            return result.text or "", result
        if not self._choices:
            what = "the stream ended without an answer"
            raise self._failed(what)
        if not self.done and any(choice.finish_reason is None for choice in self._choices.values()):
            msg = "the connection closed before the stream's end"
            raise failure(self._endpoint, "network", msg, output_started=self.started)
        wire = [self._choices[index].wire(index) for index in sorted(self._choices)]
        return last, result_of({**self._body, "choices": wire}, self._endpoint)

    def _take(self, events: list[bytes]) -> str:
        if events:
            self._before = None
        parts = [self._event(event) for event in events]
        text = parts[0] if len(parts) == 1 else "".join(parts)
        if text:
            self.started = True
        return text

    def _event(self, event: bytes) -> str:
        if event == _DONE:
            self.done = True
            return ""
        try:
            value = _parse(event.decode())
            choices = value.get("choices")
            if not choices or value.get("error"):
                return self._without_choices(value)
            if not self._body:
                self._body = value | {"object": "chat.completion"}
            if usage := value.get("usage"):
                self._body["usage"] = usage
            if len(choices) == 1:
                return self._delta(choices[0])
            return "".join([self._delta(choice) for choice in choices])
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            what = f"the stream sent something that is no chat-completion chunk ({error!r:.80}): {excerpt(event)}"
        raise self._failed(what)

    def _without_choices(self, value: dict[str, Any]) -> str:
        if error := error_object(value):
            raise error_failure(self._endpoint, error, output_started=self.started)
        if value.get("usage"):
            self._body["usage"] = value["usage"]
        return ""

    def _delta(self, choice: dict[str, Any]) -> str:
        index = choice.get("index") or 0
        held = self._choices.get(index)
        if held is None:
            held = self._choices[index] = _Choice()
        text = held.add(choice)
        return "" if index else text

    def _failed(self, what: str) -> Exception:
        return failure(self._endpoint, "bad_response", what, output_started=self.started)


def _parse(text: str) -> dict[str, Any]:
    """``json.loads`` without its search for white space around the value, which costs a third of it."""
    value, end = _raw_decode(text)
    if end != len(text):
        msg = "something follows the JSON value"
        raise ValueError(msg)
    return value  # type: ignore[no-any-return]


class _Choice:
    """One choice of a stream, as put together so far."""

    __slots__ = ("calls", "finish_reason", "logprobs", "parts", "refusal", "thought")

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.refusal: list[str] = []
        self.thought: list[str] = []
        self.calls: dict[int, dict[str, Any]] = {}
        self.logprobs: dict[str, list[Any]] = {}
        self.finish_reason: str | None = None

    def add(self, choice: dict[str, Any]) -> str:
        """Take a chunk of this choice; the text it brings."""
        if reason := choice.get("finish_reason"):
            self.finish_reason = reason
        if logprobs := choice.get("logprobs"):
            self._add_logprobs(logprobs)
        delta: dict[str, Any] = choice.get("delta") or {}
        text: str = delta.get("content") or ""
        if text:
            if text.__class__ is not str:
                msg = "content is not text"
                raise TypeError(msg)
            self.parts.append(text)
        if len(delta) > 1 or not text:
            text += self._add_rest(delta)
        return text

    def _add_rest(self, delta: dict[str, Any]) -> str:
        if thought := delta.get("reasoning_content") or delta.get("reasoning"):
            self.thought.append(thought)
        for call in delta.get("tool_calls") or ():
            self._add_call(call)
        refusal: str = delta.get("refusal") or ""
        if refusal:
            self.refusal.append(refusal)
        return refusal

    def _add_call(self, call: dict[str, Any]) -> None:
        index = call.get("index")
        if index is None:  # some servers leave it out and send each call whole, under an id of its own
            index = len(self.calls) if call.get("id") or not self.calls else len(self.calls) - 1
        held = self.calls.setdefault(index, {"id": "", "name": "", "arguments": []})
        held["id"] = held["id"] or call.get("id") or ""
        function: dict[str, Any] = call.get("function") or {}
        if (name := function.get("name")) and name != held["name"]:
            held["name"] += name
        if arguments := function.get("arguments"):
            held["arguments"].append(arguments)

    def _add_logprobs(self, logprobs: dict[str, Any]) -> None:
        for key, tokens in logprobs.items():
            held = self.logprobs.setdefault(key, [])
            if tokens:
                held.extend(tokens)

    def wire(self, index: int) -> dict[str, Any]:
        """The choice as a response that was not streamed would hold it."""
        calls = [
            {
                "id": call["id"],
                "type": "function",
                "function": {"name": call["name"], "arguments": "".join(call["arguments"])},
            }
            for _, call in sorted(self.calls.items())
        ]
        message: dict[str, Any] = {
            "role": "assistant",
            "content": "".join(self.parts) if self.parts or not calls else None,
        }
        if self.refusal:
            message["refusal"] = "".join(self.refusal)
        if self.thought:
            message["reasoning_content"] = "".join(self.thought)
        if calls:
            message["tool_calls"] = calls
        choice: dict[str, Any] = {"index": index, "message": message, "finish_reason": self.finish_reason}
        return choice | {"logprobs": self.logprobs} if self.logprobs else choice
