"""The HTTP client of the user's own, used as it is; connections in general are the contract's."""

from __future__ import annotations

import asyncio

import httpx2

HELLO = [{"role": "user", "content": "hello"}]


def test_an_http_client_of_the_users_own_is_used_and_left_open(server, make):
    async def main():
        async with httpx2.AsyncClient(headers={"x-mine": "1"}) as http:
            client = make(server, http_client=http)
            await client.create(HELLO)
            await client.close()
            assert not http.is_closed
        assert server.requests[0].headers["x-mine"] == "1"

    asyncio.run(main())


def test_what_makes_an_http_client_is_called_for_each_loop_and_closed(server, make):
    made = []

    def build():
        made.append(httpx2.AsyncClient())
        return made[-1]

    client = make(server, http_client=build)
    for _ in range(2):
        asyncio.run(client.create(HELLO))
    assert len(made) == 2
    assert all(http.is_closed for http in made)
