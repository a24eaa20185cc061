"""CPU time of the model clients against the bare SDK's ordinary call, in one run, taking turns.

The bare SDK is what a program writes by itself: ``AsyncOpenAI().chat.completions.create(...)``, or ``AsyncAzureOpenAI``;
for vLLM the former, as vLLM's own documentation has it. The scripted server is a process of its own, so that only the
client's CPU time is counted. The goal is that no client costs more than the SDK: a ratio of 1.0 at most.

``python benchmarks/clients.py`` measures all; ``--only vllm`` one. ``--rounds`` makes it longer and the medians steadier.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from openai import AsyncAzureOpenAI, AsyncOpenAI

from quorate_azure_client import AzureOpenAIChatCompletionClient
from quorate_openai_client import OpenAIChatCompletionClient
from quorate_vllm_client import VLLMChatCompletionClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Call = Callable[[], Awaitable[Any]]

SERVER = """
import sys
from pytest_quorate import Reply, ScriptedServer
def answer(request):
    words = request.body.get("max_tokens") or 1
    return Reply(chunks=["token "] * words, pause=request.body.get("seed") or 0.0)
with ScriptedServer(answer, prefix=sys.argv[1], models=["m"]) as server:
    print(server.url, flush=True)
    sys.stdin.read()
"""
VERSION = "2024-10-21"
TOKENS, TURNS, GROWTH = 400, 20, 10
GOAL = 1.0


@dataclass(frozen=True)
class Rivals:
    """A client and the bare SDK at the same endpoint.

    Attributes:
        prefix: the endpoint's path.
        client: makes our client for the server's URL.
        sdk: makes the SDK's.
    """

    prefix: str
    client: Callable[[str], Any]
    sdk: Callable[[str], Any]


def _plain(make: Callable[..., Any], **more: Any) -> Callable[[str], Any]:
    return lambda url: make(base_url=f"{url}/v1", api_key="EMPTY", **more)


RIVALS = {
    "openai": Rivals("/v1", _plain(OpenAIChatCompletionClient, model="m"), _plain(AsyncOpenAI, max_retries=0)),
    "azure": Rivals(
        "/openai/deployments/m",
        lambda url: AzureOpenAIChatCompletionClient(model="m", base_url=url, api_key="k", api_version=VERSION),
        lambda url: AsyncAzureOpenAI(azure_endpoint=url, api_key="k", api_version=VERSION, max_retries=0),
    ),
    "vllm": Rivals("/v1", _plain(VLLMChatCompletionClient), _plain(AsyncOpenAI, max_retries=0)),
}


def conversation(length: int) -> list[dict[str, Any]]:
    """A conversation of this many messages."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": f"Message {i}: " + "some words of a chat " * 5} for i in range(length)]


async def whole(ask: Callable[..., Awaitable[Any]], *chats: list[dict[str, Any]]) -> None:
    """Ask for complete answers, one after the other."""
    for chat in chats:
        await ask(messages=chat)


async def ours_streamed(client: Any, tokens: int, pause: float) -> None:
    """Take an answer in parts from our client."""
    async for _ in client.create_stream(conversation(1), max_tokens=tokens, seed=pause):
        pass


async def theirs_streamed(sdk: Any, tokens: int, pause: float) -> None:
    """Take one from the SDK, as its documentation shows."""
    stream = await sdk.chat.completions.create(
        model="m",
        messages=conversation(1),
        stream=True,
        stream_options={"include_usage": True},
        max_tokens=tokens,
        seed=pause,
    )
    async for chunk in stream:
        _ = chunk.choices and chunk.choices[0].delta.content


async def microseconds(call: Call, times: int) -> float:
    """CPU time of one call, the mean over a few."""
    gc.collect()
    started = time.process_time()
    for _ in range(times):
        await call()
    return (time.process_time() - started) / times * 1e6


async def duel(ours: Call, theirs: Call, *, times: int, rounds: int) -> list[tuple[float, float]]:
    """CPU time of both in each round, taking turns; the first turn of each is not counted."""
    await microseconds(ours, 2)
    await microseconds(theirs, 2)
    return [(await microseconds(ours, times), await microseconds(theirs, times)) for _ in range(rounds)]


async def measure(rivals: Rivals, url: str, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """The rounds of each row: microseconds of CPU, ours and the SDK's."""
    client, sdk = rivals.client(url), rivals.sdk(url)
    theirs_whole = partial(sdk.chat.completions.create, model="m")

    async def calls(*chats: list[dict[str, Any]], times: int) -> list[tuple[float, float]]:
        ours, theirs = partial(whole, client.create, *chats), partial(whole, theirs_whole, *chats)
        found = await duel(ours, theirs, times=times, rounds=rounds)
        return [(mine / len(chats), sdks / len(chats)) for mine, sdks in found]

    async def streamed(tokens: int, pause: float = 0.0, *, times: int = 1) -> list[tuple[float, float]]:
        ours, theirs = partial(ours_streamed, client, tokens, pause), partial(theirs_streamed, sdk, tokens, pause)
        return await duel(ours, theirs, times=times, rounds=rounds)

    growing = [conversation(GROWTH * turn) for turn in range(1, TURNS + 1)]
    found = {"one message": await calls(conversation(1), times=30)}
    found[f"growing to {GROWTH * TURNS} messages"] = await calls(*growing, times=1)
    found["stream of one token"] = await streamed(1, times=20)
    mine, sdks = (median(times) for times in zip(*found["stream of one token"], strict=True))
    for row, pause in (("streamed token", 0.0), ("... one per read", 0.001)):
        long = await streamed(TOKENS, pause)
        found[row] = [((ours - mine) / (TOKENS - 1), (theirs - sdks) / (TOKENS - 1)) for ours, theirs in long]
    await client.close()
    await sdk.close()
    return found


@contextmanager
def serving(prefix: str) -> Iterator[str]:
    """A scripted server in a process of its own; gives its URL."""
    command = [sys.executable, "-c", SERVER, prefix]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        yield server.stdout.readline().strip() if server.stdout else ""
        server.communicate()


def report(name: str, found: dict[str, list[tuple[float, float]]]) -> list[str]:
    """Print one client's table; gives the rows that miss the goal."""
    missed: list[str] = []
    for row, rounds in found.items():
        mine, sdks = (median(times) for times in zip(*rounds, strict=True))
        ratios = [ours / theirs for ours, theirs in rounds]
        low, ratio, high = quantiles(ratios, n=4)
        met = ratio <= GOAL
        missed += [] if met else [f"{name}: {row}"]
        spread = f"{low:.2f}-{high:.2f}"
        print(f"{name:<8}{row:<26}{mine:>9.1f}{sdks:>10.1f}{ratio:>8.2f}{spread:>13}   {'yes' if met else 'NO'}")
    return missed


def main() -> None:
    """Measure, print the table, and say whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=RIVALS, action="append", help="measure this client; repeatable")
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    print(f"{'client':<8}{'CPU microseconds':<26}{'ours':>9}{'bare SDK':>10}{'ratio':>8}{'quartiles':>13}   <= {GOAL}")
    missed: list[str] = []
    for name in arguments.only or RIVALS:
        with serving(RIVALS[name].prefix) as url:
            missed += report(name, asyncio.run(measure(RIVALS[name], url, arguments.rounds)))
    print(
        f"goal missed: {', '.join(missed)}" if missed else f"the goal, a ratio of {GOAL} at most, is met in every row"
    )


if __name__ == "__main__":
    main()
