"""What the plugin offers, and what a configuration comes to."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from quorate import Kernel, ModelConfig
from quorate.errors import ConfigWarning
from quorate_vllm_client import RECORD, VLLMChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]


def test_the_kernel_makes_the_client(scripted_server):
    import quorate_vllm_client

    kernel = Kernel(autoload=False)
    kernel.register(quorate_vllm_client, "vllm-client")
    assert kernel.record("model client", "vllm") is RECORD
    assert not RECORD.default
    factory = kernel.factory("model client", "vllm")
    client = factory(ModelConfig.parse({"base_url": scripted_server.base_url}, place="here"))
    assert asyncio.run(client.create(HELLO)).model == "scripted-model"


def test_an_entry_may_leave_the_model_to_the_server(scripted_server):
    import quorate_vllm_client

    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_vllm_client, "vllm-client")
        assert not RECORD.model_required
        entry = {"client": "vllm", "base_url": scripted_server.base_url}
        assert asyncio.run(kernel.chat_client({"config_list": [entry]}).create(HELLO)).model == "scripted-model"
    assert scripted_server.chats[0].body["model"] == "scripted-model"


def test_importing_the_plugin_is_light():
    program = "import sys, quorate_vllm_client; print(sorted({'httpx2', 'pydantic', 'anyio'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_an_unknown_name_is_not_found():
    import quorate_vllm_client

    with pytest.raises(AttributeError, match="nothing"):
        _ = quorate_vllm_client.nothing


@pytest.mark.parametrize(
    ("key", "sent"), [(None, None), ("EMPTY", "Bearer EMPTY"), ("a-real-key", "Bearer a-real-key")]
)
def test_a_key_is_sent_when_there_is_one(scripted_server, ask, key, sent):
    client = VLLMChatCompletionClient(base_url=scripted_server.base_url, api_key=key)
    asyncio.run(ask(client, HELLO))
    assert {request.headers.get("authorization") for request in scripted_server.requests} == {sent}


def test_the_environment_names_endpoint_and_key(scripted_server, monkeypatch):
    monkeypatch.setenv("VLLM_BASE_URL", scripted_server.base_url)
    monkeypatch.setenv("VLLM_API_KEY", "from-the-environment")
    asyncio.run(VLLMChatCompletionClient().create(HELLO))
    assert scripted_server.chats[0].headers["authorization"] == "Bearer from-the-environment"


def test_the_environments_key_goes_to_no_other_origin(scripted_server, monkeypatch):
    monkeypatch.setenv("VLLM_API_KEY", "for-localhost-8000-only")
    asyncio.run(VLLMChatCompletionClient(base_url=scripted_server.base_url).create(HELLO))
    assert all("authorization" not in request.headers for request in scripted_server.requests)


def test_without_a_key_an_auth_error_says_why_none_was_sent(scripted_server, monkeypatch):
    monkeypatch.setenv("VLLM_API_KEY", "for-localhost-8000-only")
    client = VLLMChatCompletionClient(base_url=scripted_server.base_url)
    scripted_server.status(401, body=b'{"error": "Unauthorized"}')
    with pytest.raises(Exception, match=r"Unauthorized.*--api-key.*VLLM_API_KEY goes to http://localhost:8000 only"):
        asyncio.run(client.create(HELLO))


def test_headers_and_parameters_of_configuration_and_call(scripted_server, ask):
    client = VLLMChatCompletionClient(
        base_url=scripted_server.base_url,
        api_key="mine",
        default_headers={"authorization": "Basic eA==", "x-a": "1"},
        top_k=3,
        min_p=0.1,
        extra_body={"ignore_eos": True},
    )
    asyncio.run(ask(client, HELLO, min_p=0.2, extra_headers={"x-b": "2"}, timeout=30))
    request = scripted_server.chats[0]
    assert (request.headers["authorization"], request.headers["x-a"], request.headers["x-b"]) == (
        "Basic eA==",
        "1",
        "2",
    )
    assert {key: request.body.get(key) for key in ("model", "top_k", "min_p", "ignore_eos")} == {
        "model": "scripted-model",
        "top_k": 3,
        "min_p": 0.2,
        "ignore_eos": True,
    }
    assert not request.body.keys() & {"default_headers", "extra_headers", "extra_body", "timeout", "shape_messages"}


@pytest.mark.parametrize(
    "info", [{"vision": False, "function_calling": True, "json_output": True, "family": "unknown"}, {"tools": True}]
)
def test_declared_capabilities(info):
    for client in (
        VLLMChatCompletionClient(model="m", model_info=info),
        VLLMChatCompletionClient(ModelConfig.parse({"model": "m", "model_info": info}, place="here")),
    ):
        assert client.model_info.tools is True
        assert "model_info" not in client.request_params()


def test_reasoning_in_the_text_is_told_once_it_is_seen(scripted_server, ask, client):
    scripted_server.reply("<think>Well.</think>Four.")
    with pytest.warns(ConfigWarning, match="--reasoning-parser"):
        _, result = asyncio.run(ask(client, HELLO))
    assert result.content == "<think>Well.</think>Four."
