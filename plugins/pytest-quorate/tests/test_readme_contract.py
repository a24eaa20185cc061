"""The README's contract examples, run as a plugin author would run them."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

pytest_plugins = "pytester"

README = Path(__file__).parents[1] / "README.md"


def block(word):
    blocks = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    return next(each for each in blocks if word in each)


def test_the_client_in_this_process(run_tests):
    run_tests(block("class TestParrot")).assert_outcomes(passed=52)


@pytest.mark.skipif(importlib.util.find_spec("quorate_openai_client") is None, reason="needs quorate-openai-client")
def test_the_client_of_an_endpoint(run_tests):
    result = run_tests(block("class TestContract"), "-k", "test_rate_limits or closing_twice")
    assert result.parseoutcomes()["passed"] == 9
