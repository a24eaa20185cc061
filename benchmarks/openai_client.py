"""CPU time of the openai client against the SDK's ordinary call, in one run, taking turns.

Run it with ``python benchmarks/openai_client.py``; it starts the scripted server in a process of its own, so
that only the client's CPU time is counted. ``--rounds`` makes it longer and the medians steadier.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING, Any

from openai import AsyncOpenAI

from quorate_openai_client import OpenAIChatCompletionClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Call = Callable[[], Awaitable[Any]]

SERVER = """
import sys
from pytest_quorate import Reply, ScriptedServer
def answer(request):
    words = request.body.get("max_tokens") or 1
    return Reply(chunks=["token "] * words, pause=request.body.get("seed") or 0.0)
with ScriptedServer(answer) as server:
    print(server.base_url, flush=True)
    sys.stdin.read()
"""
TOKENS = 400
TARGETS = {"1 message": 0.7, "404 messages": 0.05, "streamed token": 0.18}


def conversation(length: int) -> list[dict[str, Any]]:
    """A conversation of this many messages."""
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": f"Message {i}: " + "some words of a chat " * 5} for i in range(length)]


async def cpu_ms(call: Call, times: int) -> float:
    """CPU milliseconds of one call, the mean over a few."""
    gc.collect()
    started = time.process_time()
    for _ in range(times):
        await call()
    return (time.process_time() - started) / times * 1000


async def duel(ours: Call, theirs: Call, *, times: int, rounds: int) -> tuple[float, float]:
    """Median CPU milliseconds of both, taking turns; the first turn of each is not counted."""
    await cpu_ms(ours, 2)
    await cpu_ms(theirs, 2)
    pairs = [(await cpu_ms(ours, times), await cpu_ms(theirs, times)) for _ in range(rounds)]
    return median(mine for mine, _ in pairs), median(sdk for _, sdk in pairs)


async def measure(base_url: str, rounds: int) -> dict[str, tuple[float, float]]:
    """Microseconds of CPU, ours and the SDK's, by row."""
    client = OpenAIChatCompletionClient(model="m", base_url=base_url, api_key="EMPTY")
    sdk = AsyncOpenAI(base_url=base_url, api_key="EMPTY", max_retries=0)

    def whole(length: int) -> tuple[Call, Call]:
        chat: Any = conversation(length)
        return lambda: client.create(chat), lambda: sdk.chat.completions.create(model="m", messages=chat)

    def streamed(tokens: int, pause: float = 0.0) -> tuple[Call, Call]:
        chat: Any = conversation(1)
        asked: Any = {"max_tokens": tokens, "seed": pause}

        async def ours() -> None:
            async for _ in client.create_stream(chat, **asked):
                pass

        async def theirs() -> None:
            options: Any = {"include_usage": True}
            stream = await sdk.chat.completions.create(
                model="m", messages=chat, stream=True, stream_options=options, **asked
            )
            async for chunk in stream:
                _ = chunk.choices and chunk.choices[0].delta.content

        return ours, theirs

    found = {}
    for length, times in ((1, 40), (404, 8)):
        mine, theirs = await duel(*whole(length), times=times, rounds=rounds)
        found["1 message" if length == 1 else f"{length} messages"] = (mine * 1000, theirs * 1000)
    short = await duel(*streamed(1), times=20, rounds=rounds)
    found["stream of 1 token"] = (short[0] * 1000, short[1] * 1000)
    for row, pause in (("streamed token", 0.0), ("... one per read", 0.001)):
        long = await duel(*streamed(TOKENS, pause), times=1, rounds=rounds)
        mine, theirs = ((many - one) / (TOKENS - 1) * 1000 for many, one in zip(long, short, strict=True))
        found[row] = (mine, theirs)
    await client.close()
    await sdk.close()
    return found


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        base_url = server.stdout.readline().decode().strip() if server.stdout else ""
        found = asyncio.run(measure(base_url, rounds))
        server.communicate()
    out = sys.stdout.write
    out(f"{'CPU microseconds':<20}{'ours':>10}{'SDK':>10}{'ratio':>8}{'target':>8}\n")
    for row, (mine, sdk) in found.items():
        target = TARGETS.get(row)
        out(f"{row:<20}{mine:>10.1f}{sdk:>10.1f}{mine / sdk:>8.3f}{'' if target is None else target:>8}\n")


if __name__ == "__main__":
    main()
