"""What one registration of a function tells the next one, and names that models make up."""

from __future__ import annotations

import functools
import gc

import pytest

from quorate.tools import SharedNames
from quorate.tools.names import allowed_name


def func(): ...


class Bag:
    __hash__ = None

    def __call__(self): ...

    def method(self): ...


def test_what_is_said_is_kept_beside_the_function():
    shared = SharedNames()
    assert shared.of(func) == (None, None)
    shared.say(func, "name", None)
    assert shared.of(func) == ("name", None)
    shared.say(func, None, "description")
    assert shared.of(func) == ("name", "description")
    shared.say(func, "other", None)
    assert shared.of(func) == ("other", "description")
    assert not vars(func)
    assert SharedNames().of(func) == (None, None)


def test_methods_and_partials_are_functions_like_others():
    class Plain:
        def method(self): ...

    shared, one, two = SharedNames(), Plain(), Plain()
    method, partial = one.method, functools.partial(func)
    shared.say(method, "method", None)
    shared.say(partial, "partial", None)
    assert (shared.of(one.method).name, shared.of(partial).name) == ("method", "partial")
    assert shared.of(two.method).name is None


def test_functions_are_forgotten_when_nobody_has_them():
    shared = SharedNames()
    shared.say(lambda: 1, "name", None)
    gc.collect()
    assert not shared._said


def test_what_cannot_be_remembered_is_not():
    shared, bag = SharedNames(), Bag()
    shared.say(bag, "name", "description")
    assert shared.of(bag) == (None, None)


@pytest.mark.parametrize(
    ("made_up", "allowed"),
    [("add", "add"), ("functions.add", "functions_add"), ("add two", "add_two"), ("x" * 70, "x" * 64)],
)
def test_names_that_models_make_up(made_up, allowed):
    assert allowed_name(made_up) == allowed
