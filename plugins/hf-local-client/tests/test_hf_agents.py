"""The custom-model article's example as a configuration entry: agents on a model in this process."""

from __future__ import annotations

import pytest

import quorate_hf_local_client
from quorate import AssistantAgent, Kernel, UserProxyAgent, create_model_client

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")


@pytest.fixture
def kernel():
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_hf_local_client, "hf-local-client")
        yield kernel


def test_the_article_s_entry_runs_a_chat(tiny, kernel, tmp_path):
    entry = {
        "model": tiny,
        "client": "hf-local",
        "device": "cpu",
        "n": 1,
        "params": {"max_length": 1000},
        "model_info": {"system_role": True},  # this template drops system messages, and that is meant
    }
    assistant = AssistantAgent("assistant", llm_config={"config_list": [entry]}, kernel=kernel)
    user = UserProxyAgent(
        "user",
        code_execution_config={"executor": "local", "work_dir": str(tmp_path / "out")},
        kernel=kernel,
        human_input_mode="NEVER",
    )
    chat = user.initiate_chat(assistant, message="What is 37 * 54?", max_turns=4)
    said = [message["content"] for message in chat.chat_history]
    assert any("1998" in text for text in said), said
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.0


def test_without_agents_and_blocking(tiny, kernel):
    client = create_model_client({"client": "huggingface", "model": tiny}, kernel=kernel)
    import asyncio

    result = asyncio.run(client.create([{"role": "user", "content": "What is 2 + 3?"}]))
    assert "2 + 3" in result.content
    assert len(result.attempts) == 1
