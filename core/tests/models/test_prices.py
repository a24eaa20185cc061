"""What an answer cost: by the configuration, by its client's word, or as the price sources of plugins know."""

from __future__ import annotations

import math
import subprocess
import sys
import warnings

import pytest

from quorate import (
    BaseChatCompletionClient,
    CreateResult,
    InvalidPlugin,
    ModelClientRecord,
    PluginWarning,
    Price,
    PriceSourceRecord,
    Usage,
    hookimpl,
)


class Model(BaseChatCompletionClient):
    """Answers with the usage and cost that its parameters say."""

    async def create(self, messages, **request):
        params = self.config.params
        usage = Usage(*params["used"]) if params.get("used") else None
        return CreateResult("hi", model=f"{self.config.model}-2026", usage=usage, cost=params.get("cost"))


class Source:
    """A plugin with one price source, which keeps what it was asked."""

    def __init__(self, name, known, plugin=None):
        self.name, self.known, self.asked = name, known, []
        self.plugin = plugin or name

    @hookimpl
    def quorate_price_sources(self):
        yield PriceSourceRecord(name=self.name, factory=self.price)

    def price(self, result, config, client):
        self.asked.append((result.model, config.base_url, client))
        if isinstance(self.known, Exception):
            raise self.known
        return self.known


@pytest.fixture
def client(kernel):
    """A client whose one model used 10 + 2 tokens, unless told otherwise; sources are plugins named as they are."""

    def make(*sources, **entry):
        for source in sources:
            kernel.register(source, source.plugin)
        kernel.register_model_client(Model)
        return kernel.chat_client({"model": "m", "model_client_cls": "Model", "used": [10, 2], **entry})

    return make


def told(result):
    return result.cost, result.price_source


KNOWN = Price(0.5, "a list of 2026-01-01")


def test_without_any_price_an_answer_is_unpriced_and_not_free(client, ask):
    assert told(ask(client())[0]) == (None, None)


def test_the_configurations_price_wins(client, ask):
    source = Source("s", KNOWN)
    cost, where = told(ask(client(source, price=[1, 2], cost=9.0))[0])
    assert (cost, where) == (pytest.approx(0.014), "price in llm_config")
    assert source.asked == []


def test_where_a_shared_price_stands(kernel, ask):
    kernel.register_model_client(Model)
    shared = {"config_list": [{"model": "m", "model_client_cls": "Model", "used": [1, 1]}], "price": 1}
    assert ask(kernel.chat_client(shared))[0].price_source == "price in llm_config"
    shared["config_list"][0]["price"] = 2
    assert ask(kernel.chat_client(shared))[0].price_source == "price in llm_config.config_list[0]"


@pytest.mark.parametrize("cost", [0.0, 0.25])
def test_what_the_client_says_comes_next(client, ask, cost):
    source = Source("s", KNOWN)
    assert told(ask(client(source, cost=cost))[0]) == (cost, "declared by the client Model")
    assert source.asked == []


def test_then_a_price_source_is_asked_once_for_each_answer(client, ask):
    source = Source("s", KNOWN)
    assert told(ask(client(source, base_url="http://mine.test/v1"))[0]) == (0.5, "a list of 2026-01-01")
    assert source.asked == [("m-2026", "http://mine.test/v1", "Model")]


def test_sources_are_asked_by_name_and_the_first_that_knows_is_believed(client, ask):
    """Not by the plugins' names, and not in the order in which they came."""
    last, first = Source("c", KNOWN, plugin="x"), Source("a", None, plugin="z")
    second = Source("b", Price(0.0, "free"), plugin="y")
    assert told(ask(client(last, second, first))[0]) == (0.0, "free")
    assert [len(source.asked) for source in (first, second, last)] == [1, 1, 0]


def test_a_source_that_does_not_know_leaves_it_unpriced(client, ask):
    assert told(ask(client(Source("s", None)))[0]) == (None, None)


@pytest.mark.parametrize("price", [{}, {"price": [1, 1]}])
def test_an_answer_without_usage_cannot_be_priced(client, ask, price):
    source = Source("s", KNOWN)
    assert told(ask(client(source, used=None, **price))[0]) == (None, None)
    assert source.asked == []


def test_a_source_is_told_the_endpoint_and_the_client_that_were_not_spelled_out(kernel, ask):
    class Plugin:
        @hookimpl
        def quorate_model_clients(self):
            yield ModelClientRecord(name="hosted", factory=Model, base_url="https://hosted.test/v1", default=True)

    source = Source("s", KNOWN)
    kernel.register(Plugin(), "hosted")
    kernel.register(source, "s")
    ask(kernel.chat_client({"model": "m", "used": [1, 1]}))
    assert source.asked == [("m-2026", "https://hosted.test/v1", "hosted")]


@pytest.mark.parametrize(
    "wrong",
    [
        RuntimeError("no table"),
        0.5,
        (0.5, "s"),
        Price(-1.0, "s"),
        Price(math.nan, "s"),
        Price(math.inf, "s"),
        Price("1", "s"),  # type: ignore[arg-type]
    ],
    ids=repr,
)
def test_a_source_that_fails_is_told_once_and_the_next_one_is_asked(client, ask, wrong):
    made = client(Source("bad", wrong), Source("good", KNOWN))
    with pytest.warns(PluginWarning, match="the price source 'bad' of the plugin bad failed, .* unpriced: ") as caught:
        results = [ask(made)[0] for _ in range(3)]
    assert len(caught) == 1
    assert [told(result) for result in results] == [(0.5, "a list of 2026-01-01")] * 3


def test_a_source_that_cannot_be_imported_is_told_once(kernel, client, ask):
    class Plugin:
        @hookimpl
        def quorate_price_sources(self):
            yield PriceSourceRecord(name="gone", factory="no_such_module_of_ours:price")

    kernel.register(Plugin(), "gone")
    made = client()
    with pytest.warns(PluginWarning, match="the price source 'gone' of the plugin gone failed") as caught:
        assert [told(ask(made)[0]) for _ in range(3)] == [(None, None)] * 3
    assert len(caught) == 1


def test_a_source_that_is_taken_out_is_no_longer_asked(kernel, client, ask):
    made = client(Source("s", KNOWN))
    ask(made)
    kernel.unregister("s")
    assert ask(made)[0].cost is None
    kernel.register(Source("s", Price(2.0, "another")), "s")
    assert ask(made)[0].cost == 2.0


def test_a_stored_answer_keeps_its_cost_and_where_it_is_from(client, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    source = Source("s", KNOWN)
    made = client(source, cache_seed=1)
    results = [ask(made)[0] for _ in range(2)]
    assert [(result.cached, *told(result)) for result in results] == [
        (False, *told(results[0])),
        (True, *told(results[0])),
    ]
    assert len(source.asked) == 1


def test_a_summary_says_where_its_prices_are_from(client, ask):
    made = client(Source("s", KNOWN))
    for _ in range(2):
        ask(made)
    assert made.usage.total.price_sources == ("a list of 2026-01-01",)
    assert made.total_usage_summary["total_cost"] == 1.0


def test_a_record_of_another_kind_is_refused(kernel):
    class Plugin:
        @hookimpl
        def quorate_price_sources(self):
            yield ModelClientRecord(name="x", factory="m:f")

    with pytest.raises(
        InvalidPlugin, match="quorate_price_sources yielded ModelClientRecord; it must yield PriceSourceRecord"
    ):
        kernel.register(Plugin(), "x")


PROGRAM = """
import sys
from quorate import CreateResult, PriceSourceRecord, Usage, hookimpl
from quorate._drive import drive
from quorate.testing import ScriptedClient, isolated_kernel

class Plugin:
    @hookimpl
    def quorate_price_sources(self):
        yield PriceSourceRecord(name="late", factory="colorsys:rgb_to_hsv")

priced, unpriced = CreateResult("a", usage=Usage(1, 1), cost=0.0), CreateResult("b", usage=Usage(1, 1))
with isolated_kernel(ScriptedClient(script=[priced, unpriced]), Plugin()) as kernel:
    client = kernel.chat_client({"model": "m"})
    for _ in range(2):
        drive(client.create([]))
        print("colorsys" in sys.modules)
"""


def test_a_source_is_imported_when_an_answer_needs_it():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.split() == ["False", "True"], done.stderr


def test_no_price_costs_a_warning(client, ask):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ask(client(Source("s", None)))
