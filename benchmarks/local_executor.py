"""What the local executor adds to a tiny block, against a bare ``subprocess.run`` of the same program.

Both are measured in turns in one run, so that a busy machine slows both; the ratio of medians is what counts. A person
reads it: nothing is asserted. A shell that prints a word takes a millisecond, so for it the difference is what tells.
Run it with ``python benchmarks/local_executor.py [rounds]``.
"""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from quorate.coding import CodeBlock
from quorate.coding.local import LocalCommandLineCodeExecutor

AIM = 1.3
BLOCKS = {"python": ("print(6 * 7)", [sys.executable]), "sh": ("echo 42", ["sh"])}


async def ratio(language: str, rounds: int) -> tuple[float, float]:
    """Median milliseconds of (bare subprocess, local executor)."""
    code, command = BLOCKS[language]
    bare: list[float] = []
    ours: list[float] = []
    block = [CodeBlock(code, language)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "code")
        file.write_text(code)  # noqa: ASYNC240 - nothing else runs on this loop
        async with LocalCommandLineCodeExecutor() as executor:
            for _ in range(rounds):
                began = time.perf_counter()
                subprocess.run([*command, file], capture_output=True, check=True, stdin=subprocess.DEVNULL)  # noqa: ASYNC221
                between = time.perf_counter()
                result = await executor.execute_code_blocks(block)
                ended = time.perf_counter()
                if result.output.strip() != "42":
                    raise SystemExit(result.output)
                bare.append((between - began) * 1000)
                ours.append((ended - between) * 1000)
    return statistics.median(bare), statistics.median(ours)


def main() -> None:
    """Measure and tell."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    for language in BLOCKS:
        bare, ours = asyncio.run(ratio(language, rounds))
        told = f"ratio {ours / bare:.2f} (aim: at most {AIM})" if language == "python" else f"{ours - bare:.2f} ms more"
        sys.stdout.write(f"{language}: bare {bare:.2f} ms, local {ours:.2f} ms, {told}\n")


if __name__ == "__main__":
    main()
