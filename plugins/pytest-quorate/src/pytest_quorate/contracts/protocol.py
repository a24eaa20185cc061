"""The shape of a client: what the kernel relies on before it makes the first call."""

# ruff: noqa: S101 - these are tests, kept where plugins can inherit them

from __future__ import annotations

import inspect
import pickle
import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate.contracts._driving import driven
from pytest_quorate.contracts._subject import Subject
from quorate.models import ChatCompletionClient, ModelInfo

if TYPE_CHECKING:
    from pytest_quorate.contracts._subject import Fresh

_KEYWORDS = {"tools": (), "tool_choice": "auto", "response_format": None}


class ProtocolTests(Subject, contract=True):
    """A client has the protocol's methods with the protocol's arguments, and making one costs nothing."""

    def test_it_has_the_methods_of_the_protocol(self, fresh: Fresh) -> None:
        """The client is a ``ChatCompletionClient``.

        Why: the kernel, agents and other people's code know nothing of a client but this protocol.
        Fix: subclass ``quorate.models.BaseChatCompletionClient``, which fills in what you leave out.
        """
        client = fresh()
        missing = [name for name in ("model_info", "create", "create_stream", "close") if not hasattr(client, name)]
        assert not missing, f"{type(client).__name__} has no {', '.join(missing)}"
        assert isinstance(client, ChatCompletionClient)
        assert isinstance(client.model_info, ModelInfo), f"model_info is a ModelInfo, not {client.model_info!r:.80}"

    @pytest.mark.parametrize("way", ["create", "create_stream"])
    def test_it_takes_the_arguments_of_the_protocol(self, fresh: Fresh, way: str) -> None:
        """Messages by position, ``tools``, ``tool_choice`` and ``response_format`` by keyword, then anything.

        Why: the kernel passes tools as keywords to every client, and what users write into a configuration (or a
        call) as further keywords; a signature without them fails only when the first user needs it.
        Fix: ``def create(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params)``.
        """
        signature = inspect.signature(getattr(fresh(), way))
        signature.bind([], **_KEYWORDS, temperature=0, some_new_parameter=1)
        for name, default in _KEYWORDS.items():
            given = signature.parameters.get(name)
            if given is not None:
                assert given.default == default, f"{way}({name}=...) is {default!r} by default, not {given.default!r}"
        signature.bind([])

    def test_its_methods_are_awaited_and_iterated(self, fresh: Fresh) -> None:
        """``create`` and ``close`` are coroutine functions; ``create_stream`` gives an asynchronous iterator at once.

        Why: the kernel sends plain functions to a thread and iterates a stream without awaiting it first.
        Fix: write ``async def`` with ``return`` for ``create`` and ``close``, ``async def`` with ``yield`` for
        ``create_stream``.
        """
        client = fresh()
        for name in ("create", "close"):
            assert inspect.iscoroutinefunction(getattr(client, name)), f"{name} is no coroutine function"
        assert not inspect.iscoroutinefunction(client.create_stream), "create_stream must not need an await"

    @driven
    async def test_a_stream_can_be_left(self, fresh: Fresh) -> None:
        """A stream is an asynchronous iterator with ``aclose``, which may be called before it starts.

        Why: whoever stops reading must be able to give the connection back at a known moment, not when the garbage
        collector comes by.
        Fix: write ``create_stream`` as an asynchronous generator, or give your iterator an ``aclose`` method.
        """
        stream: Any = fresh().create_stream(self.messages)
        assert hasattr(stream, "__anext__")
        assert hasattr(stream, "aclose"), f"{type(stream).__name__} has no aclose()"
        await stream.aclose()

    def test_making_one_is_light(self, fresh: Fresh, monkeypatch: pytest.MonkeyPatch) -> None:
        """Making a client needs no event loop, starts no thread and touches no network.

        Why: a kernel makes clients while it reads configurations, also those that are never used; a wrong host must
        fail the call that goes there, as a ``ModelError``, and not the program's start.
        Fix: open connections, look at the endpoint and load weights on first use.
        """
        touched: list[str] = []

        def refuse(*target: object, **_more: object) -> None:
            touched.append(repr(target[-1]))
            raise ConnectionRefusedError

        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        before = set(threading.enumerate())
        client = fresh()
        assert not touched, f"making a client touched the network: {', '.join(touched)}"
        started = [thread.name for thread in threading.enumerate() if thread not in before]
        assert not started, f"making a client started threads: {', '.join(started)}"
        del client

    def test_what_it_declares_is_what_it_claims(self, fresh: Fresh) -> None:
        """``model_info`` and the claimed capabilities do not contradict each other.

        Why: agents look at ``model_info`` before they send a tool or an image; what it says wrongly is refused though
        it would work, or sent though it cannot.
        Fix: correct ``model_info`` (None means unknown), or ``capabilities`` of this test class.
        """
        info = fresh().model_info
        for name in ("tools", "structured_output", "vision"):
            declared = getattr(info, name)
            if declared is not None:
                claimed = name in self.capabilities
                assert declared == claimed, f"model_info.{name} is {declared}, and {name!r} is claimed: {claimed}"

    def test_a_pickle_works_or_is_refused(self, fresh: Fresh) -> None:
        """A client either refuses to be pickled, or comes back usable as a client.

        Why: people hand clients to worker processes; half a client fails there, far from the cause.
        Fix: define ``__reduce__`` to raise a ``TypeError`` that says to make the client again, or to make it again.
        """
        client = fresh()
        try:
            data = pickle.dumps(client)
        except (TypeError, AttributeError, pickle.PicklingError):
            return
        assert isinstance(pickle.loads(data), ChatCompletionClient)  # noqa: S301 - our own bytes
