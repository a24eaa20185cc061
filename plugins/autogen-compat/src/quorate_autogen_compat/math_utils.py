r"""Answers of mathematical problems: the last ``\boxed{...}`` of a solution, and whether two answers are the same."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from quorate_autogen_compat._missing import refusing

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["eval_math_responses", "get_answer", "is_equiv", "last_boxed_only_string", "remove_boxed", "voting_counts"]

MISSING = {"solve_problem": "no function here asks a model behind your back; ask an AssistantAgent in a chat"}

__getattr__ = refusing(__name__, MISSING)

_BOXED = re.compile(r"\\f?boxed\s*(?=\{)|\\boxed (?P<bare>[^$\s]+)")
_UNITS = re.compile(r"\\(?:text|mbox|mathrm)\{\s+[^{}]*\}$")
_DECORATION = re.compile(r"\\(?:left|right|!|\$|%)|\^\{?\\circ\}?|\\(?:,|;|:| )|%|\$")
_SHORT_FRACTION = re.compile(r"\\frac\s*(\{[^{}]*\}|[^{\s])\s*(\{[^{}]*\}|[^{\s])")
_SLASH = re.compile(r"(-?)(\d+)/(\d+)")
_ROOT = re.compile(r"\\sqrt\s*(\w)")


def last_boxed_only_string(string: str) -> str | None:
    r"""The last ``\boxed{...}`` of a text, with its braces; None when there is none, or it is never closed."""
    for found in reversed(list(_BOXED.finditer(string))):
        if found["bare"] is not None:
            return found[0]
        depth = 0
        for at in range(found.end(), len(string)):
            depth += {"{": 1, "}": -1}.get(string[at], 0)
            if depth == 0:
                return string[found.start() : at + 1]
    return None


def remove_boxed(string: str) -> str | None:
    r"""What stands in ``\boxed{...}``; None when the text is no box."""
    if (found := _BOXED.match(string)) is None:
        return None
    if found["bare"] is not None:
        return str(found["bare"])
    return string[found.end() + 1 : -1] if string.endswith("}") else None


def get_answer(solution: str | None) -> str | None:
    """The answer in the last box of a solution; None when there is none."""
    box = last_boxed_only_string(solution or "")
    return remove_boxed(box) if box is not None else None


def is_equiv(str1: str | None, str2: str | None) -> float:
    r"""Whether two answers are the same but for how they are written: 1.0 or 0.0.

    Spaces, ``$``, signs for degrees and percent, units in text, ``\dfrac`` for ``\frac``, braces left out,
    ``1/2`` for a fraction, ``.5`` for ``0.5``, and ``x =`` before the answer do not count. Nothing is computed.
    """
    if str1 is None or str2 is None:
        return float(str1 is str2)
    return float(_plain(str1) == _plain(str2))


def _plain(answer: str) -> str:
    text = _UNITS.sub("", answer.replace("\n", "").strip())
    text = re.sub(r"\\[td]frac", r"\\frac", text)
    text = _DECORATION.sub("", text).replace(" ", "").rstrip(".")
    before, equals, after = text.partition("=")
    if equals and len(before) <= 2:
        text = after
    text = re.sub(r"(^|[^\d])\.(\d)", r"\g<1>0.\2", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))(?![^()]*\))", "", text)
    text = _ROOT.sub(r"\\sqrt{\1}", text)
    text = _SHORT_FRACTION.sub(lambda found: f"\\frac{_braced(found[1])}{_braced(found[2])}", text)
    if whole := _SLASH.fullmatch(text):
        text = f"{whole[1]}\\frac{{{whole[2]}}}{{{whole[3]}}}"
    return "\\frac{1}{2}" if text == "0.5" else text


def _braced(text: str) -> str:
    return text if text.startswith("{") else f"{{{text}}}"


def voting_counts(responses: Sequence[str]) -> Counter[str]:
    """How often each answer is given, under the way in which it is given first."""
    counts: Counter[str] = Counter()
    for answer in filter(None, map(get_answer, responses)):
        counts[next((known for known in counts if is_equiv(known, answer)), answer)] += 1
    return counts


def eval_math_responses(responses: Sequence[str], solution: str | None = None, **args: Any) -> dict[str, Any]:
    """Judge the responses to one problem.

    Args:
        responses: what was answered.
        solution: the right solution, with its answer in a box; without it, all counts are of agreement only.
        **args: not used.

    Returns:
        ``expected_success`` (the chance that of as many responses, drawn at random with
        repetition, one is right), ``success`` (one is right),
        ``success_vote`` (the answer given most often is right), ``voted_answer`` (that answer's response) and
        ``votes`` (how often it is given). With no response, the first three are 0.
    """
    del args
    if not responses:
        return {"expected_success": 0, "success": 0, "success_vote": 0, "voted_answer": None, "votes": 0}
    answer = get_answer(solution)
    right = [is_equiv(get_answer(response), answer) if solution is not None else 0.0 for response in responses]
    counts = voting_counts(responses)
    voted, votes = counts.most_common(1)[0] if counts else (None, 0)
    response = next((one for one in responses if is_equiv(get_answer(one), voted)), None) if voted else None
    return {
        "expected_success": 1 - (1 - sum(right) / len(right)) ** len(right),
        "success": any(right),
        "success_vote": is_equiv(voted, answer) if solution is not None and voted is not None else 0.0,
        "voted_answer": response,
        "votes": votes,
    }
