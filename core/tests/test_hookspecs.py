"""The contract with plugins: plain hooks, and examples that run."""

from __future__ import annotations

import doctest
import inspect

import pluggy
import pytest

from quorate import hookspecs
from quorate._plugins import KINDS

HOOKS = [
    "quorate_code_executors",
    "quorate_config_loaders",
    "quorate_model_clients",
    "quorate_price_sources",
    "quorate_reply_functions",
]


def test_every_example_runs():
    finder = doctest.DocTestFinder(exclude_empty=True)
    runner = doctest.DocTestRunner()
    tests = [test for test in finder.find(hookspecs) if test.examples]
    assert sorted(test.name.rpartition(".")[2] for test in tests) == HOOKS
    for test in tests:
        told = []
        runner.run(test, out=told.append)
        assert runner.failures == 0, "".join(told)


def test_each_hook_has_a_kind_of_record():
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    assert sorted(name for name in vars(manager.hook) if name.startswith("quorate_")) == HOOKS
    assert sorted(hook for hook, _ in KINDS.values()) == HOOKS


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_takes_nothing_and_is_asked_of_every_plugin(name):
    hook = getattr(hookspecs, name)
    assert not inspect.signature(hook).parameters
    assert not hook.quorate_spec["firstresult"]
    assert not hook.quorate_spec["historic"]
