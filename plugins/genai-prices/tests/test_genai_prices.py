"""The price source on the tables of the installed genai-prices, alone and in a conversation."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime

import genai_prices
import pytest
from genai_prices import data_snapshot

import quorate_genai_prices
from quorate import BaseChatCompletionClient, CreateResult, ModelConfig, Usage
from quorate._drive import drive
from quorate.testing import isolated_kernel

OPENAI = "https://api.openai.com/v1"
HELLO = [{"role": "user", "content": "hello"}]
USAGE = Usage(1000, 100)


@pytest.fixture
def kernel():
    with isolated_kernel() as kernel:
        kernel.register(quorate_genai_prices, "genai-prices")
        yield kernel


@pytest.fixture
def price_of(kernel):
    """Ask the source as the kernel gives it: of an answer by ``model`` at ``base_url``."""
    source = kernel.factory("price source", "genai-prices")

    def ask(model="gpt-4o", usage=USAGE, *, base_url=OPENAI, client="openai", asked_for="alias", raw=None):
        result = CreateResult("text", model=model, usage=usage, raw=raw)
        return source(result, ModelConfig(model=asked_for, base_url=base_url), client)

    return ask


def listed(model, provider="openai", context=None, **tokens):
    """The same from the package itself."""
    found = genai_prices.calc_price(
        genai_prices.Usage(**tokens), model, provider_id=provider, price_context=context
    ).total_price
    return pytest.approx(float(found))


def test_a_price_is_the_listed_one_and_says_where_it_is_from(price_of):
    price = price_of()
    assert price.usd == listed("gpt-4o", input_tokens=1000, output_tokens=100)
    assert price.usd > 0
    version, day = re.fullmatch(r"genai-prices (\S+) \((\d{4}-\d\d-\d\d)\)", price.source).groups()
    assert version == genai_prices.__version__
    assert date(2025, 1, 1) < date.fromisoformat(day)


def test_the_date_is_one_on_which_a_price_was_checked():
    from quorate_genai_prices._source import data_date

    remarks = [
        remark
        for provider in genai_prices.data.providers
        for remark in (provider.price_comments, *(model.price_comments for model in provider.models))
        if remark and data_date() in remark
    ]
    assert remarks


def test_cached_and_reasoning_tokens_are_priced_as_such(price_of):
    plain = price_of("gpt-5-mini", Usage(1000, 100))
    cached = price_of("gpt-5-mini", Usage(1000, 100, cached_tokens=800, reasoning_tokens=60))
    assert cached.usd < plain.usd
    assert cached.usd == listed(
        "gpt-5-mini", input_tokens=1000, cache_read_tokens=800, output_tokens=100, output_reasoning_tokens=60
    )


def test_the_service_tier_of_the_answer(price_of):
    flex = price_of("o3", raw={"service_tier": "flex"})
    assert flex.usd == listed("o3", context={"service_tier": "flex"}, input_tokens=1000, output_tokens=100)
    assert flex.usd < price_of("o3").usd
    assert price_of("o3", raw={"service_tier": None}) == price_of("o3") == price_of("o3", raw=object())


@pytest.mark.parametrize(
    ("base_url", "model", "provider"),
    [
        ("https://mine.openai.azure.com/openai/v1", "gpt-4o-2024-08-06", "azure"),
        ("https://api.groq.com/openai/v1", "llama-3.3-70b-versatile", "groq"),
        ("https://api.mistral.ai/v1", "mistral-small-latest", "mistral"),
    ],
)
def test_the_provider_is_that_of_the_endpoint(price_of, base_url, model, provider):
    price = price_of(model, base_url=base_url)
    assert price.usd == listed(model, provider, input_tokens=1000, output_tokens=100)


@pytest.mark.parametrize(
    "unknown",
    [
        {"model": "gpt-99-of-my-own"},
        {"base_url": "http://127.0.0.1:8000/v1"},
        {"base_url": "https://proxy.example.com/v1"},
        {"base_url": "https://api.anthropic.com/v1"},
        {"base_url": None, "client": "hf-local"},
        {"base_url": None, "client": "MyOpenAI"},
        {"usage": None},
    ],
    ids=str,
)
def test_what_the_tables_do_not_have_is_unpriced(price_of, unknown):
    assert price_of(**unknown) is None


def test_without_an_endpoint_the_client_may_be_the_provider(price_of):
    price = price_of("claude-sonnet-4-5", base_url=None, client="anthropic")
    assert price.usd == listed("claude-sonnet-4-5", "anthropic", input_tokens=1000, output_tokens=100)


def test_an_answer_without_a_models_name_is_priced_as_asked_for(price_of):
    assert price_of("", asked_for="gpt-4o") == price_of("gpt-4o")
    assert price_of("no-such-model", asked_for="gpt-4o") is None, "another model answered"


def test_tables_that_the_program_updates_itself_have_their_own_date(price_of, monkeypatch):
    day = datetime(2031, 5, 6, tzinfo=UTC)
    newer = data_snapshot.DataSnapshot(genai_prices.data.providers, from_auto_update=True, timestamp=day)
    monkeypatch.setattr(data_snapshot, "_custom_snapshot", newer)
    assert price_of().source == f"genai-prices {genai_prices.__version__} (2031-05-06)"


class Hosted(BaseChatCompletionClient):
    """Answers as a hosted model would, with whatever usage its ``usage`` parameter says."""

    async def create(self, messages, **request):
        return CreateResult("hi", model=self.config.model, usage=Usage(*self.config.params["usage"]))


def ask(kernel, **entry):
    kernel.register_model_client(Hosted)
    entry = {"model": "gpt-4o", "model_client_cls": "Hosted", "base_url": OPENAI, "usage": [1000, 100], **entry}
    return drive(kernel.chat_client(entry).create(HELLO))


def test_a_call_is_priced(kernel, price_of):
    result = ask(kernel)
    assert (result.cost, result.price_source) == (price_of().usd, price_of().source)
    assert ask(kernel, base_url="http://localhost:1/v1").cost is None
    own = ask(kernel, price=[1, 1])
    assert own.cost == pytest.approx(1.1)
    assert own.price_source.startswith("price in ")


def test_usage_that_contradicts_itself_is_unpriced_with_a_warning(kernel):
    with pytest.warns(match="price source 'genai-prices' .* failed, .* unpriced: ValueError: .*cache_read_tokens"):
        result = ask(kernel, usage=[10, 5, 999])
    assert (result.cost, result.price_source) == (None, None)


PROGRAM = """
import json, sys, threading
def refuse(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise RuntimeError(f"{event} {args}")
sys.addaudithook(refuse)
import quorate_genai_prices
from quorate import CreateResult, Kernel, ModelConfig, Usage
kernel = Kernel(autoload=False)
kernel.register(quorate_genai_prices, "genai-prices")
before = "genai_prices" in sys.modules
answer = CreateResult("hi", model="gpt-4o", usage=Usage(1, 1))
config = ModelConfig(model="gpt-4o", base_url="https://api.openai.com/v1")
price = kernel.factory("price source", "genai-prices")(answer, config, "openai")
print(json.dumps([before, price.usd > 0, [thread.name for thread in threading.enumerate()]]))
"""


def test_the_tables_are_imported_late_and_nothing_is_fetched_or_left_running():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(done.stdout) == [False, True, ["MainThread"]]
