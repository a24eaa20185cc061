"""Connections: one pool per event loop, closed when nobody wants the answer any more, none left behind."""

from __future__ import annotations

import asyncio
import gc
import threading
from contextlib import aclosing

import httpx2
import pytest

from quorate_openai_client import OpenAIChatCompletionClient

HELLO = [{"role": "user", "content": "hello"}]


async def read(client):
    return [part async for part in client.create_stream(HELLO)]


def test_one_connection_serves_calls_and_streams_in_turn(scripted_server, client):
    async def main():
        for _ in range(3):
            await client.create(HELLO)
            await read(client)

    asyncio.run(main())
    assert scripted_server.connections_opened == 1
    assert len(scripted_server.requests) == 6


def test_close_gives_connections_back_twice_and_opens_again(scripted_server, client):
    async def main():
        async with client:
            await client.create(HELLO)
            assert scripted_server.connections_open == 1
        assert scripted_server.wait_idle()
        await client.close()
        await client.create(HELLO)
        await client.close()
        assert scripted_server.wait_idle()

    asyncio.run(main())
    assert scripted_server.connections_opened == 2


def test_closing_an_unused_client_is_fine(client):
    asyncio.run(client.close())


@pytest.mark.parametrize("streaming", [False, True])
def test_cancellation_closes_the_socket(scripted_server, client, streaming):
    scripted_server.never()

    async def main():
        task = asyncio.create_task(read(client) if streaming else client.create(HELLO))
        await asyncio.to_thread(scripted_server.wait, lambda server: server.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(scripted_server.wait_idle)
        assert (await client.create(HELLO)).content == "hello"

    asyncio.run(main())
    assert scripted_server.requests[0].disconnected is not None


def test_cancellation_in_the_middle_of_a_stream_closes_the_socket(scripted_server, client):
    scripted_server.stream("a", 30.0, "b")

    async def main():
        first = asyncio.Event()

        async def follow():
            async for _ in client.create_stream(HELLO):
                first.set()

        task = asyncio.create_task(follow())
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(scripted_server.wait_idle)

    asyncio.run(main())
    assert scripted_server.requests[0].disconnected is not None


@pytest.mark.parametrize("politely", [True, False])
def test_leaving_a_stream_early_closes_the_socket(scripted_server, client, politely):
    scripted_server.stream("a", 0.01, "b", 30.0, "c")

    async def main():
        if politely:
            async with aclosing(client.create_stream(HELLO)) as parts:
                async for _ in parts:
                    break
        else:
            async for _ in client.create_stream(HELLO):
                break
            gc.collect()
        assert await asyncio.to_thread(scripted_server.wait_idle)

    asyncio.run(main())
    assert scripted_server.requests[0].disconnected is not None


def test_event_loops_in_turn_leave_nothing_open(scripted_server, client):
    for count in range(1, 4):
        assert asyncio.run(client.create(HELLO)).content == "hello"
        assert asyncio.run(read(client))[-1].content == "hello"
        assert scripted_server.wait_idle(), "a loop that ends closes its connections"
        assert scripted_server.connections_opened == 2 * count
    assert len(client._clients) <= 1


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # asyncio's, for it closes the socket only when collected
def test_a_loop_that_was_closed_without_ado_is_forgotten(scripted_server, client):
    loop = asyncio.new_event_loop()
    loop.run_until_complete(client.create(HELLO))
    loop.close()
    asyncio.run(client.create(HELLO))
    assert len(client._clients) == 1
    del loop
    gc.collect()
    assert scripted_server.wait_idle()


def test_threads_with_loops_of_their_own(scripted_server, client):
    answers = []

    def work(number):
        async def main():
            for _ in range(3):
                text = f"{number}"
                answers.append((await client.create([{"role": "user", "content": text}])).content == text)

        asyncio.run(main())

    threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 48
    assert scripted_server.wait_idle()


def test_close_reaches_connections_of_a_loop_in_another_thread(scripted_server, client):
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    asyncio.run_coroutine_threadsafe(client.create(HELLO), loop).result()
    assert scripted_server.connections_open == 1
    asyncio.run(client.close())
    assert scripted_server.wait_idle()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_many_calls_at_once(scripted_server, client):
    async def main():
        chats = [client.create([{"role": "user", "content": f"{i}"}]) for i in range(100)]
        return [result.content for result in await asyncio.gather(*chats)]

    assert asyncio.run(main()) == [f"{i}" for i in range(100)]
    assert scripted_server.wait_idle()


def test_an_http_client_of_the_users_own_is_used_and_left_open(scripted_server):
    async def main():
        async with httpx2.AsyncClient(headers={"x-mine": "1"}) as http:
            client = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, http_client=http)
            await client.create(HELLO)
            await client.close()
            assert not http.is_closed
        assert scripted_server.requests[0].headers["x-mine"] == "1"

    asyncio.run(main())


def test_what_makes_an_http_client_is_called_for_each_loop_and_closed(scripted_server):
    made = []

    def make():
        made.append(httpx2.AsyncClient())
        return made[-1]

    client = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url, http_client=make)
    for _ in range(2):
        asyncio.run(client.create(HELLO))
    assert len(made) == 2
    assert all(http.is_closed for http in made)


def test_a_client_nobody_closed_leaves_no_socket(scripted_server):
    async def main():
        client = OpenAIChatCompletionClient(model="m", base_url=scripted_server.base_url)
        await client.create(HELLO)
        del client
        gc.collect()
        assert await asyncio.to_thread(scripted_server.wait_idle)

    asyncio.run(main())
