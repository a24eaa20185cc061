"""Calls: arguments become what the signature says, and whatever goes wrong is told."""

from __future__ import annotations

import asyncio
import datetime as dt
import enum
import functools
import json
import math
import threading
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field

from quorate import Tool
from quorate._drive import drive, kernel_code
from quorate.tools import ToolResult


class Colour(enum.Enum):
    RED = "red"


class Point(BaseModel):
    x: int


@dataclass
class Line:
    start: Point


@pytest.fixture(params=["blocking", "async"])
def run(request):
    """Run a call of a function, and give the result."""

    def run(func, arguments="{}", **options):
        coroutine = Tool(func, name="f", **options).run({"name": "f", "arguments": arguments})
        return drive(coroutine) if request.param == "blocking" else asyncio.run(coroutine)

    return run


def bound(annotation, value, default=...):
    """What a function gets for a value from a model, as a parameter of this type."""

    def func(value): ...

    func.__annotations__ = {"value": annotation}
    if default is not ...:
        func.__defaults__ = (default,)
    return Tool(func).bind({"arguments": json.dumps(value)})[1]


@pytest.mark.parametrize(
    ("annotation", "given", "got"),
    [
        (int, "3", 3),
        (Point, {"x": 1}, Point(x=1)),
        (list[Point], [{"x": 1}], [Point(x=1)]),
        (Line, {"start": {"x": 1}}, Line(Point(x=1))),
        (Colour, "red", Colour.RED),
        (Point | None, None, None),
        (dt.date, "2024-02-29", dt.date(2024, 2, 29)),
        (set[int], [1, 1], {1}),
        (Any, {"x": 1}, {"x": 1}),
    ],
)
def test_arguments_become_what_the_types_say(annotation, given, got):
    assert bound(annotation, {"value": given}) == {"value": got}


def test_defaults_are_the_functions_own():
    default = []
    assert bound(list[int], {}, default) == {}
    assert bound(int, {}, Field(3)) == {"value": 3}
    assert bound(Annotated[int, Field(default=4)], {}) == {"value": 4}
    assert bound(int, {"value": None}, None) == {"value": None}


def test_arguments_that_are_no_text_and_texts_with_line_breaks_are_understood():
    assert Tool(len, name="f").bind({"arguments": {"obj": "x"}}) == (["x"], {})
    assert bound(str, {"value": "x"}) == {"value": "x"}
    assert Tool(named).bind({"arguments": '{"a": "one\ntwo"}'}) == ([], {"a": "one\ntwo"})


def named(a): ...


async def later(x: int) -> int:
    await asyncio.sleep(0)
    return x + 1


@kernel_code
async def inside(x: int) -> int:
    return x + 1


class Adder:
    def __init__(self, by):
        self.by = by

    def add(self, x: int) -> int:
        return x + self.by

    async def add_later(self, x: int) -> int:
        return await later(x)

    __call__ = add


@pytest.mark.parametrize(
    "func",
    [
        lambda x: int(x) + 1,
        lambda x, /: x + 1,
        lambda **given: given["x"] + 1,
        later,
        inside,
        lambda x: later(int(x)),
        Adder(1).add,
        Adder(1).add_later,
        Adder(1),
        functools.partial(lambda by, x: x + by, 1),
        functools.partial(lambda x, by: x + by, by=1),
    ],
)
def test_functions_of_every_kind_are_called(run, func):
    assert run(func, '{"x": 41}').content == "42"


def test_a_function_that_does_not_say_what_it_takes_is_called_with_what_there_is(run):
    assert run(math.hypot, "{}").content == "0.0"


def test_a_type_that_cannot_be_checked_takes_anything(run):
    def func(a: Nonsense, b: Adder, *rest: int):  # noqa: F821
        return [a, b, rest]

    assert run(func, '{"a": 1, "b": 2}').content == "[1, 2, []]"


def test_no_arguments_are_none(run):
    assert run(lambda: "fine", "").content == "fine"
    assert run(lambda: "fine", None).content == "fine"


def add(a: int, b: int = 0) -> int:
    return a + b


EXPECTED = '; expected: {"type": "object", "properties": {"a": {"type": "integer"}, "b": '


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        ('{"a": 1', "Error: the arguments of f are not JSON (Expecting ',' delimiter: line 1 column 8 (char 7))"),
        ("[1]", "Error: the arguments of f are one JSON object, not list"),
        ("{}", "Error: the arguments of f do not fit: a: is missing"),
        ('{"a": "one", "b": [1]}', 'Error: the arguments of f do not fit: a: Input should be a valid integer, unable to parse string as an integer (given: "one"); b: Input should be a valid integer'),
        ('{"a": 1, "c": 1}', "Error: the arguments of f do not fit: c: is no argument of it"),
    ],
)  # fmt: skip
def test_bad_arguments_are_told_with_what_is_expected(run, arguments, content):
    result = run(add, arguments)
    assert result.failed
    assert result.content.startswith(content + EXPECTED)
    assert str(result.error) == result.content.removeprefix("Error: ")


def test_json_without_end_is_no_json(run):
    assert run(add, "[" * 200_000).content.startswith("Error: the arguments of f are not JSON")


def test_a_place_inside_an_argument_is_named(run):
    def draw(points: list[Point]): ...

    assert "points.1.x: is missing" in run(draw, '{"points": [{"x": 1}, {}]}').content


def test_what_a_plain_function_gives_is_told_where_it_ran():
    """A result that belongs to a thread, such as a cursor of sqlite3, is read there."""
    threads = []

    def rows():
        threads.append(threading.current_thread())
        yield 1
        threads.append(threading.current_thread())

    def query():
        threads.append(threading.current_thread())
        return rows()

    assert asyncio.run(Tool(query).run({"name": "query"})).content == "[1]"
    first, *others = threads
    assert others == [first, first]
    assert first is not threading.current_thread()


def test_a_function_may_say_itself_what_the_model_reads(run):
    given = ToolResult("as I say", failed=True)

    async def func():
        return given

    assert run(func) == run(lambda: given) == given


def test_an_exception_is_told_and_kept(run):
    def fail():
        raise LookupError("no such city")

    result = run(fail)
    assert (result.content, result.failed) == ("Error: f failed with LookupError: no such city", True)
    assert isinstance(result.error, LookupError)


def test_what_a_function_cancels_itself_ends_its_call_only(run):
    async def fetch():
        waiting = asyncio.ensure_future(asyncio.sleep(60))
        waiting.cancel()
        await waiting

    result = run(fetch)
    assert result.content == "Error: f failed with ToolError: something that it waited for was cancelled"


def test_a_call_that_is_cancelled_has_no_result():
    async def main():
        tool = Tool(asyncio.sleep, name="wait")
        call = asyncio.create_task(tool.run({"name": "wait", "arguments": '{"delay": 60}'}))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_ends_it(error):
    def fail():
        raise error

    with pytest.raises(error):
        drive(Tool(fail).run({"name": "fail", "arguments": "{}"}))
