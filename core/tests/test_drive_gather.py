"""The door: kernel coroutines side by side."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quorate._drive import call, drive, gather
from quorate.errors import DoorError


@pytest.fixture(params=["blocking", "async"])
def run(request):
    """Run a kernel coroutine to its end, in one mode or the other."""
    return drive if request.param == "blocking" else asyncio.run


def test_results_come_in_the_order_of_the_branches(run):
    first_may_end = threading.Event()

    async def slow():
        await call("tool", first_may_end.wait, 30)
        return "slow"

    async def quick():
        await call("tool", first_may_end.set)
        return "quick"

    async def kernel():
        return await gather(slow(), quick())

    assert run(kernel()) == ["slow", "quick"]


def test_no_branches_give_no_results(run):
    async def kernel():
        return await gather()

    assert run(kernel()) == []


def test_plain_functions_overlap(run):
    meeting = threading.Barrier(3)

    async def kernel():
        return await gather(*(call("tool", meeting.wait, 30) for _ in range(3)))

    assert sorted(run(kernel())) == [0, 1, 2]  # each waits for the two others


def test_coroutine_functions_overlap(run):
    meeting = asyncio.Barrier(3)

    async def meet():
        async with asyncio.timeout(30):
            return await meeting.wait()

    async def kernel():
        return await gather(*(call("tool", meet) for _ in range(3)))

    assert sorted(run(kernel())) == [0, 1, 2]


def test_one_branch_alone_runs_in_the_caller_s_thread():
    async def kernel():
        return await gather(call("tool", threading.get_ident))

    assert drive(kernel()) == [threading.get_ident()]


def test_several_branches_have_a_thread_each():
    meeting = threading.Barrier(2)

    def ident():
        meeting.wait(30)
        return threading.get_ident()

    async def kernel():
        return await gather(call("tool", ident), call("tool", ident))

    assert len({*drive(kernel()), threading.get_ident()}) == 3


def test_the_first_failure_in_order_is_raised_after_all_have_ended(run):
    last_has_failed = threading.Event()
    ended = []

    async def fails_late():
        await call("tool", last_has_failed.wait, 30)
        ended.append("first")
        raise LookupError("first")

    async def fails_at_once():
        ended.append("last")
        last_has_failed.set()
        raise KeyError("last")

    async def kernel():
        await gather(call("tool", dict), fails_late(), fails_at_once())

    with pytest.raises(LookupError, match="first"):
        run(kernel())
    assert ended == ["last", "first"]


def test_an_error_that_is_a_result_is_a_result(run):
    async def gives():
        return LookupError("found, not raised")

    async def kernel():
        return await gather(gives(), gives())

    assert [type(result) for result in run(kernel())] == [LookupError, LookupError]


def test_gathers_nest(run):
    async def leaf(number):
        return await call("tool", lambda: number)

    async def branch(number):
        return await gather(leaf(number), leaf(number + 1))

    async def kernel():
        return await gather(branch(0), branch(10))

    assert run(kernel()) == [[0, 1], [10, 11]]


def test_a_branch_that_awaits_something_else_fails():
    async def wrong():
        await asyncio.sleep(0.01)

    async def kernel():
        await gather(call("tool", dict), wrong())

    with pytest.raises(DoorError, match="awaited an asyncio object"):
        drive(kernel())


def test_branches_on_the_loop_thread_fail_rather_than_hang():
    """Branches in threads would wait for the loop thread, which waits for them."""

    async def tool():
        async def kernel():
            return await gather(call("tool", asyncio.sleep, 0), call("tool", asyncio.sleep, 0))

        return drive(kernel())

    with pytest.raises(DoorError, match="would wait for itself"):
        drive(call("tool", tool))


def test_plain_branches_on_the_loop_thread_run_in_turn():
    async def tool():
        async def kernel():
            return await gather(call("tool", lambda: 1), call("tool", lambda: 2))

        return drive(kernel())

    assert drive(call("tool", tool)) == [1, 2]
