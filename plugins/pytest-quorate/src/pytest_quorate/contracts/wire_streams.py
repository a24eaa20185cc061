"""Streams on the wire: server-sent events in every cut and dialect, as slowly as they like."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import driven, opened, read
from pytest_quorate.contracts._served import TEXT, always, chunk, chunks, play, stream_of
from pytest_quorate.contracts._subject import Subject

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.server import ScriptedServer

_DIALECTS = {
    "comments": ": keep-alive\n\ndata: {}\n\n: again\n\n",
    "comment within an event": ": one\ndata: {}\n: two\n\n",
    "CRLF": "data: {}\r\n\r\n",
    "no space after data:": "data:{}\n\n",
    "fields beside data": "event: message\nid: 7\nretry: 100\ndata: {}\n\n",
    "fields after data": "data: {}\nid: 7\nevent: message\n\n",
    "blank lines between": "\n\ndata: {}\n\n\n\n",
}


class WireStreamTests(Subject, contract=True):
    """A stream means the same in every cut and dialect that servers and proxies give it."""

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 64])
    @driven
    async def test_cut_anywhere(self, fresh: Fresh, scripted_server: ScriptedServer, size: int) -> None:
        """A stream cut at every byte, within characters and line ends too, gives the same text.

        Why: the network cuts where it likes; a character of several bytes decoded by halves becomes a replacement character.
        Fix: decode whole lines, or use an incremental decoder; ``quorate.models.wire.EventDecoder`` does it.
        """
        always(scripted_server, TEXT, write_size=size)
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == TEXT

    @pytest.mark.parametrize("dialect", list(_DIALECTS))
    @driven
    async def test_dialects(self, fresh: Fresh, scripted_server: ScriptedServer, dialect: str) -> None:
        """Comments, other line ends and other fields are read as the standard says.

        Why: proxies keep connections alive with comments, and some servers write CRLF or leave out the space.
        Fix: follow https://html.spec.whatwg.org/multipage/server-sent-events.html; look for ``data:``, not
        ``data: ``.
        """
        play(scripted_server, stream_of(chunks("fünf", " and", " five"), _DIALECTS[dialect]))
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == "fünf and five"
        assert result.finish_reason == "stop"

    @driven
    async def test_without_done(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that ends after its finish reason without ``[DONE]`` is complete.

        Why: ``[DONE]`` is OpenAI's habit, and not everybody's.
        Fix: take a finish reason followed by the end of the body for the end.
        """
        always(scripted_server, TEXT, done=False)
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == TEXT

    @driven
    async def test_a_last_event_without_its_blank_line(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """The last event counts even when the body ends right after its line.

        Why: some servers leave the last line end out, and the finish reason is in that event.
        Fix: flush the event decoder when the body ends.
        """
        body = "\n\n".join(f"data: {event}" for event in chunks("five"))
        play(scripted_server, stream_of([body], "{}", done=False))
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == "five"

    @driven
    async def test_empty_and_odd_chunks(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """Chunks without choices, without a delta, and with null fields are no text and no fault.

        Why: Azure begins a stream with filter results in a chunk without choices; others send null where nothing is.
        Fix: read every field as ``.get(...) or`` its empty value.
        """
        null: dict[str, Any] = {"role": None, "content": None, "tool_calls": None, "refusal": None}
        events = [chunk(None, prompt_filter_results=[]), chunk(null), *chunks("five"), chunk(None, usage=None)]
        play(scripted_server, stream_of(events))
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == "five"

    @driven
    async def test_text_is_given_as_it_comes(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """The first text is given out while the endpoint is still writing the rest.

        Why: that is what streaming is for.
        Fix: read the body in chunks as they arrive; neither read it whole first nor wait for a full buffer.
        """
        # Long enough that a client which waits for the end is called hung.
        scripted_server.stream("first", 10 * self.patience, "second")
        async with opened(fresh()) as client:
            stream: Any = client.create_stream(self.messages)
            try:
                assert await anext(stream) == "first"
            finally:
                await stream.aclose()

    @driven
    async def test_a_slow_drip(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A stream that comes in drips, with the loop free in between, arrives whole.

        Why: a model on a laptop gives a few tokens a second, and the rest of the program has to go on meanwhile.
        Fix: never block the event loop while waiting for bytes.
        """
        scripted_server.stream(*"abcdefgh", pause=0.02)
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.005)

        ticking = asyncio.create_task(tick())
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        ticking.cancel()
        assert "".join(parts) == result.content == "abcdefgh"
        assert ticks > 3, "the event loop stood still while the stream was read"

    @driven
    async def test_an_endpoint_that_cannot_stream(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A whole answer to a request for a stream is understood as one.

        Why: small servers and some proxies ignore ``stream``.
        Fix: when the body holds no event, decode it as a response.
        """
        message = {"role": "assistant", "content": "five"}
        body = chunk(None, choices=[{"index": 0, "message": message, "finish_reason": "stop"}]).encode()
        always(scripted_server, body=body)
        async with opened(fresh()) as client:
            parts, result = await read(client, self.messages)
        assert "".join(parts) == result.content == "five"
