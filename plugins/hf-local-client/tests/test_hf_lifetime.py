"""One model in memory for all who ask for it, and an end for every generation."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from quorate import Kernel
from quorate.errors import ModelError
from quorate_hf_local_client import HFLocalClient, _loading

pytest.importorskip("torch", reason="torch is not installed; `nox -s hf` brings it and runs these tests")
pytest.importorskip("transformers", reason="transformers is not installed; `nox -s hf` brings it and runs these tests")

ASK = [{"role": "user", "content": "Hi"}]
ENDLESS = {"endless": True, "context": 100_000}


@pytest.fixture(autouse=True)
def _nothing_stays_loaded():
    yield
    gc.collect()
    assert not _loading._table


async def first_part(client, **request):
    """A stream after its first part."""
    stream = client.create_stream(ASK, **request)
    await anext(stream)
    return stream


def test_clients_share_a_model_and_the_last_one_frees_it(reciting):
    model = reciting("Hello")

    async def main():
        one, two, other = (HFLocalClient(model=model, dtype=dtype) for dtype in ("auto", "auto", "bfloat16"))
        for client in (one, two, other):
            await client.create(ASK)
        assert one._template[0] is two._template[0] is not other._template[0]
        weights = weakref.ref(two._template[0].loaded.model)
        await one.close()
        assert (await two.create(ASK)).content == "Hello"
        await two.close()
        await other.close()
        gc.collect()
        assert weights() is None, "the weights are still in memory"

    asyncio.run(main())


def test_closing_twice_and_using_it_again(reciting):
    async def main():
        client = HFLocalClient(model=reciting("Hello"))
        await client.close()
        await client.create(ASK)
        await client.close()
        await client.close()
        assert (await client.create(ASK)).content == "Hello"
        await client.close()

    asyncio.run(main())


def test_a_forgotten_client_lets_go(reciting):
    client = HFLocalClient(model=reciting("Hello"))
    asyncio.run(client.create(ASK))
    assert _loading._table
    del client


def test_two_event_loops_in_turn(reciting):
    client = HFLocalClient(model=reciting("Hello"))
    for _ in range(2):
        assert asyncio.run(client.create(ASK)).content == "Hello"
    asyncio.run(client.close())


def test_sixteen_threads_load_once(reciting, monkeypatch):
    loads = []
    load = _loading._load
    monkeypatch.setattr(_loading, "_load", lambda what: loads.append(what) or load(what))
    model, start = reciting("Hello"), threading.Barrier(16)

    def one(_):
        async def ask():
            start.wait()
            async with HFLocalClient(model=model) as client:
                result = await client.create(ASK)
                await asyncio.to_thread(start.wait)  # nobody closes before everybody asked
                return result.content

        return asyncio.run(ask())

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(one, range(16))) == ["Hello"] * 16
    assert len(loads) == 1


def test_the_kernel_owns_one_for_all_its_loops(reciting):
    import quorate_hf_local_client

    entry = {"client": "hf-local", "model": reciting("Hello")}
    with Kernel(autoload=False) as kernel:
        kernel.register(quorate_hf_local_client, "hf-local-client")
        for _ in range(2):
            assert asyncio.run(kernel.chat_client(entry).create(ASK)).content == "Hello"
        assert len(_loading._table) == 1


def test_leaving_a_stream_ends_the_generation(reciting):
    async def main():
        async with HFLocalClient(model=reciting("ab", "cd", **ENDLESS)) as client:
            for _ in range(3):
                await (await first_part(client)).aclose()
            # There is one thread: were it still at the 100,000 tokens of one of those, this would wait for minutes.
            assert (await client.create(ASK, max_tokens=2)).content == "abcd"

    asyncio.run(main())


def test_cancelling_a_call_ends_the_generation(reciting):
    async def main():
        async with HFLocalClient(model=reciting("ab", "cd", **ENDLESS)) as client:
            await client.create(ASK, max_tokens=1)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(client.create(ASK), 0.1)
            assert (await client.create(ASK, max_tokens=2)).content == "abcd"

    asyncio.run(main())


def test_one_of_a_batch_is_cancelled_and_the_others_go_on(reciting):
    async def main():
        async with HFLocalClient(model=reciting("ab", "cd", **ENDLESS)) as client:
            await client.create(ASK, max_tokens=1)
            tasks = [asyncio.create_task(client.create(ASK, max_tokens=limit)) for limit in (100_000, 400)]
            await asyncio.sleep(0.05)
            tasks[0].cancel()
            result = await tasks[1]
            assert (result.usage.completion_tokens, result.raw["batch"]) == (400, 2)
            assert (await client.create(ASK, max_tokens=2)).content == "abcd"

    asyncio.run(main())


def test_closing_ends_the_generation_and_says_so(reciting):
    async def main():
        client = HFLocalClient(model=reciting("ab", "cd", **ENDLESS))
        stream = await first_part(client)
        waiting = asyncio.create_task(client.create(ASK, max_tokens=2))
        await asyncio.sleep(0.05)
        await client.close()
        with pytest.raises(ModelError, match="closed before this request was done"):
            await waiting
        with pytest.raises(ModelError, match="closed before this request was done"):
            _ = [part async for part in stream]

    asyncio.run(main())


def test_the_event_loop_goes_on_while_a_model_works(reciting):
    async def main():
        turns = 0

        async def tick():
            nonlocal turns
            while True:
                await asyncio.sleep(0.001)
                turns += 1

        async with HFLocalClient(model=reciting("ab", "cd", **ENDLESS)) as client:
            await client.create(ASK, max_tokens=1)
            ticking = asyncio.create_task(tick())
            await client.create(ASK, max_tokens=300)
            ticking.cancel()
        assert turns > 5

    asyncio.run(main())
