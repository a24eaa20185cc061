"""The examples in the core's docstrings run as they stand."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import quorate

MODULES = sorted(
    info.name for info in pkgutil.walk_packages(quorate.__path__, "quorate.") if not info.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0, f"{results.failed} of {results.attempted} examples failed; see above"


def test_every_hook_has_an_example() -> None:
    examples = doctest.testmod(importlib.import_module("quorate.hookspecs"))
    assert examples.attempted >= 4 * 4
