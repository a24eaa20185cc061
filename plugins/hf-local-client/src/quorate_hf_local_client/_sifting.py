"""An answer taken apart as it comes: text to show, reasoning, and tool calls.

Reasoning stands in ``<think>`` at the beginning, calls as JSON in ``<tool_call>``: the form of the Hermes models,
which Qwen and others took over (https://github.com/NousResearch/Hermes-Function-Calling).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from quorate_hf_local_client._text import overlap

if TYPE_CHECKING:
    from quorate.messages import ToolCall

CALL: Final = "<tool_call>"
THINK: Final = "<think>"
_ENDS: Final = {CALL: "</tool_call>", THINK: "</think>"}


class Sifter:
    """Takes an answer apart, piece by piece. The pieces that it gives out, joined, are the answer's text.

    Args:
        tools: whether there can be calls.
        thinking: whether the answer begins inside the reasoning.
        mark: begins the ids of calls; another for every prompt, for a conversation must not have one id twice.
    """

    def __init__(self, *, tools: bool, thinking: bool, mark: str = "call") -> None:
        self._mark = mark
        self.calls: list[ToolCall] = []
        self.thought = ""
        self._marks = (CALL, THINK) if tools else (THINK,)
        self._open: str | None = THINK if thinking else None
        self._text = ""
        self._space = ""  # white space that is dropped if a mark follows it
        self._fresh = True  # nothing was shown yet
        self._after_mark = thinking

    def push(self, text: str) -> str:
        """What can be shown."""
        if not text:
            return ""
        self._text += text
        shown = ""
        while (step := self._step()) is not None:
            shown += step
        return shown

    def flush(self) -> str:
        """The rest, when the answer is over; a call that was never closed is text."""
        left, self._text = self._text, ""
        if self._open == THINK:
            self.thought += left.strip()
            return ""
        if self._open == CALL:
            left = f"{CALL}{left}"
        space, self._space = self._space, ""
        return space + left if left or not self.calls else ""

    def _step(self) -> str | None:
        """Go on to the next mark: what can be shown before it, or None when more text is needed."""
        if not self._text:
            return None
        if self._open is not None:
            return self._close(self._open)
        # Reasoning begins an answer; further down the same letters are part of what is said.
        fresh = self._fresh and self._text.lstrip()[:1] in ("<", "")
        marks = tuple(mark for mark in self._marks if mark != THINK or fresh)
        places = [(at, mark) for mark in marks if (at := self._text.find(mark)) >= 0]
        found = min((each for each in places if each[1] != THINK or not self._text[: each[0]].strip()), default=None)
        if found is None:
            size = len(self._text) - overlap(self._text, marks)
            before, self._text = self._text[:size], self._text[size:]
            return self._shown(before) if before else None
        at, self._open = found
        before, self._text = self._text[:at], self._text[at + len(self._open) :]
        return self._shown(before)

    def _close(self, mark: str) -> str | None:
        body, end, rest = self._text.partition(_ENDS[mark])
        if not end:
            return None
        self._open, self._text = None, rest
        if mark == THINK:
            self.thought += body.strip()
        elif call := parse_call(body, f"{self._mark}_{len(self.calls)}"):
            self.calls.append(call)
        else:
            return self._shown(f"{CALL}{body}{end}")
        self._space, self._after_mark = "", True
        return ""

    def _shown(self, text: str) -> str:
        if self._after_mark:
            text = text.lstrip()
            self._after_mark = not text
        whole = self._space + text
        shown = whole.rstrip()
        self._space = whole[len(shown) :]
        self._fresh = self._fresh and not shown
        return shown


def parse_call(text: str, call_id: str) -> ToolCall | None:
    """The call that the JSON between two marks means; None when it is none."""
    try:
        call: Any = json.loads(text)
        name, arguments = call["name"], call.get("arguments", call.get("parameters", {}))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(name, str) or not isinstance(arguments, dict | str):
        return None
    written = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": written}}
