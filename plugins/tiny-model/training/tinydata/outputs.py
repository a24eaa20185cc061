"""What execution gives back: outputs, errors, and the model's last word on them."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

from .values import WORDS, a_sentence, a_word, natural

if TYPE_CHECKING:
    import random

# The texts and the numbers of the cut are those of the plugin (`_answer.py`, `_prompt.py`).
HELP = "I am a tiny demonstration model. I can write Python for small tasks such as: What is 37 * 54?\nTERMINATE"
DONE = "Done. The output is shown above.\nTERMINATE"
FAILED = "The code failed to run, so I stop here.\nTERMINATE"
CUT_ABOVE, CUT_KEEPS = 140, 80
ERRORS = (
    "ModuleNotFoundError: No module named",
    "NameError: name is not defined",
    "SyntaxError: invalid syntax",
    "Timeout",
    "ZeroDivisionError: division by zero",
    "PermissionError: [Errno 13] Permission denied",
    "MemoryError",
    "Killed",
    "docker: Error response from daemon",
    "OSError: [Errno 30] Read-only file system",
    "TypeError: unsupported operand",
    "OverflowError: too large",
    "ValueError: invalid literal",
    "IndexError: list index out of range",
    "the code did not finish in time",
)
SUCCESSES = (
    "exitcode: 0 (execution succeeded)\nCode output: \n{}\n",
    "exitcode: 0 (execution succeeded)\nCode output: {}\n",
    "exitcode: 0 (execution succeeded)\nCode output: \n{}",
    "exitcode: 0 (execution succeeded)\nCode output: {}",
    "exitcode: 0\nCode output: {}",
    "exitcode: 0\nCode output:\n{}\n",
)


def run_code(code: str) -> str:
    """What a task's own code prints."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(code, {})  # noqa: S102 - the code comes from this generator
    return printed.getvalue().rstrip("\n")


def is_cut(text: str) -> bool:
    """Whether the chat template cuts this output."""
    return len(text) > CUT_ABOVE


def cut(text: str) -> str:
    """The output as the chat template shows it."""
    return text[:CUT_KEEPS] + "<|cut|>" if is_cut(text) else text


def final(output: str) -> str:
    """The model's last word. One wording only, so that the guard never doubts the wording."""
    return f"The answer is {output}\nTERMINATE" if output.strip() else DONE


def success(r: random.Random, output: str) -> str:
    """The message after code ran."""
    return r.choices(SUCCESSES, [5, 4, 2, 2, 1, 1])[0].format(output)


def failure(r: random.Random) -> str:
    """The message after code failed."""
    place = f'  File "{a_word(r)}.py", line {natural(r)}, in <module>\n'
    body = (
        r.choice(["", "Traceback (most recent call last):\n", place])
        + r.choice(ERRORS)
        + r.choice(["", f" {a_word(r)}", f" '{a_word(r)}'"])
    )
    code = r.choice([1, 1, 1, 2, 124, 137, 139, 255, 126])
    return r.choice(
        [
            f"exitcode: {code} (execution failed)\nCode output: \n{body}\n",
            f"exitcode: {code} (execution failed)\nCode output: {body}",
            f"exitcode: {code}\nCode output: {body}",
        ]
    )


def made_up(r: random.Random) -> str:
    """An output of no particular task, to learn copying."""
    kind = r.random()
    if kind < 0.3:
        return _hard_to_copy(r)
    if kind < 0.36:
        return "".join(r.choice(r.choice(["0123456789abcdef", "01"])) for _ in range(r.randint(1, 12)))
    if kind < 0.44:
        return a_word(r)[::-1]
    if kind < 0.50:
        return a_sentence(r)[:: r.choice([1, 1, -1])]
    if kind < 0.58:
        return repr(r.sample(WORDS, r.randint(1, 6)))[:95].rsplit(",", 1)[0].rstrip("]") + "]"
    return _number_like(r)


def _number_like(r: random.Random) -> str:
    kind = r.random()
    if kind < 0.45:
        return str(r.randint(-(10 ** r.randint(0, 4)), 10 ** r.randint(1, 14)))
    if kind < 0.6:
        return repr(round(r.uniform(0, 10 ** r.randint(0, 5)), r.randint(1, 14)))
    if kind < 0.85:
        top = 10 ** r.randint(1, 4)
        low = -top if r.random() < 0.1 else 0
        return repr([r.randint(low, top) for _ in range(r.randint(1, 18))])[:84].rsplit(",", 1)[0].rstrip("]") + "]"
    return r.choice(["True", "False", "None"]) if kind < 0.94 else a_word(r)


def _hard_to_copy(r: random.Random) -> str:
    """Few distinct symbols, periods, long runs."""
    n, digits = r.randint(2, 26), r.sample("0123456789", r.choice([1, 2, 2, 3, 4, 10]))
    text = "".join(r.choice(digits) for _ in range(n))
    if r.random() > 0.6:
        text = ("".join(r.choice(digits) for _ in range(r.randint(1, 5))) * n)[:n]
    if r.random() < 0.3:
        text = text[:-2] + "00000000"[: r.randint(0, 8)]
    if r.random() < 0.5:
        return text.lstrip("0") or "0"
    return r.choice(["0.", "1.", "12.", "-3.", "407."]) + text[:17]
