"""Clients of a scripted server with Azure's paths, in an environment without settings of the machine's own."""

from __future__ import annotations

import os

import pytest

from pytest_quorate import ScriptedServer

OURS = ("OPENAI_", "AZURE_", "IDENTITY_", "MSI_")
DEPLOYMENT = "m"
KEY = "key-of-the-resource"
VERSION = "2024-10-21"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch):
    for name in list(os.environ):
        if name.startswith(OURS) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def server():
    """A resource with one deployment, under the dated route."""
    with ScriptedServer(prefix=f"/openai/deployments/{DEPLOYMENT}") as scripted:
        yield scripted


@pytest.fixture
def v1_server():
    """A resource under the v1 route."""
    with ScriptedServer(prefix="/openai/v1") as scripted:
        yield scripted


@pytest.fixture
def make():
    """Make a client of a server."""
    from quorate_azure_client import AzureOpenAIChatCompletionClient

    def client_of(server, **more):
        fields = {"model": DEPLOYMENT, "base_url": server.url, "api_key": KEY, "api_version": VERSION, **more}
        return AzureOpenAIChatCompletionClient(**{name: value for name, value in fields.items() if value is not None})

    return client_of


@pytest.fixture
def client(server, make):
    return make(server)


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
