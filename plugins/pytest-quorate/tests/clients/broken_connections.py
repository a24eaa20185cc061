"""Clients that do not live well with loops, threads and connections, each in one way."""

# ruff: noqa: RUF012 - nobody changes these sets

from __future__ import annotations

import asyncio
import threading
from urllib.parse import urlsplit

from honest_client import CAPABILITIES, Answer, HonestClient

from quorate.errors import ModelError


class ClosesOnce(HonestClient):
    fails = {"test_closing_twice_is_fine"}
    closed = False

    async def close(self):
        if self.closed:
            raise RuntimeError("it is closed")
        self.closed = True


class EntersNothing(HonestClient):
    fails = {"test_it_is_a_context_manager"}

    async def __aenter__(self):
        return None


class KnowsOneLoop(HonestClient):
    fails = {
        "test_two_event_loops_in_turn",
        "test_sixteen_threads",
        "test_a_loop_that_ends_leaves_no_socket",
        "test_threads_are_not_mixed_up",
    }
    loop = None

    async def exchange(self, base_url, body):
        self.loop = self.loop or asyncio.get_running_loop()
        if self.loop is not asyncio.get_running_loop():
            raise RuntimeError("attached to a different loop")
        return await super().exchange(base_url, body)


class KeepsTheBodyInItself(HonestClient):
    fails = {"test_answers_are_not_mixed_up"}
    only = {"test_answers_are_not_mixed_up", "test_two_event_loops_in_turn"}

    async def exchange(self, base_url, body):
        self.body = body
        await asyncio.sleep(0)
        return await super().exchange(base_url, self.body)


class OneCallAtATime(HonestClient):
    fails = {"test_calls_side_by_side", "test_answers_are_not_mixed_up"}
    busy = None

    async def exchange(self, base_url, body):
        loop = asyncio.get_running_loop()
        if self.busy is loop:
            raise ModelError("another call is under way", kind="bug")
        self.busy = loop
        try:
            return await super().exchange(base_url, body)
        finally:
            self.busy = None


class SharesAcrossThreads(HonestClient):
    """Its answers depend on who came first in another thread."""

    fails = {"test_sixteen_threads", "test_threads_are_not_mixed_up"}
    owner = None

    async def exchange(self, base_url, body):
        self.owner = self.owner or threading.get_ident()
        if threading.get_ident() != self.owner:
            raise ModelError("it belongs to another thread", kind="bug")
        return await super().exchange(base_url, body)


class TakesCancellationForAFailure(HonestClient):
    fails = {"test_a_cancelled_call_ends_cancelled", "test_cancellation_hangs_up"}

    def failure_of(self, error):
        if isinstance(error, asyncio.CancelledError):
            return ModelError("the call was cancelled", kind="network")
        return super().failure_of(error)


class LeavesSomething(HonestClient):
    fails = {"test_a_stream_left_early_breaks_nothing"}
    only = {"test_a_stream_left_early_breaks_nothing", "test_the_streamed_text_is_the_content"}
    left = ""

    async def create_stream(self, messages, **request):
        left, self.left = self.left, ""
        if left:
            yield left
        self.left = "left over"
        try:
            async for part in super().create_stream(messages, **request):
                yield part
        except GeneratorExit:
            raise
        except BaseException:
            self.left = ""
            raise
        self.left = ""


class HangsOn(HonestClient):
    """Keeps the connection of a cancelled call."""

    fails = {"test_cancellation_hangs_up"}
    patience = 1.0
    kept = ()

    async def exchange(self, base_url, body):
        task = asyncio.ensure_future(super().exchange(base_url, body))
        self.kept = (*self.kept, task)
        return await asyncio.shield(task)


class LeavesStreamsOpen(HonestClient):
    fails = {
        "test_cancellation_in_a_stream_hangs_up",
        "test_leaving_a_stream_hangs_up",
        "test_a_dropped_stream_hangs_up",
    }
    patience = 1.0

    async def exchange(self, base_url, body):
        answer = await super().exchange(base_url, body)
        answer.__class__ = OpenAnswer
        return answer


class OpenAnswer(Answer):
    kept = []

    async def aclose(self):
        if self.reader.at_eof():
            self.writer.close()
        else:
            self.kept.append(self.writer)


class LeavesSocketsOpen(HonestClient):
    fails = {
        "test_no_socket_after_close",
        "test_a_loop_that_ends_leaves_no_socket",
        "test_a_finished_call_is_not_cut",
        "test_cancellation_in_a_stream_hangs_up",
        "test_leaving_a_stream_hangs_up",
        "test_it_opens_again_after_close",
        "test_a_dropped_stream_hangs_up",
        "test_close_reaches_other_loops",
        "test_a_client_nobody_closed_leaves_no_socket",
    }
    patience = 1.0

    def head(self, url, body):
        return super().head(url, body).replace(b"connection: close", b"connection: keep-alive")

    async def exchange(self, base_url, body):
        answer = await super().exchange(base_url, body)
        answer.__class__ = KeptAnswer
        return answer


class KeptAnswer(Answer):
    kept = []

    async def aclose(self):
        self.kept.append(self.writer)


class LeavesAtTheFinish(HonestClient):
    """Hangs up when the finish reason is there."""

    fails = {"test_a_finished_call_is_not_cut"}
    only = {"test_a_finished_call_is_not_cut", "test_answers_are_not_mixed_up", "test_leaving_a_stream_hangs_up"}

    async def exchange(self, base_url, body):
        answer = await super().exchange(base_url, body)
        answer.__class__ = LeftAnswer
        return answer


class LeftAnswer(Answer):
    async def chunks(self):
        async for chunk in super().chunks():
            yield chunk
            if b'"finish_reason": "stop"' in chunk:
                break


class NeverLooksAgain(HonestClient):
    """Uses a connection that it opened earlier, closed by the endpoint or not."""

    fails = {"test_it_goes_on_after_the_server_restarts"}
    only = {"test_it_goes_on_after_the_server_restarts", "test_it_goes_on_after_a_failure"}
    idle = None

    async def exchange(self, base_url, body):
        if self.idle is not None and self.idle[0].at_eof():
            raise ModelError("the connection is closed", kind="network")
        answer = await super().exchange(base_url, body)
        self.idle = self.idle or await asyncio.open_connection("127.0.0.1", answer.writer.get_extra_info("peername")[1])
        return answer

    async def close(self):
        if self.idle is not None:
            self.idle[1].close()


class ClaimsToKeep(HonestClient):
    """Opens a connection for each call."""

    fails = {"test_one_connection_serves_calls_in_turn"}
    capabilities = CAPABILITIES | {"keep_alive"}


class ClosesForGood(HonestClient):
    fails = {"test_it_opens_again_after_close"}
    closed = False

    async def exchange(self, base_url, body):
        if self.closed:
            raise ModelError("it is closed", kind="bug")
        return await super().exchange(base_url, body)

    async def close(self):
        self.closed = True


class HoldsItsStreams(HonestClient):
    fails = {"test_a_dropped_stream_hangs_up"}
    patience = 1.0
    held = []

    def create_stream(self, messages, **request):
        self.held.append(super().create_stream(messages, **request))
        return self.held[-1]


class KeepsOneOpen(HonestClient):
    """Holds one idle connection for each loop."""

    patience = 1.0

    def __init__(self, config=None, /, **fields):
        super().__init__(config, **fields)
        self.idle = {}

    async def exchange(self, base_url, body):
        loop = asyncio.get_running_loop()
        if loop not in self.idle:  # before the call, so that the server has it by the time it answers
            self.idle[loop] = await asyncio.open_connection("127.0.0.1", urlsplit(base_url).port)
        return await super().exchange(base_url, body)

    async def close(self):
        if idle := self.idle.pop(asyncio.get_running_loop(), None):
            idle[1].close()


class ClosesHereOnly(KeepsOneOpen):
    fails = {"test_close_reaches_other_loops"}
    only = fails | {"test_it_opens_again_after_close", "test_no_socket_after_close"}


class KnowsEverybody(KeepsOneOpen):
    fails = {"test_a_client_nobody_closed_leaves_no_socket"}
    only = fails | {"test_it_opens_again_after_close", "test_no_socket_after_close"}
    everybody = []

    async def exchange(self, base_url, body):
        self.everybody.append(self)
        return await super().exchange(base_url, body)
