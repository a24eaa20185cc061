"""Requests on the wire: what the endpoint is sent."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_quorate.contracts._driving import ask, both_ways, driven, opened
from pytest_quorate.contracts._subject import ADD, PIXEL
from pytest_quorate.contracts.capabilities import CapabilityTests
from quorate.messages import AssistantMessage, SystemMessage, ToolMessage, UserMessage

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh
    from pytest_quorate.requests import Request
    from pytest_quorate.server import ScriptedServer
    from quorate.messages import Message, ToolCall

_CALL: ToolCall = {"id": "call_7", "type": "function", "function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}


class WireRequestTests(CapabilityTests, contract=True):
    """The endpoint gets what the caller asked for, and nothing that is ours alone."""

    @both_ways
    @driven
    async def test_one_request_of_the_right_kind(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """One call is one request, which asks for a stream only in ``create_stream``.

        Why: every request costs money; an answer that was not asked as a stream cannot be shown while it is written.
        Fix: send ``"stream": true`` in ``create_stream`` alone.
        """
        request = await self._sent(fresh(), scripted_server, way)
        assert len(scripted_server.chats) == 1
        assert request.streaming == (way == "create_stream")
        assert request.field("model")

    @both_ways
    @driven
    async def test_parameters_of_the_call_win(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Request parameters come from the configuration, and a call's own win over them.

        Why: a configuration holds the habit, a call the exception.
        Fix: send ``{**config.params, **params}``.
        """
        request = await self._sent(fresh(temperature=0.25, top_p=0.5), scripted_server, way, temperature=0.75)
        assert (request.field("temperature"), request.field("top_p")) == (0.75, 0.5)

    @both_ways
    @driven
    async def test_unknown_parameters_pass(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Parameters that quorate has never heard of arrive as they were given, from the call and from the configuration.

        Why: endpoints grow parameters faster than clients; no release of ours should be needed to use one.
        Fix: pass ``**params`` on without a list of what is allowed.
        """
        nested = {"levels": [1, {"deep": None}], "text": "fünf"}
        request = await self._sent(fresh(quality_of_life="high"), scripted_server, way, brand_new_parameter=nested)
        assert request.field("quality_of_life") == "high"
        assert request.field("brand_new_parameter") == nested

    @both_ways
    @driven
    async def test_what_is_ours_stays_here(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Keys of a configuration that are no request parameters are not sent, nor a message's own extra keys.

        Why: endpoints refuse a request for a field that they do not know, and ``context`` may hold anything.
        Fix: send ``config.params`` and never the whole configuration; clean messages with ``wire_messages``.
        """
        messages: list[Message] = [{"role": "user", "content": self.question, "context": {"private": "detail"}}]
        client = fresh(tags=["fast"], price=[0.001, 0.002], max_retries=3, timeout=20)
        async with opened(client):
            await ask(client, way, messages)
        request = scripted_server.chats[-1]
        ours = {
            "tags",
            "price",
            "max_retries",
            "timeout",
            "api_key",
            "base_url",
            "client",
            "params",
            "place",
            "sources",
        }
        assert isinstance(request.body, dict)
        assert not ours & request.body.keys()
        assert "private" not in repr(request.body)

    @both_ways
    @driven
    async def test_messages_arrive(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Messages made by the typed constructors arrive in order, with calls and their results matched by id.

        Why: an endpoint refuses a tool's result whose call it has not seen just before.
        Fix: pass them on as they are; they are wire messages already.
        """
        history = [
            SystemMessage("You are brief."),
            UserMessage("1 + 2? Ein fünf 🎉"),
            AssistantMessage(tool_calls=[_CALL]),
            ToolMessage("3", "call_7"),
            AssistantMessage("It is 3."),
            UserMessage(self.question),
        ]
        async with opened(fresh()) as client:
            await ask(client, way, history)
        sent = scripted_server.chats[-1].messages
        said = repr(sent)
        places = [said.index(text) for text in ("You are brief.", "1 + 2? Ein fünf 🎉", "It is 3.", self.question)]
        assert places == sorted(places)
        calls = [call for message in sent for call in message.get("tool_calls") or ()]
        assert calls == [_CALL]
        results = [message for message in sent if message["role"] == "tool"]
        assert [(message["tool_call_id"], message["content"]) for message in results] == [("call_7", "3")]

    @driven
    async def test_several_results_in_one_message(self, fresh: Fresh, scripted_server: ScriptedServer) -> None:
        """A message with ``tool_responses`` becomes one ``tool`` message per result.

        Why: agents keep the results of parallel calls in one message (as AutoGen 0.2 does); the wire has no such thing.
        Fix: clean messages with ``quorate.models.wire.wire_messages``.
        """
        second: ToolCall = {**_CALL, "id": "call_8"}
        both: Message = {"role": "tool", "content": "3\n\n4"}
        both["tool_responses"] = [ToolMessage("3", "call_7"), ToolMessage("4", "call_8")]
        history = [UserMessage(self.question), AssistantMessage(tool_calls=[_CALL, second]), both]
        async with opened(fresh()) as client:
            await client.create(history)
        sent = scripted_server.chats[-1].messages
        results = [(each["tool_call_id"], each["content"]) for each in sent if each["role"] == "tool"]
        assert results == [("call_7", "3"), ("call_8", "4")]

    @both_ways
    @driven
    async def test_tools_arrive(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """Tool schemas arrive unchanged, and a tool that was named is asked for by name.

        Why: a model can only call what it is shown, and must call what the program counts on.
        Fix: send ``tools`` as given, and ``tool_choice`` as ``{"type": "function", "function": {"name": ...}}``.
        """
        if await self._is_refused(fresh, "tools", tools=[ADD]):
            return
        request = await self._sent(fresh(), scripted_server, way, tools=[ADD], tool_choice="add")
        assert request.field("tools") == [ADD]
        assert request.field("tool_choice") == {"type": "function", "function": {"name": "add"}}

    @both_ways
    @driven
    async def test_images_arrive(self, fresh: Fresh, scripted_server: ScriptedServer, way: str) -> None:
        """An image arrives with the text beside it.

        Why: a model that answers about a picture it was never shown makes something up.
        Fix: pass ``image_url`` parts on as they are.
        """
        parts: list[dict[str, Any]] = [
            {"type": "text", "text": self.question},
            {"type": "image_url", "image_url": {"url": PIXEL}},
        ]
        messages: list[Message] = [{"role": "user", "content": parts}]
        if await self._is_refused(fresh, "vision", messages):
            return
        async with opened(fresh()) as client:
            await ask(client, way, messages)
        (message,) = scripted_server.chats[-1].messages
        assert message["content"] == parts

    async def _sent(self, client: Any, server: ScriptedServer, way: str, **request: Any) -> Request:
        async with opened(client):
            await ask(client, way, self.messages, **request)
        return server.chats[-1]
