"""What can go wrong with a model, said where it is asked for."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from quorate.errors import ConfigError, ModelError
from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

ASK = [{"role": "user", "content": "Hi"}]
OFFLINE = """
import asyncio
from quorate_hf_local_client import HFLocalClient
from quorate.errors import ModelError
try:
    asyncio.run(HFLocalClient(model="nobody/no-such-model").create([{"role": "user", "content": "Hi"}]))
except ModelError as error:
    print(error.kind, error)
"""


def ask(model: str, messages=ASK, *, entry=None, **request):
    async def once():
        async with HFLocalClient(model=model, **(entry or {})) as client:
            return await client.create(messages, **request)

    return asyncio.run(once())


def test_a_prompt_longer_than_the_context(random_model):
    long = [{"role": "user", "content": "x" * 100}]
    with pytest.raises(ModelError, match="the prompt has 103 tokens and the model's context holds 64") as caught:
        ask(random_model(context=64), long)
    assert caught.value.kind == "context_overflow"
    with pytest.raises(ModelError, match="the prompt has 103 tokens and max_length allows 80") as caught:
        ask(random_model(), long, entry={"params": {"max_length": 80}})
    assert caught.value.kind == "context_overflow"


def test_counting_tokens(random_model):
    async def main():
        async with HFLocalClient(model=random_model(context=64)) as client:
            count = await client.count_tokens(ASK)
            assert count == 5
            assert await client.remaining_tokens(ASK) == 64 - count
            assert (await client.create(ASK, max_tokens=1)).usage.prompt_tokens == count

    asyncio.run(main())


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match=r"model: there is no folder '.*/nothing'"):
        ask(str(tmp_path / "nothing"))


def test_a_folder_without_a_model(tmp_path):
    with pytest.raises(ConfigError, match="cannot be loaded"):
        ask(str(tmp_path))


def test_a_model_that_is_not_here_and_a_hub_that_cannot_be_reached(tmp_path):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", OFFLINE], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("network ")
    assert "'nobody/no-such-model' is not in the local cache" in done.stdout
    assert "hf download nobody/no-such-model" in done.stdout


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"device": "toaster"}, "device: torch knows no device 'toaster'"),
        ({"dtype": "int8"}, "dtype: 'int8' is no floating-point type of torch"),
        ({"dtype": "double-ish"}, "dtype: 'double-ish' is no floating-point type of torch"),
        ({"temperature": -1}, "temperature=-1: must be a number from 0"),
        ({"params": {"num_beams": 4}}, "num_beams=4: hf-local has no such parameter"),
    ],
)
def test_a_configuration_that_cannot_be_used(random_model, entry, said):
    with pytest.raises(ConfigError) as caught:
        ask(random_model(), entry=entry)
    assert said in str(caught.value)


def test_a_gpu_that_is_not_there(random_model):
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(ConfigError, match="device: 'cuda' was asked for, and torch"):
        ask(random_model(), entry={"device": "cuda"})


def test_the_client_goes_on_after_an_error(random_model):
    async def main():
        async with HFLocalClient(model=random_model(context=64)) as client:
            for request in ({"messages": [{"role": "user", "content": "x" * 100}]}, {"messages": ASK, "n": 0}):
                with pytest.raises(ModelError):
                    await client.create(**request)
            assert (await client.create(ASK, max_tokens=1)).usage.completion_tokens == 1

    asyncio.run(main())


def test_what_transformers_refuses_comes_back_as_an_error(random_model):
    with pytest.raises(ModelError, match="transformers failed to generate") as caught:
        ask(random_model(), params={"bad_words_ids": "none"}, max_tokens=2)
    assert caught.value.kind == "bug"
    assert caught.value.__cause__ is not None
