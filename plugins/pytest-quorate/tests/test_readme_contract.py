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


def run(pytester, pytestconfig, code):
    pytester.makepyfile(test_example=code)
    by_name = () if pytestconfig.pluginmanager.hasplugin("quorate") else ("-p", "pytest_quorate.plugin")
    return pytester.runpytest_subprocess(*by_name, "-p", "no:cacheprovider")


def test_the_client_in_this_process(pytester, pytestconfig):
    run(pytester, pytestconfig, block("class TestParrot")).assert_outcomes(passed=50)


@pytest.mark.skipif(importlib.util.find_spec("quorate_openai_client") is None, reason="needs quorate-openai-client")
def test_the_client_of_an_endpoint_is_collected(pytester, pytestconfig):
    pytester.makepyfile(test_example=block("class TestContract"))
    by_name = () if pytestconfig.pluginmanager.hasplugin("quorate") else ("-p", "pytest_quorate.plugin")
    result = pytester.runpytest_subprocess(
        *by_name, "-p", "no:cacheprovider", "-k", "test_rate_limits or closing_twice"
    )
    assert result.parseoutcomes()["passed"] == 9
