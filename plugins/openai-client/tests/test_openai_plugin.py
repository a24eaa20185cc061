"""What the plugin offers, and that discovering it loads no SDK."""

from __future__ import annotations

import asyncio
import subprocess
import sys

from quorate.config import ModelConfig
from quorate.models import ChatCompletionClient, ModelInfo
from quorate_openai_client import OpenAIChatCompletionClient, quorate_model_clients


def test_the_record():
    (record,) = quorate_model_clients()
    assert (record.name, record.default, record.base_url) == ("openai", True, "https://api.openai.com/v1")
    assert (record.base_url_env, record.api_key_env) == (("OPENAI_BASE_URL",), ("OPENAI_API_KEY",))


def test_the_plugin_loads_no_sdk():
    code = "import sys, quorate_openai_client; print([m for m in ('openai', 'httpx2', 'pydantic') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_factory_takes_a_configuration(scripted_server):
    entry = {"model": "m", "base_url": scripted_server.base_url, "api_key": "k", "temperature": 0}
    client = OpenAIChatCompletionClient(ModelConfig.parse(entry, place="OAI_CONFIG_LIST[0]"))
    assert isinstance(client, ChatCompletionClient)
    asyncio.run(client.create([{"role": "user", "content": "x"}]))
    (request,) = scripted_server.chats
    assert request.body["temperature"] == 0
    assert request.headers["authorization"] == "Bearer k"


def test_declared_capabilities_are_kept_and_not_sent(scripted_server):
    info = {"vision": False, "function_calling": True}
    entry = {"model": "m", "base_url": scripted_server.base_url, "model_info": info}
    for client in (
        OpenAIChatCompletionClient(**entry),
        OpenAIChatCompletionClient(ModelConfig.parse(entry, place="x")),
    ):
        assert client.model_info == ModelInfo(vision=False, tools=True)
        asyncio.run(client.create([{"role": "user", "content": "x"}]))
        assert set(scripted_server.chats[-1].body) == {"model", "messages"}
