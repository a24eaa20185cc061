"""Measure a model on a list of everyday prompts, with the code really executed.

    python measure.py ../src/quorate_tiny_model/model blind/blind_1.json [--verbose]

For a prompt within reach: the model writes code, a fresh Python process runs it, the output goes
back, and the final reply must state an accepted answer. For one out of reach, the only right
reply is the help text. A refusal of a prompt within reach counts as refused, not as wrong.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import subprocess
import sys
from pathlib import Path

from quorate_tiny_model import _answer

TIMEOUT = 20


def execute(code: str) -> str:
    """Run code in a process of its own and give the message that an executor would send."""
    command = [sys.executable, "-I", "-c", code]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired:
        return "exitcode: 124 (execution failed)\nCode output: Timeout"
    word = "succeeded" if done.returncode == 0 else "failed"
    output = done.stdout + done.stderr
    return f"exitcode: {done.returncode} (execution {word})\nCode output: {output}"


def converse(engine: _answer.Engine, prompt: str, guards: tuple[float, float]) -> list[str]:
    """The model's replies: one, or two when the first held code."""
    messages = [{"role": "user", "content": prompt}]
    replies = [engine.answer(messages, guard=guards[0]).text]
    code = re.search(r"```python\n(.*?)\n```", replies[0], re.DOTALL)
    if code:
        output = {"role": "user", "content": execute(code.group(1))}
        messages += [{"role": "assistant", "content": replies[0]}, output]
        replies.append(engine.answer(messages, guard=guards[1]).text)
    return replies


def normal(text: str) -> str:
    """A text in which equal answers are equal: numbers by value, lists without brackets."""
    text = re.sub(r"[\[\]{}()'\",$]", " ", text.strip())
    return " ".join(number(word) for word in text.split())


def number(word: str) -> str:
    """A number in one form (`12.0` and `12` alike, rounding noise gone); other words unchanged."""
    try:
        return f"{float(word.rstrip('%')):.9g}" if not word.isdigit() else str(int(word))
    except ValueError:
        return word


def verdict(replies: list[str], expect: str | list[str] | None) -> str:
    """`right`, `wrong` or `refused`."""
    if replies[0] == _answer.HELP:
        return "right" if expect is None else "refused"
    if expect is None:
        return "wrong"
    answer = re.sub(r"^The (answer|result) is ", "", replies[-1].removesuffix("\nTERMINATE"))
    accepted = [expect] if isinstance(expect, str) else expect
    ended = replies[-1].endswith("\nTERMINATE")
    return "right" if ended and normal(answer) in map(normal, accepted) else "wrong"


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    parser.add_argument("prompts", type=Path)
    parser.add_argument("--guard", type=float, default=_answer.GUARD)
    parser.add_argument("--guard-code-only", action="store_true", help="no guard on later turns")
    parser.add_argument("--verbose", action="store_true", help="print every prompt not right")
    options = parser.parse_args()
    guards = (options.guard, 0.0 if options.guard_code_only else options.guard)
    engine = _answer.Engine(options.model)
    table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for entry in json.loads(options.prompts.read_text(encoding="utf-8")):
        replies = converse(engine, entry["prompt"], guards)
        result = verdict(replies, entry["expect"])
        reach = "out of reach" if entry["expect"] is None else "in reach"
        table[f"{reach}: {entry['category']}"][result] += 1
        table[f"{reach}: all"][result] += 1
        if options.verbose and result != "right":
            print(f"{result:8} {entry['prompt']!r} -> {replies!r}")
    for name in sorted(table):
        counts = table[name]
        row = "  ".join(f"{key} {counts[key]:3}" for key in ("right", "wrong", "refused"))
        print(f"{name:30} {row}  of {counts.total()}")


if __name__ == "__main__":
    main()
