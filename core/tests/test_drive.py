"""The door: one kernel coroutine, driven by hand or by an event loop, with equal results."""

from __future__ import annotations

import asyncio
import functools
import threading
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from quorate._drive import call, current_step, drive, gather, is_async, kernel_code, open_run, perform, within
from quorate.errors import DoorError


@pytest.fixture(params=["blocking", "async"])
def run(request):
    """Run a kernel coroutine to its end, in one mode or the other."""
    return drive if request.param == "blocking" else asyncio.run


def add(a, b=1):
    return a + b


async def add_later(a, b=1):
    await asyncio.sleep(0)
    return a + b


class AddsLater:
    async def __call__(self, a, b=1):
        await asyncio.sleep(0)
        return a + b


class Answer:
    """An awaitable that is no coroutine."""

    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield from asyncio.sleep(0).__await__()
        return self.value


@kernel_code
async def add_in_kernel(a, b=1):
    return await call("tool", add_later, a, b)


CALLABLES = {
    "a plain function": add,
    "a coroutine function": add_later,
    "an object with an async __call__": AddsLater(),
    "a partial of a coroutine function": functools.partial(add_later, b=5),
    "a partial of an object with an async __call__": functools.partial(AddsLater(), b=5),
    "a bound coroutine method": AddsLater().__call__,
    "a plain function that gives a coroutine": lambda a, b=1: add_later(a, b),
    "a plain function that gives another awaitable": lambda a, b=1: Answer(a + b),
    "kernel code": add_in_kernel,
}


@pytest.mark.parametrize("func", CALLABLES.values(), ids=CALLABLES)
def test_whatever_can_be_called_can_pass_the_door(run, func):
    async def kernel():
        return await call("tool", func, 2), await perform(func, 3, b=5), await within(30, func, 4, b=5)

    alone = 7 if isinstance(func, functools.partial) else 3
    assert run(kernel()) == (alone, 8, 9)


def test_a_class_with_an_async_call_is_no_coroutine_function(run):
    async def kernel():
        return await call("tool", AddsLater)

    assert not is_async(AddsLater)
    assert isinstance(run(kernel()), AddsLater)


def test_a_result_that_answers_to_every_name_is_a_result(run):
    class Proxy:
        def __getattr__(self, name):
            return f"remote {name}"

    proxy = Proxy()

    async def kernel():
        return await call("tool", lambda: proxy)

    assert run(kernel()) is proxy


# -- errors


def fail(text):
    raise LookupError(text)


async def fail_later(text):
    await asyncio.sleep(0)
    raise LookupError(text)


@pytest.mark.parametrize("func", [fail, fail_later])
def test_an_error_keeps_its_type_its_object_and_its_traceback(run, func):
    async def kernel():
        try:
            await call("tool", func, "no such thing")
        except LookupError as error:
            caught.append(error)
            raise

    caught = []
    with pytest.raises(LookupError, match="no such thing") as raised:
        run(kernel())
    assert raised.value is caught[0]
    names = [frame.name for frame in traceback.extract_tb(raised.value.__traceback__)]
    assert names[-1] == func.__name__
    assert "kernel" in names


def test_kernel_code_goes_on_after_an_error(run):
    async def kernel():
        try:
            await call("tool", fail, "first")
        except LookupError:
            return await call("tool", add_later, 1)

    assert run(kernel()) == 2


@pytest.mark.parametrize("later", [False, True])
def test_stop_iteration_does_not_look_like_an_end(run, later):
    def stop():
        raise StopIteration(5)

    async def stop_later():
        raise StopIteration(5)

    async def kernel():
        return await call("tool", stop_later if later else stop)

    with pytest.raises(RuntimeError, match="raised StopIteration"):
        run(kernel())


class Strange:
    """A bare object in a yield, as other frameworks' awaitables give."""

    def __await__(self):
        yield self


AWAITED = {
    "asyncio.sleep": lambda: asyncio.sleep(0.01),
    "a bare yield": lambda: asyncio.sleep(0),
    "a strange object": Strange,
    "asyncio.to_thread": lambda: asyncio.to_thread(add, 1),
}


@pytest.mark.parametrize("awaited", AWAITED.values(), ids=AWAITED)
@pytest.mark.parametrize("looped", [False, True], ids=["no loop", "a loop runs"])
def test_kernel_code_that_awaits_something_else_fails_at_once(awaited, looped):
    cleaned = []

    async def my_kernel_code():
        try:
            await awaited()
        finally:
            cleaned.append(await call("tool", add, 1))

    async def notebook():
        drive(my_kernel_code())

    with pytest.raises(DoorError, match=r"my_kernel_code ran as a blocking call and awaited .*quorate\.call"):
        asyncio.run(notebook()) if looped else drive(my_kernel_code())
    assert cleaned == [2]


def test_awaiting_a_future_fails_at_once():
    async def my_kernel_code(future):
        await future

    async def notebook():
        drive(my_kernel_code(asyncio.get_running_loop().create_future()))

    with pytest.raises(DoorError, match=r"my_kernel_code .* awaited <Future pending"):
        asyncio.run(notebook())


@pytest.mark.parametrize("in_branches", [False, True])
def test_a_function_that_misses_an_event_loop_keeps_its_own_error(in_branches):
    async def kernel():
        if in_branches:
            return await gather(call("tool", add, 1), call("tool", asyncio.get_running_loop))
        return await call("tool", asyncio.get_running_loop)

    with pytest.raises(RuntimeError, match="no running event loop") as raised:
        drive(kernel())
    assert not isinstance(raised.value, DoorError)


# -- steps


def address():
    return current_step().address


async def address_later():
    return current_step().address


@kernel_code
async def addresses_inside():
    return [address(), await call("tool", address), await call("tool", address_later)]


def test_steps_have_the_same_addresses_in_both_modes(run):
    async def branch():
        return [address(), await call("tool", address), await call("tool", address_later)]

    async def kernel():
        with open_run():
            flat = [await call("model", address), await call("tool", address_later), address()]
            inside = await call("reply", addresses_inside)
            branches = await gather(branch(), branch())
            with open_run():
                after = await call("tool", address)
        return flat, inside, branches, after, current_step()

    assert run(kernel()) == (
        ["0", "1", ""],
        ["2", "2.0", "2.1"],
        [["3.0", "3.0.0", "3.0.1"], ["3.1", "3.1.0", "3.1.1"]],
        "4",
        None,
    )


def test_without_a_run_there_are_no_steps(run):
    async def kernel():
        return await call("tool", current_step), await gather(call("tool", current_step))

    assert run(kernel()) == (None, [None])


def test_a_step_is_left_when_it_fails(run):
    async def kernel():
        with open_run() as root:
            with pytest.raises(LookupError):
                await call("tool", fail_later, "x")
            return current_step() is root, await call("tool", address)

    assert run(kernel()) == (True, "1")


def test_a_nested_blocking_run_goes_on_in_the_step_it_is_in(run):
    async def nested():
        with open_run():
            return await call("tool", address_later)

    async def kernel():
        with open_run():
            await call("tool", add, 1)
            return await call("reply", lambda: drive(nested()))

    assert run(kernel()) == "1.0"


# -- where things run

COLOUR: ContextVar[str] = ContextVar("colour", default="none")


def test_functions_see_the_caller_s_context(run):
    async def kernel():
        COLOUR.set("green")
        alone = await call("tool", COLOUR.get), await call("tool", colour_later)
        return alone, await gather(call("tool", COLOUR.get), call("tool", colour_later))

    async def colour_later():
        return COLOUR.get()

    assert run(kernel()) == (("green", "green"), ["green", "green"])


def test_plain_functions_run_in_the_caller_s_thread():
    async def kernel():
        return await call("tool", threading.get_ident), await call("tool", ident_later)

    async def ident_later():
        return threading.get_ident()

    plain, later = drive(kernel())
    assert plain == threading.get_ident()
    assert later != plain


def test_plain_functions_do_not_hold_up_an_event_loop():
    async def kernel(event):
        return await call("tool", event.wait, 30)

    async def main():
        event = threading.Event()
        waiting = asyncio.create_task(kernel(event))
        await asyncio.sleep(0)
        event.set()
        return await waiting

    assert asyncio.run(main())


def test_a_blocking_call_works_inside_a_running_loop():
    async def notebook():
        async def kernel():
            return await gather(call("tool", add, 1), call("tool", add_later, 2))

        return drive(kernel())

    assert asyncio.run(notebook()) == [2, 3]


def test_blocking_calls_work_from_sixteen_threads_at_once():
    together = threading.Barrier(16)

    async def kernel(number):
        await call("tool", together.wait, 30)
        with open_run():
            return await call("tool", add_later, number), await call("tool", address_later)

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda number: drive(kernel(number)), range(16)))
    assert results == [(number + 1, "1") for number in range(16)]


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_blocking_calls_nest_sixty_deep(run, kind):
    async def kernel(depth):
        if depth == 0:
            return await call("tool", add_later, 0)
        if kind == "plain":
            return 1 + await call("reply", lambda: drive(kernel(depth - 1)))
        return 1 + await call("reply", nested, depth - 1)

    async def nested(depth):
        return await kernel(depth)

    assert run(kernel(60)) == 61
