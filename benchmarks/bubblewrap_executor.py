"""What the bubblewrap executor costs a tiny block, beside the local executor.

Both are measured in turns in one run; nothing is asserted. Run it with ``python benchmarks/bubblewrap_executor.py [rounds]``.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

from quorate import ExecutorError
from quorate.coding import CodeBlock, LocalCommandLineCodeExecutor
from quorate_bubblewrap_executor import BubblewrapCommandLineCodeExecutor

BLOCKS = {"python": "print(6 * 7)", "sh": "echo 42"}


async def medians(language: str, rounds: int) -> tuple[float, float]:
    """Median milliseconds of (local executor, bubblewrap executor)."""
    block = [CodeBlock(BLOCKS[language], language)]
    async with LocalCommandLineCodeExecutor() as local, BubblewrapCommandLineCodeExecutor() as apart:
        taken: dict[object, list[float]] = {local: [], apart: []}
        for _ in range(rounds):
            for executor, times in taken.items():
                began = time.perf_counter()
                result = await executor.execute_code_blocks(block)
                times.append((time.perf_counter() - began) * 1000)
                if result.output.strip() != "42":
                    raise SystemExit(result.output)
    return statistics.median(taken[local]), statistics.median(taken[apart])


def main() -> None:
    """Measure and tell."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for language in BLOCKS:
        try:
            local, apart = asyncio.run(medians(language, rounds))
        except ExecutorError as error:
            sys.stdout.write(f"not measured: {error}\n")
            return
        sys.stdout.write(f"{language}: local {local:.2f} ms, bubblewrap {apart:.2f} ms, {apart - local:.2f} ms more\n")


if __name__ == "__main__":
    main()
