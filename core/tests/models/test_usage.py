"""Usage: tokens and cost by model, with and without cached answers, free, priced and unpriced."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quorate import CreateResult, Usage
from quorate.models.usage import Tally, UsageSummary, count, open_tally


def result(cost=0.0, *, model="m", tokens=(1, 2), cached=False):
    return CreateResult("text", model=model, usage=Usage(*tokens) if tokens else None, cost=cost, cached=cached)


def test_nothing_used_costs_nothing():
    summary = UsageSummary()
    assert not summary
    assert summary.as_dict() == {"total_cost": 0}


@pytest.mark.parametrize(
    ("costs", "total"),
    [((0.0,), 0.0), ((0.5, 0.25), 0.75), ((None,), None), ((0.5, None), None), ((None, 0.5, 0.5), None)],
)
def test_a_model_with_one_unpriced_answer_is_unpriced(costs, total):
    summary = UsageSummary()
    for cost in costs:
        summary.add(result(cost))
    assert summary
    assert summary.total_cost == total
    assert summary.as_dict()["m"]["cost"] == total


def test_one_unpriced_model_leaves_the_others_priced():
    summary = UsageSummary()
    summary.add(result(0.5, model="priced"))
    summary.add(result(None, model="unpriced", tokens=None))
    assert summary.as_dict() == {
        "total_cost": None,
        "priced": {"cost": 0.5, "prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3},
        "unpriced": {"cost": None, "prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0},
    }


def test_an_answer_without_a_models_name():
    summary = UsageSummary()
    summary.add(result(model=""))
    assert "unknown" in summary.as_dict()


def test_usages_add_up():
    total = Usage(1, 2, 3, 4) + Usage(10, 20, 30, 40)
    assert (total, total.total_tokens) == (Usage(11, 22, 33, 44), 33)


def test_cached_answers_are_counted_apart():
    tally = Tally()
    tally.add(result(0.5))
    tally.add(result(0.25, cached=True))
    both, actual = tally.as_dict().values()
    assert list(tally.as_dict()) == ["usage_including_cached_inference", "usage_excluding_cached_inference"]
    assert (both["total_cost"], actual["total_cost"]) == (0.75, 0.5)
    assert (both["m"]["total_tokens"], actual["m"]["total_tokens"]) == (6, 3)


def test_a_tally_counts_what_is_used_inside_it_and_in_those_inside():
    count(result(100.0))
    with open_tally() as outer:
        count(result(1.0))
        with open_tally() as inner:
            count(result(2.0))
        count(result(4.0))
    count(result(100.0))
    assert (inner.total.total_cost, outer.total.total_cost) == (2.0, 7.0)


def test_tallies_of_tasks_and_threads_are_apart():
    async def one_of(cost):
        with open_tally() as tally:
            await asyncio.sleep(0)
            count(result(cost))
            await asyncio.sleep(0)
        return tally.total.total_cost

    async def all_of():
        return await asyncio.gather(*map(one_of, (1.0, 2.0, 4.0)))

    with open_tally() as around:
        assert asyncio.run(all_of()) == [1.0, 2.0, 4.0]
        thread = threading.Thread(target=lambda: count(result(100.0)))
        thread.start()
        thread.join()
    assert around.total.total_cost == 7.0
