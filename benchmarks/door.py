"""What the door costs: microseconds per passage, and per message of two agents that answer each other.

`python benchmarks/door.py [ROUNDS]`. CPU time of this process, garbage collection included; the least of the rounds is
shown, because another program can only add to it. Bytes are what is still held after the chat (tracemalloc), per message.
The two agents have a plain Python reply function each; their chats differ in length alone, so that a cost per message
that grows with the conversation shows as a ratio above 1.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

from quorate import ConversableAgent, Kernel, call
from quorate._drive import drive, open_run

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
PASSAGES = 2_000
LENGTHS = (500, 2_000, 8_000)
AIMS = {"microseconds": 7.0, "bytes": 400.0}
"""Per message, whatever the length."""


def plain() -> None:
    """Do nothing."""


async def coroutine() -> None:
    """Do nothing, and wait for nothing."""


async def passages(func: Callable[..., Any], count: int) -> None:
    """Pass the door so often."""
    for _ in range(count):
        await call("tool", func)


async def passages_in_a_run(func: Callable[..., Any], count: int) -> None:
    """Pass the door so often, as numbered steps."""
    with open_run():
        await passages(func, count)


CASES: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any]]] = {
    "blocking, plain function": (drive, passages, plain),
    "blocking, plain function, in a run": (drive, passages_in_a_run, plain),
    "blocking, coroutine function (loop thread)": (drive, passages, coroutine),
    "async, coroutine function": (asyncio.run, passages, coroutine),
    "async, coroutine function, in a run": (asyncio.run, passages_in_a_run, coroutine),
    "async, plain function (worker thread)": (asyncio.run, passages, plain),
}


def least(work: Callable[[], object], rounds: int) -> tuple[float, float]:
    """CPU seconds and wall seconds of the cheapest round."""
    times: list[tuple[float, float]] = []
    for _ in range(rounds):
        gc.collect()
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        times.append((time.process_time() - cpu, time.perf_counter() - wall))
    return min(cpu for cpu, _ in times), min(wall for _, wall in times)


def chat(length: int, kernel: Kernel) -> list[ConversableAgent]:
    """Two agents exchange so many messages; gives them, with what they hold."""

    def speak(*_: object, **__: object) -> tuple[bool, str]:
        return True, "go on"

    agents = [ConversableAgent(name, human_input_mode="NEVER", kernel=kernel) for name in ("left", "right")]
    for agent in agents:
        agent.register_reply(ConversableAgent, speak)
    agents[0].initiate_chat(agents[1], message="go on", max_turns=length // 2, summary_method=None)
    return agents


def bytes_held(length: int, kernel: Kernel) -> int:
    """What a chat leaves in memory while its agents live."""
    gc.collect()
    tracemalloc.start()
    agents = chat(length, kernel)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del agents
    return held


def main() -> None:
    """Measure and print two tables."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    print(f"least of {rounds} rounds; Python {sys.version.split()[0]}\n")
    print(f"{'one passage of the door':44}{'us CPU':>9}{'us wall':>9}")
    for name, (run, kernel_code, func) in CASES.items():
        cpu, wall = least(lambda run=run, code=kernel_code, func=func: run(code(func, PASSAGES)), rounds)
        print(f"{name:44}{cpu / PASSAGES * 1e6:9.2f}{wall / PASSAGES * 1e6:9.2f}")
    kernel = Kernel(autoload=False)
    chat(100, kernel)
    print(f"\n{'two agents exchange':24}{'us CPU/message':>16}{'ratio':>8}{'bytes/message':>16}{'ratio':>8}")
    first: tuple[float, float] | None = None
    for length in LENGTHS:
        cost = least(lambda length=length: chat(length, kernel), rounds)[0] / length * 1e6
        held = bytes_held(length, kernel) / length
        first = first or (cost, held)
        ratios = f"{cost / first[0]:8.2f}", f"{held / first[1]:8.2f}"
        print(f"{f'{length:,} messages':24}{cost:16.2f}{ratios[0]}{held:16.0f}{ratios[1]}")
    print(f"{'aim':24}{AIMS['microseconds']:16.0f}{'':8}{AIMS['bytes']:16.0f}")


if __name__ == "__main__":
    main()
