"""The hf-local client against bare transformers, in one run, taking turns: one answer, and sixteen.

Bare means what a program writes by itself: ``generate()`` for one conversation after the other, as AutoGen 0.2's
article on custom models does, or for a padded batch that it collected by hand.

Run it with ``python benchmarks/hf_local_client.py``; it needs torch and transformers, and says so when they are
missing. ``--model`` takes another folder than the tiny model's, ``--rounds`` makes it longer.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from functools import partial
from importlib.resources import files
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any

if missing := [name for name in ("torch", "transformers") if find_spec(name) is None]:
    print(f"not run: {' and '.join(missing)} not installed")
    sys.exit(0)

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from quorate_hf_local_client import HFLocalClient

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Call = Callable[[], Awaitable[Any]]

ASKED = [[{"role": "user", "content": f"What is {n} * 54 + {n * n}?"}] for n in range(10, 26)]


def bare(folder: str) -> Callable[[list[Any]], list[str]]:
    """What people write without a client: template, generate, decode, as one padded batch."""
    tokenizer = AutoTokenizer.from_pretrained(folder, padding_side="left")
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

    def answer(asked: list[Any]) -> list[str]:
        texts = tokenizer.apply_chat_template(asked, add_generation_prompt=True, tokenize=False)
        inputs = tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=False)
        with torch.inference_mode():
            made = model.generate(**inputs, max_new_tokens=64, do_sample=False)
        found: list[str] = tokenizer.batch_decode(made[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        return found

    return answer


async def milliseconds(call: Call) -> float:
    """CPU milliseconds of one call."""
    started = time.process_time()
    await call()
    return (time.process_time() - started) * 1000


async def main(folder: str, rounds: int) -> None:
    """Print what each costs."""
    answer = bare(folder)
    async with HFLocalClient(model=folder, device="cpu", max_tokens=64) as client:

        async def ours(asked: list[Any]) -> list[str]:
            results = await asyncio.gather(*(client.create(messages) for messages in asked))
            return [str(result.content) for result in results]

        async def theirs(asked: list[Any]) -> list[str]:
            return await asyncio.to_thread(answer, asked)

        same = await ours(ASKED) == await theirs(ASKED)
        print(f"{'CPU ms (median)':<22}{'hf-local':>10}{'bare':>10}{'ratio':>8}   answers equal: {same}")

        async def in_turn(asked: list[Any]) -> None:
            for messages in asked:
                await theirs([messages])

        for name, asked, rival in (
            ("1 answer", ASKED[:1], theirs),
            ("16, bare in turn", ASKED, in_turn),
            ("16, bare as a batch", ASKED, theirs),
        ):
            pairs = [
                (await milliseconds(partial(ours, asked)), await milliseconds(partial(rival, asked)))
                for _ in range(rounds)
            ]
            mine, others = (median(times) for times in zip(*pairs, strict=True))
            print(f"{name:<22}{mine:>10.1f}{others:>10.1f}{mine / others:>8.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default=None)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    asyncio.run(main(arguments.model or str(files("quorate_tiny_model") / "model"), arguments.rounds))
