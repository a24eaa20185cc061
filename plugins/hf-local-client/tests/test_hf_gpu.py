"""The same on a GPU, where there is one."""

from __future__ import annotations

import asyncio

import pytest

from quorate_hf_local_client import HFLocalClient

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

SUMS = [[{"role": "user", "content": f"What is {n} * 54?"}] for n in range(1, 9)]


@pytest.fixture(autouse=True)
def _gpu():
    import torch

    if not torch.cuda.is_available():
        pytest.skip(f"no GPU: torch {torch.__version__} finds no CUDA device on this machine")


@pytest.mark.parametrize("device", ["auto", "cuda", "cuda:0"])
def test_answers_are_those_of_the_cpu(tiny, device):
    async def ask(device):
        async with HFLocalClient(model=tiny, device=device, dtype="float32") as client:
            return await asyncio.gather(*(client.create(messages) for messages in SUMS))

    there, here = asyncio.run(ask(device)), asyncio.run(ask("cpu"))
    assert [each.content for each in there] == [each.content for each in here]


def test_streams_seeds_and_decisions(tiny):
    async def main():
        async with HFLocalClient(model=tiny, device="cuda") as client:
            assert client.model_info.context_length is None
            *parts, result = [part async for part in client.create_stream(SUMS[0])]
            assert "".join(parts) == result.content
            drawn = [await client.create(SUMS[0], seed=3, temperature=1.5) for _ in range(2)]
            assert drawn[0].content == drawn[1].content
            assert await client.decide("What is 1 + 1?", ["apple", "pear"]) in ("apple", "pear")

    asyncio.run(main())


def test_closing_gives_the_memory_back(random_model):
    import torch

    async def main():
        before = torch.cuda.memory_allocated()
        client = HFLocalClient(model=random_model(), device="cuda")
        await client.create(SUMS[0], max_tokens=3)
        assert torch.cuda.memory_allocated() > before
        await client.close()
        assert torch.cuda.memory_allocated() <= before

    asyncio.run(main())
