"""The default observer: shows chats in a terminal, or in a pipe, as they happen."""

from __future__ import annotations

import os
import sys
import threading
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any, TextIO

from quorate.events import (
    AutoReply,
    ChatEnded,
    CodeStarted,
    Event,
    HistoryShortened,
    MessageSent,
    ModelAnswered,
    SpeakerNotNamed,
    SpeakerSelected,
    TextPart,
    TextRestarted,
    UsageSummed,
)
from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from quorate.messages import Message
    from quorate.models import CreateResult

_STYLES = {"name": "1;36", "code": "33", "quiet": "2", "end": "1"}
"""ANSI select-graphic-rendition codes (ECMA-48, 8.3.117)."""


class Console:
    """Writes what happens to a stream, text as it comes.

    Colours are used on a terminal only, and never when the environment variable ``NO_COLOR`` is set and not empty
    (https://no-color.org).

    Args:
        out: where to write; standard output, as it is at the time of writing, by default.

    Attributes:
        out: the same; it may be changed.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self.out = out
        self._lock = threading.Lock()
        self._writing: tuple[str, str] | None = None
        self._text: list[str] = []
        self._written: tuple[str, str, str] | None = None

    def __call__(self, event: Event) -> None:
        """Show one event."""
        if not event.silent:
            with self._lock:
                self._show(event)

    @singledispatchmethod
    def _show(self, event: Event) -> None:
        """Events without a line of their own are not shown."""

    @_show.register
    def _(self, event: TextPart) -> None:
        speaking = event.agent, event.recipient
        if self._writing != speaking:
            self._break_off()
            self._head(*speaking)
            self._writing, self._text = speaking, []
        self._text.append(event.text)
        self._write(event.text)

    @_show.register
    def _(self, event: TextRestarted) -> None:
        self._break_off()
        self._note(f"{event.agent}'s answer broke off and begins again: {event.reason.partition(chr(10))[0]}")

    @_show.register
    def _(self, event: MessageSent) -> None:
        self._break_off()
        text = text_of(event.message.get("content")).strip("\n")
        if not event.streamed or self._written != (event.agent, event.recipient, text):
            self._head(event.agent, event.recipient)
            self._write(text + "\n" if text or not event.message.get("tool_calls") else "")
        self._written = None
        for line in _calls(event.message):
            self._write(self._styled(line, "code") + "\n")
        self._write("\n")

    @_show.register
    def _(self, event: CodeStarted) -> None:
        languages = ", ".join(block.language or "unknown language" for block in event.blocks)
        self._note(f"{event.agent} runs {len(event.blocks)} code block{'s' * (len(event.blocks) > 1)} ({languages})")

    @_show.register
    def _(self, event: HistoryShortened) -> None:
        self._break_off()
        messages = f"{event.messages} message{'s' * (event.messages != 1)}" if event.messages else ""
        tokens = f"about {event.tokens} tokens" if event.tokens else ""
        if what := " and ".join(filter(None, [messages, tokens])):
            why = "the prompt was too long: " if event.overflow else ""
            self._note(f"{why}{event.agent}'s model reads {what} less than there are")

    @_show.register
    def _(self, event: ModelAnswered) -> None:
        self._break_off()
        self._note(f"{event.agent}: {_used(event.result)}")

    @_show.register
    def _(self, event: AutoReply) -> None:
        self._note(f"{event.agent} replies by itself")

    @_show.register
    def _(self, event: SpeakerSelected) -> None:
        self._break_off()
        self._note(f"next speaker: {event.speaker}")

    @_show.register
    def _(self, event: SpeakerNotNamed) -> None:
        self._break_off()
        reason = event.reason.partition(chr(10))[0]
        self._note(f"{event.agent}'s model named no next speaker, so {event.speaker} is next in the list: {reason}")

    @_show.register
    def _(self, event: ChatEnded) -> None:
        self._break_off()
        self._write(
            self._styled(
                f"[chat of {event.agent} and {event.recipient} ended: {event.stop_reason}; cost: {_money(event.cost)}]",
                "end",
            )
        )
        self._write("\n\n")

    @_show.register
    def _(self, event: UsageSummed) -> None:
        self._break_off()
        if event.agent:
            self._write(self._styled(f"Agent '{event.agent}':", "name") + "\n")
        self._write("".join(f"{line}\n" for line in _summed(event)) + "\n")

    def _head(self, agent: str, recipient: str) -> None:
        self._write(self._styled(agent, "name") + (f" (to {recipient}):\n" if recipient else ":\n"))

    def _note(self, text: str) -> None:
        self._write(self._styled(f"[{text}]", "quiet") + "\n")

    def _break_off(self) -> None:
        """End the line of a text that was being written."""
        if self._writing is not None:
            self._written, self._writing = (*self._writing, "".join(self._text).strip("\n")), None
            self._write("\n")

    def _styled(self, text: str, style: str) -> str:
        stream = self._stream()
        coloured = not os.environ.get("NO_COLOR") and hasattr(stream, "isatty") and stream.isatty()
        return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if coloured else text

    def _stream(self) -> TextIO:
        return sys.stdout if self.out is None else self.out

    def _write(self, text: str) -> None:
        stream = self._stream()
        try:
            stream.write(text)
        except UnicodeEncodeError:  # a terminal of another encoding shows what it can
            encoding = stream.encoding or "ascii"
            stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()


def _calls(message: Message) -> list[str]:
    functions: list[Any] = [call.get("function") or {} for call in message.get("tool_calls") or ()]
    return [f"calls {function.get('name')}({function.get('arguments', '')})" for function in functions]


def _used(result: CreateResult) -> str:
    parts = [result.model or "model"]
    if result.usage is not None:
        parts.append(f"{result.usage.prompt_tokens} + {result.usage.completion_tokens} tokens")
    parts.append(_money(result.cost))
    if result.cached:
        parts.append("from the cache")
    if len(result.attempts) > 1:
        parts.append(f"{len(result.attempts)} attempts")
    return ", ".join(parts)


def _money(usd: float | None) -> str:
    if usd is None:
        return "unpriced"
    return f"${usd:.6f}" if usd >= 0.000_001 else "less than $0.000001" if usd else "free"


def _summed(event: UsageSummed) -> Iterator[str]:
    """A usage summary in AutoGen 0.2's words."""
    summaries = event.summaries
    if not any(summaries.values()):
        yield "No model was asked" + ("." if "total" in summaries else ", or every answer came from the cache.")
        return
    shown = dict(summaries)
    same = len(shown) > 1 and shown["actual"] == shown["total"]
    if same:
        del shown["actual"]
    for mode, summary in shown.items():
        yield f"Usage summary {'including' if mode == 'total' else 'excluding'} cached usage:"
        yield from _models(summary) if summary else ["Nothing: every answer came from the cache."]
    if same:
        yield "No answer came from the cache."
    if event.price_sources:
        yield f"Prices: {'; '.join(event.price_sources)}"


def _models(summary: Mapping[str, Any]) -> Iterator[str]:
    yield f"Total cost: {_money(summary['total_cost'])}"
    for model, used in summary.items():
        if model != "total_cost":
            tokens = ", ".join(f"{key}: {used[key]}" for key in ("prompt_tokens", "completion_tokens", "total_tokens"))
            yield f"* Model '{model}': cost: {_money(used['cost'])}, {tokens}"
