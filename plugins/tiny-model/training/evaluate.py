"""Measure a model on tasks of the training's own phrasings with arguments it never saw.

    python evaluate.py ../src/quorate_tiny_model/model --tasks 1000 --guard 0.9

Says nothing about phrasings nobody thought of: for those there are `measure.py` and the blind lists.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
from pathlib import Path

import tinydata

from quorate_tiny_model._answer import GUARD, HELP, Engine

Counts = collections.Counter[str]


def reply(engine: Engine, texts: list[str], guard: float, tools: list[dict[str, object]] | None = None) -> str:
    """The model's reply to user and assistant texts in turn."""
    roles = ("user", "assistant")
    messages = [{"role": roles[i % 2], "content": text} for i, text in enumerate(texts)]
    return engine.answer(messages, tools or [], guard=guard).text


def loop(engine: Engine, task: tinydata.Task, guard: float) -> str:
    """`right`, `refused`, `other code` (its output may still be right) or `misread`."""
    code = reply(engine, [task.question], guard)
    if code != tinydata.fence(task.code):
        return "refused" if code == HELP else "other code"
    try:
        output = tinydata.run_code(task.code)
    except Exception:  # noqa: BLE001 - a division by zero and the like is right code all the same
        return "right"
    message = f"exitcode: 0 (execution succeeded)\nCode output: \n{output}\n"
    stated = reply(engine, [task.question, code, message], guard)
    shown = len(message) > 140 or "\n" in output or not output.strip()
    return "right" if stated == (tinydata.DONE if shown else f"The answer is {output}\nTERMINATE") else "misread"


def called(engine: Engine, r: random.Random, guard: float) -> str:
    """Whether a tool with an unseen signature is called as asked."""
    turns = tinydata.tool_conversation(r)
    tools = []
    for line in turns[0][1].split("\n"):
        name, _, arguments = line[:-1].partition("(")
        tools.append({"function": {"name": name, "parameters": {"properties": dict.fromkeys(arguments.split(", "))}}})
    text = reply(engine, [turns[1][1]], guard, tools)
    return "right" if text == turns[2][1] else "refused" if text == HELP else "wrong"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure a model on held-out arguments.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--tasks", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=12345)
    parser.add_argument("--guard", type=float, default=GUARD)
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    engine = Engine(options.model)
    r = random.Random(options.seed)  # noqa: S311 - to be reproducible, not secret
    totals: dict[str, Counts] = collections.defaultdict(collections.Counter)
    weak: Counts = collections.Counter()
    for _ in range(options.tasks):
        task = tinydata.task(r, "test")
        result = loop(engine, task, options.guard)
        totals["tasks"][result] += 1
        if result != "right":
            weak[task.family] += 1
            if options.verbose:
                print(result, json.dumps([task.question, task.code, reply(engine, [task.question], options.guard)]))
    for _ in range(options.tasks // 5):
        totals["tool calls"][called(engine, r, options.guard)] += 1
        refusal = reply(engine, [tinydata.refused(r)], options.guard)
        totals["refusals"]["right" if refusal == HELP else "wrong"] += 1
        code = tinydata.fence(tinydata.task(r, "test").code)
        failed = reply(engine, ["x", code, tinydata.failure(r)], options.guard)
        totals["failures"]["right" if failed == tinydata.FAILED else "wrong"] += 1
    for name, counts in totals.items():
        print(f"{name:12}", dict(counts), "of", counts.total())
    print("weakest", weak.most_common(15))


if __name__ == "__main__":
    main()
