"""A client of the scripted server, in an environment without settings of the machine's own."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith("OPENAI_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def client(scripted_server):
    from quorate_openai_client import OpenAIChatCompletionClient

    return OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url)


@pytest.fixture(params=["create", "create_stream"])
def ask(request):
    """Ask one question either way; gives the streamed text (None for ``create``) and the result."""

    async def whole(client, messages, **more):
        return None, await client.create(messages, **more)

    async def streamed(client, messages, **more):
        parts = [part async for part in client.create_stream(messages, **more)]
        assert all(isinstance(part, str) and part for part in parts[:-1])
        return "".join(parts[:-1]), parts[-1]

    return whole if request.param == "create" else streamed
