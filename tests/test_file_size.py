"""A file is a room: it says on its first line what it is for, and it stays small."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST = 400
PLACES = (
    "*.py",
    "benchmarks/**/*.py",
    "core/**/*.py",
    "docs/*.py",
    "examples/**/*.py",
    "plugins/*/src/**/*.py",
    "plugins/*/tests/**/*.py",
    "plugins/*/training/**/*.py",
    "tests/**/*.py",
)
FILES = sorted({path.relative_to(ROOT).as_posix() for place in PLACES for path in ROOT.glob(place)})


def faults(text: str) -> list[str]:
    """What is wrong with the size and the first line of a Python file."""
    lines = text.splitlines()
    found = [f"{len(lines)} lines; {LONGEST} at most"] if len(lines) > LONGEST else []
    purpose = ast.get_docstring(ast.parse(text))
    if not purpose and not (lines and lines[0].startswith("# ") and not lines[0].startswith("# ///")):
        found.append("does not say on its first line what it is for")
    return found


def test_there_are_files() -> None:
    assert "core/src/quorate/errors.py" in FILES


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_small_and_says_what_it_is_for(file: str) -> None:
    assert not faults((ROOT / file).read_text(encoding="utf-8"))


def test_faults_are_seen() -> None:
    assert faults("x = 1\n" * (LONGEST + 1)) == [
        "401 lines; 400 at most",
        "does not say on its first line what it is for",
    ]
