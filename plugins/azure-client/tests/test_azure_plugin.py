"""What the plugin offers, that discovering it loads no SDK, and that a kernel makes its client from any entry."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

import quorate_azure_client
from quorate import Kernel
from quorate.config import ModelConfig
from quorate.models import ChatCompletionClient
from quorate_azure_client import AzureOpenAIChatCompletionClient, quorate_model_clients

HELLO = [{"role": "user", "content": "hello"}]


@pytest.fixture
def kernel():
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_azure_client, "azure-client")
        yield kernel


def test_the_record():
    (record,) = quorate_model_clients()
    assert (record.name, record.default, record.base_url) == ("azure", False, None)
    assert (record.base_url_env, record.api_key_env) == (("AZURE_OPENAI_ENDPOINT",), ("AZURE_OPENAI_API_KEY",))
    assert record.base_url_keys == ("azure_endpoint",)


def test_the_plugin_loads_no_sdk():
    names = ("openai", "httpx2", "pydantic", "azure")
    code = f"import sys, quorate_azure_client; print([m for m in {names} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_thing"):
        _ = quorate_azure_client.no_such_thing


@pytest.mark.parametrize("old", [False, True])
def test_a_kernel_makes_the_client_from_an_entry(kernel, server, old):
    names = {"api_type": "azure", "base_url": server.url} if old else {"client": "azure", "azure_endpoint": server.url}
    entry = {"model": "m", "api_key": "k", "api_version": "2024-10-21", **names}
    result = asyncio.run(kernel.chat_client(entry).create(HELLO))
    assert result.content == "hello"
    assert server.chats[0].headers["api-key"] == "k"


def test_the_factory_takes_a_configuration(server):
    entry = {"model": "m", "base_url": server.url, "api_key": "k", "api_version": "2024-10-21", "temperature": 0}
    client = AzureOpenAIChatCompletionClient(ModelConfig.parse(entry, place="OAI_CONFIG_LIST[0]"))
    assert isinstance(client, ChatCompletionClient)
    asyncio.run(client.create(HELLO))
    assert server.chats[0].body["temperature"] == 0


def test_entries_of_config_list_openai_aoai_end_here(kernel, server, monkeypatch):
    from quorate.config.environment import load_environment

    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-one\nkey-two")
    monkeypatch.setenv("AZURE_OPENAI_API_BASE", f"{server.url}\n{server.url}/")
    entries = load_environment(exclude="openai")
    server.status(401)
    result = asyncio.run(kernel.chat_client({"config_list": entries, "model": "m"}).create(HELLO))
    assert result.content == "hello"
    assert [request.headers["api-key"] for request in server.chats] == ["key-one", "key-two"]
    assert {request.path.partition("?")[2] for request in server.chats} == {"api-version=2024-02-01"}
    assert [attempt.kind for attempt in result.attempts] == ["auth", None]


def test_entries_per_model_name_a_deployment_each(kernel, server, monkeypatch):
    from quorate.config.environment import load_environment

    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "key-one")
    monkeypatch.setenv("AZURE_OPENAI_API_BASE", server.url)
    monkeypatch.setenv("OPENAI_API_VERSION", "2025-01-01-preview")
    entries = load_environment(exclude="openai", model_list=["m"])
    asyncio.run(kernel.chat_client({"config_list": entries}).create(HELLO))
    assert server.chats[0].path.endswith("/deployments/m/chat/completions?api-version=2025-01-01-preview")


def test_a_refused_key_falls_back_to_the_next_entry_and_names_both(kernel, server):
    server.status(401).status(401)
    shared = {"client": "azure", "model": "m", "base_url": server.url, "api_version": "2024-10-21"}
    entries = [{**shared, "api_key": "one"}, {**shared, "api_key": "two"}]
    with pytest.raises(Exception, match="check that the key is one of this very resource") as caught:
        asyncio.run(kernel.chat_client({"config_list": entries}).create(HELLO))
    assert [attempt.kind for attempt in caught.value.attempts] == ["auth", "auth"]
