"""What the plugin offers, that finding it costs nothing, and the main job through the kernel."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
from pathlib import Path

from quorate.models import ChatCompletionClient
from quorate_tiny_model import quorate_model_clients


def test_the_record():
    (record,) = quorate_model_clients()
    assert record.name == "tiny"
    module, _, attribute = record.factory.partition(":")
    client = getattr(importlib.import_module(module), attribute)()
    assert isinstance(client, ChatCompletionClient)
    assert "demonstration" in record.summary


def test_an_entry_needs_no_model():
    import quorate_tiny_model
    from quorate.testing import isolated_kernel

    with isolated_kernel(quorate_tiny_model) as kernel:
        client = kernel.chat_client({"client": "tiny"})
        result = asyncio.run(client.create([{"role": "user", "content": "What is 1 + 1?"}]))
    assert result.model == "quorate-tiny"


def test_importing_the_plugin_loads_neither_numpy_nor_the_model():
    code = "import sys, quorate_tiny_model; print([m for m in sys.modules if m.partition('.')[0] in ('numpy', 'pydantic', 'anyio') or m.startswith('quorate_tiny_model.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_inference_needs_numpy_alone():
    code = (
        "import sys, asyncio; from quorate_tiny_model._client import TinyModelClient;"
        "asyncio.run(TinyModelClient().create([{'role': 'user', 'content': 'What is 1 + 1?'}]));"
        "print([m for m in ('torch', 'transformers', 'tokenizers', 'safetensors', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_weights_are_in_hugging_face_format_and_small():
    folder = Path(importlib.util.find_spec("quorate_tiny_model").origin).parent / "model"
    assert json.loads((folder / "config.json").read_text())["architectures"] == ["Qwen3ForCausalLM"]
    assert (folder / "chat_template.jinja").is_file() or "chat_template" in (
        folder / "tokenizer_config.json"
    ).read_text()
    assert sum(path.stat().st_size for path in folder.iterdir()) < 4_000_000


def test_two_agents_do_the_main_job(tmp_path):
    from quorate import AssistantAgent, Kernel, UserProxyAgent

    with Kernel(autoload=False) as kernel:
        import quorate_tiny_model

        kernel.register(quorate_tiny_model, "tiny-model")
        config = {"config_list": [{"model": "tiny", "client": "tiny"}]}
        assistant = AssistantAgent("assistant", llm_config=config, kernel=kernel)
        user = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            code_execution_config={"executor": "local", "work_dir": str(tmp_path)},
            kernel=kernel,
        )
        result = user.initiate_chat(assistant, message="What is 37 * 54?", max_turns=5)
    contents = [message["content"] for message in result.chat_history]
    assert any("print(37 * 54)" in content for content in contents)
    assert "1998" in contents[-1]
    assert contents[-1].endswith("TERMINATE")
