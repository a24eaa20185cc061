"""What the plugin offers, that finding it is light, and what is wrong with a configuration. Needs no torch."""

from __future__ import annotations

import subprocess
import sys

import pytest

from quorate import Kernel
from quorate.config import ModelConfig
from quorate.errors import ConfigError
from quorate.models import ModelInfo
from quorate_hf_local_client import quorate_model_clients
from quorate_hf_local_client._settings import settings_of

PROGRAM = """
import sys, quorate_hf_local_client
from quorate_hf_local_client import _client
print([name for name in ("torch", "transformers", "tokenizers", "numpy") if name in sys.modules])
"""
MISSING = """
import sys
sys.modules["torch"] = None
from quorate_hf_local_client import HFLocalClient
HFLocalClient(model="m")
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def settings(**entry):
    return settings_of(ModelConfig.parse({"model": "m", **entry}, place="OAI_CONFIG_LIST[2]"), ModelInfo())


def test_the_record():
    (record,) = quorate_model_clients()
    assert (record.name, record.aliases, record.default) == ("hf-local", ("huggingface",), False)
    assert (record.base_url, record.api_key_env) == (None, ())


@pytest.mark.parametrize("name", ["hf-local", "huggingface"])
def test_the_kernel_finds_it(name):
    with Kernel(autoload=False) as kernel:
        kernel.register(sys.modules["quorate_hf_local_client"], "hf-local-client")
        assert kernel.factory("model client", name).__name__ == "HFLocalClient"


def test_plugin_and_client_load_no_sdk():
    done = run(PROGRAM)
    assert done.stdout.strip() == "[]", done.stderr


def test_without_torch_a_client_says_what_to_install():
    done = run(MISSING)
    assert "quorate.errors.MissingDependency" in done.stderr
    assert "pip install torch" in done.stderr


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"devise": "cpu"}, "OAI_CONFIG_LIST[2].devise: hf-local knows no such key; did you mean 'device'"),
        ({"frequency_penalty": 1}, "OAI_CONFIG_LIST[2].frequency_penalty: hf-local knows no such key; it knows"),
        ({"device": 1}, "OAI_CONFIG_LIST[2].device: must be text, not int"),
        ({"params": [1]}, "OAI_CONFIG_LIST[2].params: must be a dict, not list"),
        ({"max_batch_size": 0}, "OAI_CONFIG_LIST[2].max_batch_size: must be a whole number above 0, not int"),
        ({"max_batch_size": True}, "OAI_CONFIG_LIST[2].max_batch_size: must be a whole number above 0, not bool"),
        ({"chat_template": "no/such.jinja"}, "OAI_CONFIG_LIST[2].chat_template: is neither a Jinja template nor"),
        ({"model": None}, "OAI_CONFIG_LIST[2].model: is missing"),
    ],
)
def test_a_wrong_entry_says_where(entry, said):
    with pytest.raises(ConfigError) as caught:
        settings(**entry)
    assert said in str(caught.value)


def test_the_article_s_entry_is_understood():
    article = {"model": "Open-Orca/Mistral-7B-OpenOrca", "device": "cuda", "n": 1, "params": {"max_length": 1000}}
    found = settings(**article)
    assert (found.load.model, found.load.device) == ("Open-Orca/Mistral-7B-OpenOrca", "cuda")
    assert found.layers == ({"max_length": 1000}, {"n": 1})


def test_equal_loads_share_and_secrets_are_not_in_the_key():
    one, same = (settings(model_kwargs={"token": "hf_secret"}).load for _ in range(2))
    assert one.key == same.key != settings(model_kwargs={"token": "hf_other"}).load.key
    assert one.key != settings(model_kwargs={"token": "hf_secret"}, dtype="float32").load.key
    assert "hf_secret" not in repr(one) + repr(one.key)


def test_a_chat_template_can_be_a_file(tmp_path):
    file = tmp_path / "chat.jinja"
    file.write_text("{{ messages }}", encoding="utf-8")
    assert settings(chat_template=str(file)).chat_template == "{{ messages }}"
