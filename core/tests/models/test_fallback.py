"""A config list as one client: order, retries, waits, time limits, streams that break off, ledger and price."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest

from quorate import (
    BaseChatCompletionClient,
    ConfigError,
    CreateResult,
    MessageError,
    ModelError,
    ModelsExhausted,
    Usage,
    iterate,
)
from quorate._drive import drive
from quorate.models.results import Restarted
from quorate.testing import isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]
KINDS = "rate_limit quota auth timeout network overload context_overflow content_filter bad_request bad_response bug"
RETRIED = ("rate_limit", "timeout", "network", "overload")
FINAL = ("content_filter", "bad_request")


def failing(kind, **details):
    return ModelError(f"failed with {kind}", kind=kind, **{"retry_after": 0.0, **details})


class Scripted(BaseChatCompletionClient):
    """Answers by the script of its model: a text, a result, an error, seconds, or a list of these to stream."""

    scripts: ClassVar[dict[str, list[Any]]]
    asked: ClassVar[list[tuple[str, dict[str, Any]]]]
    closed: ClassVar[list[str]]

    async def create(self, messages, **request):
        *_, last = [part async for part in self.create_stream(messages, **request)]
        return last

    async def create_stream(self, messages, **request):
        Scripted.asked.append((self.config.model, request))
        step = Scripted.scripts[self.config.model].pop(0)
        try:
            for part in step if isinstance(step, list) else [step]:
                if isinstance(part, Exception):
                    raise part
                if isinstance(part, float):
                    await asyncio.sleep(part)
                else:
                    yield part
        finally:
            Scripted.closed.append(self.config.model)


@pytest.fixture
def client():
    """A config list of scripted models, ``name=[step, ...]``; options of an entry by ``name_options={...}``."""
    with isolated_kernel() as kernel:
        kernel.register_model_client(Scripted)

        def make(*entries, whole=None, **scripts):
            Scripted.scripts, Scripted.asked, Scripted.closed = scripts, [], []
            listed = [
                {"model_client_cls": "Scripted", **(entry if isinstance(entry, dict) else {"model": entry})}
                for entry in entries or scripts
            ]
            return kernel.chat_client({"config_list": listed, **(whole or {})})

        yield make


def whole(make):
    return drive(make()), []


def whole_async(make):
    return asyncio.run(make()), []


def in_parts(make):
    *parts, result = iterate(make())
    return result, parts


def in_parts_async(make):
    async def collect():
        return [part async for part in make()]

    *parts, result = asyncio.run(collect())
    return result, parts


@pytest.fixture(params=[whole, whole_async, in_parts, in_parts_async])
def ask(request):
    """Ask in each of the four ways; gives the result and the parts before it."""

    def do(client, **options):
        method = client.create if request.param in (whole, whole_async) else client.create_stream
        return request.param(lambda: method(HELLO, **options))

    do.streams = request.param in (in_parts, in_parts_async)
    return do


@pytest.fixture(params=[in_parts, in_parts_async])
def stream(request):
    return lambda client: request.param(lambda: client.create_stream(HELLO))


def models_asked():
    return [model for model, _ in Scripted.asked]


def test_the_first_answers_and_the_others_are_not_asked(client, ask):
    result, _ = ask(client(a=[CreateResult("from a")], b=[]))
    assert (result.content, models_asked()) == ("from a", ["a"])
    (attempt,) = result.attempts
    assert (attempt.config, attempt.kind, attempt.error) == ("llm_config.config_list[0] (Scripted, a)", None, None)


def test_what_is_asked_reaches_the_client(client, ask):
    ask(client(a=[CreateResult("x")]), tools=["t"], seed=1)
    (_, request) = Scripted.asked[0]
    assert {"tools": ["t"], "seed": 1}.items() <= request.items()


def test_they_are_asked_in_order_and_the_ledger_lists_each(client, ask):
    result, _ = ask(client(a=[failing("auth")], b=[failing("quota")], c=[CreateResult("from c")]))
    assert result.content == "from c"
    assert [(attempt.config[-11:], attempt.kind) for attempt in result.attempts] == [
        ("cripted, a)", "auth"),
        ("cripted, b)", "quota"),
        ("cripted, c)", None),
    ]
    assert result.attempts[0].error == "failed with auth"
    assert all(attempt.seconds >= 0 and attempt.waited == 0 for attempt in result.attempts)


@pytest.mark.parametrize("kind", KINDS.split())
def test_what_follows_from_each_kind(client, ask, kind):
    """Some are tried again, some are not asked elsewhere, all others go on to the next configuration."""
    asked = client({"model": "a", "max_retries": 1}, "b", a=[failing(kind)] * 2, b=[CreateResult("from b")])
    if kind in FINAL:
        with pytest.raises(ModelsExhausted) as caught:
            ask(asked)
        assert (caught.value.kind, models_asked()) == (kind, ["a"])
        return
    assert ask(asked)[0].content == "from b"
    assert models_asked() == (["a", "a", "b"] if kind in RETRIED else ["a", "b"])


@pytest.mark.parametrize(("status", "asked"), [(404, ["a", "b"]), (400, ["a"])])
def test_a_request_that_this_endpoint_does_not_know_may_do_elsewhere(client, ask, status, asked):
    made = client(a=[failing("bad_request", status=status)], b=[CreateResult("from b")])
    try:
        ask(made)
    except ModelsExhausted:
        assert status == 400
    assert models_asked() == asked


@pytest.mark.parametrize(("retries", "tries"), [(None, 3), (0, 1), (1, 2), (4, 5)])
def test_retries_of_one_configuration(client, ask, retries, tries):
    made = client({"model": "a", "max_retries": retries}, a=[failing("overload")] * 9)
    with pytest.raises(ModelsExhausted) as caught:
        ask(made)
    assert models_asked() == ["a"] * tries
    assert len(caught.value.attempts) == tries


def test_retry_after_is_waited_for_exactly(client, ask):
    steps = [failing("rate_limit", retry_after=0.02), failing("overload", retry_after=0.01), CreateResult("at last")]
    result, _ = ask(client(a=steps))
    assert [attempt.waited for attempt in result.attempts] == [0.0, 0.02, 0.01]


def test_without_retry_after_the_waits_grow(client, monkeypatch):
    monkeypatch.setattr("quorate.models.ladder.FIRST_WAIT", 0.004)
    made = client({"model": "a", "max_retries": 3}, a=[failing("network", retry_after=None)] * 4)
    with pytest.raises(ModelsExhausted) as caught:
        drive(made.create(HELLO))
    first, *waits = [attempt.waited for attempt in caught.value.attempts]
    assert first == 0
    assert all(0.75 * full <= wait <= full for wait, full in zip(waits, (0.004, 0.008, 0.016), strict=True))


def test_a_long_retry_after_is_not_waited_for(client, ask):
    result, _ = ask(client(a=[failing("rate_limit", retry_after=3600)], b=[CreateResult("from b")]))
    assert result.content == "from b"
    assert models_asked() == ["a", "b"]


def test_the_final_error_lists_every_attempt(client, ask):
    made = client({"model": "a", "max_retries": 1}, "b", a=[failing("network")] * 2, b=[failing("auth")])
    with pytest.raises(ModelsExhausted) as caught:
        ask(made)
    assert str(caught.value).splitlines() == [
        "no configuration answered (3 attempts):",
        "  1. llm_config.config_list[0] (Scripted, a): network: failed with network",
        "  2. llm_config.config_list[0] (Scripted, a): network: failed with network",
        "  3. llm_config.config_list[1] (Scripted, b): auth: failed with auth",
    ]
    assert (caught.value.kind, len(caught.value.attempts)) == ("auth", 3)
    assert isinstance(caught.value.__cause__, ModelError)


@pytest.mark.parametrize("error", [RuntimeError("oops"), KeyError("x"), ZeroDivisionError()])
def test_what_a_client_should_not_raise_counts_as_its_bug(client, ask, error):
    result, _ = ask(client(a=[error], b=[CreateResult("from b")]))
    assert (result.content, result.attempts[0].kind) == ("from b", "bug")
    assert result.attempts[0].error == f"the client raised {type(error).__name__}: {error}"


@pytest.mark.parametrize("wrong", [42, ["text"], {"content": "text"}])
def test_a_client_that_gives_no_result(client, ask, wrong):
    with pytest.raises(
        ModelsExhausted, match=r"bug: Scripted, a: the client gave \w+; it must give a quorate.CreateResult"
    ):
        ask(client(a=[[wrong]]))


@pytest.mark.parametrize("error", [ConfigError("wrong here"), MessageError("no message")])
def test_what_is_not_the_endpoints_failure_is_raised_as_it_is(client, ask, error):
    with pytest.raises(type(error), match=str(error)):
        ask(client(a=[error], b=[CreateResult("never")]))
    assert models_asked() == ["a"]


def test_a_class_that_nobody_registered_is_no_failure_of_an_endpoint(client, ask):
    made = client({"model": "x", "model_client_cls": "Unknown"}, "b", b=[CreateResult("from b")])
    with pytest.raises(ConfigError, match="Unknown is not registered"):
        ask(made)


# -- time limits


def test_each_configuration_has_its_own_time_limit(client, ask):
    patient = {"model": "b", "timeout": 30}
    made = client({"model": "a", "timeout": 0.01, "max_retries": 0}, patient, a=[[60.0]], b=[[0.02, CreateResult("b")]])
    result, _ = ask(made)
    assert (result.content, result.attempts[0].kind) == ("b", "timeout")
    assert "no answer within 0.01 s; raise timeout in the configuration" in result.attempts[0].error
    assert Scripted.closed == ["a", "b"], "what took too long was ended"


def test_a_deadline_for_all_of_it(client, ask):
    made = client(whole={"deadline": 5}, a=[failing("network", retry_after=30)] * 3, b=[failing("auth")])
    with pytest.raises(ModelsExhausted):
        ask(made)
    assert models_asked() == ["a", "b"], "no wait that would end too late"


def test_a_stream_may_take_longer_than_its_time_limit_but_not_its_parts(client, stream):
    steps = [[0.4, "a", 0.4, "b", 0.4, CreateResult("ab")]]
    result, parts = stream(client({"model": "a", "timeout": 1.0, "max_retries": 0}, a=steps))
    assert (result.content, parts) == ("ab", ["a", "b"])


# -- streams


def test_a_stream_that_fails_before_its_first_part_is_tried_again_unseen(client, stream):
    result, parts = stream(client(a=[failing("network"), ["whole ", "text", CreateResult("whole text")]]))
    assert (parts, len(result.attempts)) == (["whole ", "text"], 2)


@pytest.mark.parametrize("kind", ["network", "bad_response"])
def test_a_stream_that_breaks_off_after_its_first_part_begins_again_visibly(client, stream, kind):
    again = ["from b", CreateResult("from b")]
    made = client({"model": "a", "max_retries": 0}, "b", a=[["half a ", failing(kind)]], b=[again])
    result, (first, mark, second) = stream(made)
    assert (first, second, result.content) == ("half a ", "from b", "from b")
    assert isinstance(mark, Restarted)
    assert mark.reason == f"failed with {kind}"


def test_when_nothing_comes_after_the_break_the_error_says_so(client, stream):
    made = client({"model": "a", "max_retries": 0}, a=[["half a ", failing("network")]])
    with pytest.raises(ModelsExhausted) as caught:
        stream(made)
    assert caught.value.output_started
    assert caught.value.kind == "network"


def test_a_stream_without_its_end_is_a_bad_response(client, stream):
    with pytest.raises(ModelsExhausted, match="bad_response: Scripted, a: the stream ended without a complete result"):
        stream(client(a=[["text"]]))


def test_leaving_early_ends_the_stream_at_once(client):
    made = client(a=[["one", 60.0]])
    parts = iterate(made.create_stream(HELLO))
    assert next(parts) == "one"
    parts.close()
    assert Scripted.closed == ["a"]


def test_leaving_early_ends_the_stream_at_once_when_awaited(client):
    made = client(a=[["one", 60.0]])

    async def leave():
        parts = made.create_stream(HELLO)
        async for part in parts:
            assert part == "one"
            break
        await parts.aclose()
        return list(Scripted.closed)

    assert asyncio.run(leave()) == ["a"]


# -- price


@pytest.mark.parametrize(
    ("price", "cost", "usage", "expected"),
    [
        ([0.5, 2.0], None, Usage(1000, 500), 1.5),
        (1.0, None, Usage(1000, 500), 1.5),
        ([0, 0], None, Usage(1000, 500), 0.0),
        (None, None, Usage(1000, 500), None),
        ([0.5, 2.0], None, None, None),
        ([0.5, 2.0], 0.25, Usage(1000, 500), 1.5),  # what the configuration says is worth more than the client's word
    ],
)
def test_a_price_is_in_dollars_per_thousand_tokens(client, ask, price, cost, usage, expected):
    result, _ = ask(client({"model": "a", "price": price}, a=[CreateResult("x", usage=usage, cost=cost)]))
    assert result.cost == expected


def test_the_price_is_that_of_the_configuration_that_answered(client, ask):
    entries = {"model": "a", "price": 100.0}, {"model": "b", "price": 1.0}
    result, _ = ask(client(*entries, a=[failing("auth")], b=[CreateResult("x", usage=Usage(1000, 1000))]))
    assert result.cost == 2.0


# -- what it tells of itself


def test_whether_to_stream_and_what_it_can_do_is_the_firsts(client):
    made = client({"model": "a", "stream": True}, {"model": "b", "stream": False}, a=[], b=[])
    assert made.stream is True
    assert made.model_info.vision is None
    assert client("a", a=[]).stream is None
    drive(made.close())
