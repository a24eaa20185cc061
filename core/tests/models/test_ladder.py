"""The rules of fall-back: one deadline, cool-down, answers that the program refuses, restarts, and the ledger."""

from __future__ import annotations

import asyncio
import io
import itertools
from types import SimpleNamespace

import pytest

from quorate import (
    BaseChatCompletionClient,
    Console,
    ConversableAgent,
    CreateResult,
    ModelConfig,
    ModelError,
    ModelsExhausted,
    UserProxyAgent,
)
from quorate._drive import drive
from quorate.events import TextPart, TextRestarted
from quorate.models.ladder import COOL_DOWN, Health
from quorate.models.results import Restarted
from quorate.models.usage import open_tally

HELLO = [{"role": "user", "content": "hello"}]


def failing(kind, **details):
    return [ModelError(f"failed with {kind}", kind=kind, **{"retry_after": 0.0, **details})]


def once(model, **options):
    return {"model": model, "max_retries": 0, **options}


# -- one deadline


def test_the_deadline_ends_a_call_that_hangs(world, ask):
    client = world("a", "b", whole={"deadline": 0.05}, a=[[60.0]], b=["never asked"])
    with pytest.raises(ModelsExhausted, match=r"the deadline of 0\.05 s has passed") as caught:
        ask(client)
    assert (world.asked, world.ended, caught.value.kind) == (["a"], ["a"], "timeout")
    assert caught.value.attempts[0].error == "no answer before the deadline of 0.05 s"


def test_the_deadline_counts_retries_and_their_waits(world, ask):
    client = world(
        {"model": "a", "max_retries": 1000}, whole={"deadline": 0.6}, a=[failing("network", retry_after=0.18)] * 1000
    )
    # On a busy machine it may have passed by the time the last try has failed.
    with pytest.raises(ModelsExhausted, match=r"the deadline of 0\.6 s"):
        ask(client)
    assert 1 < len(world.asked) <= 4


def test_the_deadline_counts_fall_backs(world, ask):
    client = world(once("a", timeout=0.02), "b", "c", whole={"deadline": 0.08}, a=[[60.0]], b=[[60.0]], c=["never"])
    with pytest.raises(ModelsExhausted) as caught:
        ask(client)
    assert world.asked == world.ended == ["a", "b"]
    assert [attempt.error.split(";")[0] for attempt in caught.value.attempts] == [
        "no answer within 0.02 s",
        "no answer before the deadline of 0.08 s",
    ]


class Endless(list):
    """A step without an end."""

    def __iter__(self):
        return itertools.cycle(self.copy())


@pytest.mark.parametrize("step", [["x", 0.01], ["x", 0.0], ["x"]], ids=["slow", "fast", "without any wait"])
def test_the_deadline_ends_a_stream_that_goes_on_and_on(world, stream, step):
    client = world("a", "b", whole={"deadline": 0.1}, a=[Endless(step)], b=["never asked"])
    with pytest.raises(ModelsExhausted, match="deadline") as caught:
        stream(client)
    assert (world.asked, world.ended) == (["a"], ["a"])
    assert caught.value.output_started


def test_without_a_deadline_the_time_limit_is_that_of_each_part(world, stream):
    client = world(once("a", timeout=0.03), "b", a=[["half", 60.0]], b=["whole"])
    result, parts = stream(client)
    assert (result.content, parts[0], parts[2], world.ended) == ("whole", "half", "whole", ["a", "b"])
    assert isinstance(parts[1], Restarted)
    assert result.attempts[0].kind == "timeout"


class Counting:
    """A stream that is no generator and has no aclose."""

    def __init__(self):
        self.left = ["one ", "two", CreateResult("one two")]

    def __aiter__(self):
        return self

    async def __anext__(self):
        if not self.left:
            raise StopAsyncIteration
        return self.left.pop(0)


def test_a_stream_may_be_any_async_iterator(kernel, stream):
    class Odd(BaseChatCompletionClient):
        def create_stream(self, messages, **request):
            return Counting()

    kernel.register_model_client(Odd)
    client = kernel.chat_client({"model": "m", "model_client_cls": "Odd", "timeout": 5})
    assert stream(client)[1] == ["one ", "two"]


# -- cool-down


def test_a_configuration_that_was_given_up_is_asked_last_for_a_while(world, ask):
    client = world(a=[failing("auth"), failing("auth")], b=["from b", "b again", *[failing("quota")] * 2])
    assert [ask(client)[0].content for _ in range(2)] == ["from b", "b again"]
    assert world.asked == ["a", "b", "b"]
    with pytest.raises(ModelsExhausted):
        ask(client)
    assert world.asked[3:] == ["b", "a"], "last, but asked"


def test_it_is_first_again_once_it_has_answered(world, ask):
    client = world(a=[failing("auth"), "from a", "a again"], b=["from b", failing("auth")])
    assert [ask(client)[0].content for _ in range(3)] == ["from b", "from a", "a again"]
    assert world.asked == ["a", "b", "b", "a", "a"]


def test_it_is_first_again_when_the_time_is_over(world, ask, monkeypatch):
    monkeypatch.setattr("quorate.models.ladder.COOL_DOWN", 0.0)
    client = world(a=[failing("auth"), "from a"], b=["from b"])
    assert [ask(client)[0].content for _ in range(2)] == ["from b", "from a"]
    assert world.asked == ["a", "b", "a"]


def test_clients_of_one_kernel_know_of_each_other(world, new_world, ask):
    one, other = (world("a", "b", a=[failing("auth")], b=["from b", "b again"]) for _ in range(2))
    ask(one)
    ask(other)
    assert world.asked == ["a", "b", "b"]
    elsewhere = new_world()
    ask(elsewhere("a", "b", a=["from a"]))
    assert elsewhere.asked == ["a"], "another kernel"


def test_another_configuration_of_the_same_model_is_another(world, ask):
    first = world(once("a"), "b", a=[failing("overload"), "from a"], b=["from b"])
    ask(first)
    ask(world(once("a", temperature=0), "b"))
    assert world.asked == ["a", "b", "a"]


@pytest.mark.parametrize("failure", [("context_overflow", {}), ("bad_request", {"status": 404})])
def test_a_request_that_does_not_fit_says_nothing_of_the_next_one(world, ask, failure):
    kind, details = failure
    client = world(a=[failing(kind, **details), "from a"], b=["from b"])
    assert [ask(client)[0].content for _ in range(2)] == ["from b", "from a"]
    assert world.asked == ["a", "b", "a"]


def test_an_answer_from_the_cache_does_not_mean_that_the_endpoint_works(world, ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    overflow = failing("context_overflow")  # b is passed over, and does not cool down
    client = world("a", "b", whole={"cache_seed": 1}, a=["stored", failing("auth")], b=["from b", overflow, "b again"])
    ask(client, seed=1)
    ask(client, seed=2)  # a is given up, b answers
    assert ask(client, seed=1)[0].cached, "a's answer is at hand"
    assert ask(client, seed=3)[0].content == "b again"
    assert world.asked == ["a", "a", "b", "b", "b"]


def test_how_long_it_cools_down(monkeypatch):
    now = 1000.0
    monkeypatch.setattr("quorate.models.ladder.time", SimpleNamespace(monotonic=lambda: now))
    first, second = (ModelConfig(model=name) for name in "ab")
    for asked_for, lasts in ((None, COOL_DOWN), (1.0, COOL_DOWN), (3600.0, 3600.0)):
        health = Health()
        health.gave_up(first, ModelError("busy", kind="rate_limit", retry_after=asked_for))
        now = 1000.0 + lasts - 1
        assert health.ordered([first, second]) == [second, first]
        now = 1000.0 + lasts + 1
        assert health.ordered([first, second]) == [first, second]
        now = 1000.0


def test_a_retry_after_longer_than_anyone_waits(world, ask):
    client = world(a=[failing("rate_limit", retry_after=61.0)])
    with pytest.raises(ModelsExhausted) as caught:
        ask(client)
    assert len(caught.value.attempts) == 1


# -- answers that the program refuses


@pytest.fixture(params=["plain", "async"])
def judge(request):
    """Make a filter that accepts some texts, and keeps what it was given."""

    def make(*accepted):
        given = []

        def plain(*, context, response):
            given.append((context, response.content))
            return response.content in accepted

        async def native(*, context, response):
            await asyncio.sleep(0)
            return plain(context=context, response=response)

        chosen = plain if request.param == "plain" else native
        return chosen, given

    return make


def test_a_refused_answer_moves_on_to_the_next_configuration(world, ask, judge):
    filter_func, given = judge("good")
    client = world(
        "a", "b", "c", whole={"filter_func": filter_func, "context": {"n": 1}}, a=["bad"], b=["good"], c=["x"]
    )
    result, parts = ask(client)
    assert (result.content, world.asked) == ("good", ["a", "b"])
    assert given == [({"n": 1}, "bad"), ({"n": 1}, "good")]
    assert [(attempt.kind, attempt.error) for attempt in result.attempts] == [
        ("bad_response", "filter_func refused the answer"),
        (None, None),
    ]
    assert parts in ([], ["bad", Restarted(""), "good"])


def test_the_last_answer_is_given_even_when_it_is_refused(world, ask, judge):
    filter_func, given = judge()
    result, _ = ask(world("a", "b", whole={"filter_func": filter_func}, a=["bad"], b=["worse"]))
    assert (result.content, [text for _, text in given]) == ("worse", ["bad", "worse"])


def test_a_refused_answer_does_not_cool_its_configuration_down(world, ask, judge):
    filter_func, _ = judge("good")
    client = world("a", "b", whole={"filter_func": filter_func}, a=["bad", "good"], b=["good"])
    ask(client)
    assert ask(client)[0].content == "good"
    assert world.asked == ["a", "b", "a"]


def test_a_refused_answer_is_paid_for(world, ask, judge):
    filter_func, _ = judge("good")
    entries = [{"model": name, "price": [1, 1]} for name in "ab"]
    client = world(*entries, whole={"filter_func": filter_func}, a=["bad"], b=["good"])
    with open_tally() as tally:
        ask(client)
    assert list(client.total_usage_summary) == ["total_cost", "a", "b"]
    assert client.total_usage_summary["total_cost"] == pytest.approx(0.024)
    assert tally.total.as_dict() == client.total_usage_summary


def test_a_filter_that_fails_is_the_programs_own_error(world, ask):
    def filter_func(*, context, response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(world("a", "b", whole={"filter_func": filter_func}, a=["x"], b=["x"]))
    assert world.asked == ["a"]


# -- restarts, seen in a conversation


BROKEN = [
    ["It is fo", ModelError("connection lost\nby peer", kind="network")],
    ["It is ", "42.", CreateResult("It is 42.")],
]


@pytest.mark.parametrize("mode", ["blocking", "async"])
def test_a_restart_is_seen_and_only_the_whole_text_is_kept(world, mode, monkeypatch):
    monkeypatch.setattr("quorate.models.ladder.FIRST_WAIT", 0.0)
    world.scripts["m"] = [list(step) for step in BROKEN]
    told, out = [], io.StringIO()
    for observer in (told.append, Console(out)):
        world.kernel.observers.add(observer)
    thinker = ConversableAgent("thinker", llm_config=world.config("m"), kernel=world.kernel)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=world.kernel)
    if mode == "blocking":
        chat = user.initiate_chat(thinker, message="6 * 7?", max_turns=1)
    else:
        chat = asyncio.run(user.a_initiate_chat(thinker, message="6 * 7?", max_turns=1))
    assert [message["content"] for message in chat.chat_history] == ["6 * 7?", "It is 42."]
    seen = [event for event in told if isinstance(event, TextPart | TextRestarted)]
    assert [type(event).__name__ for event in seen] == ["TextPart", "TextRestarted", "TextPart", "TextPart"]
    assert (seen[1].agent, seen[1].recipient, seen[1].reason) == ("thinker", "user", "connection lost\nby peer")
    assert (
        "It is fo\n[thinker's answer broke off and begins again: connection lost]\nthinker (to user):\nIt is 42."
        in out.getvalue()
    )


def test_a_restart_reads_as_what_it_is(world, stream):
    client = world(once("a"), "b", a=[["half ", *failing("bad_response")]], b=["whole"])
    _, parts = stream(client)
    assert "".join(parts) == "half \n[the answer broke off and begins again]\nwhole"


# -- the ledger


def test_the_ledger_has_every_try_in_order(world, ask, judge):
    filter_func, _ = judge("good")
    client = world(
        {"model": "a", "max_retries": 1},
        once("b", timeout=0.02),
        "c",
        "d",
        whole={"filter_func": filter_func},
        a=[failing("overload", retry_after=0.01), failing("network")],
        b=[[60.0]],
        c=["bad"],
        d=["good"],
    )
    result, _ = ask(client)
    at = "llm_config.config_list"
    assert [(attempt.config, attempt.kind, attempt.waited) for attempt in result.attempts] == [
        (f"{at}[0] (Scripted, a)", "overload", 0.0),
        (f"{at}[0] (Scripted, a)", "network", 0.01),
        (f"{at}[1] (Scripted, b)", "timeout", 0.0),
        (f"{at}[2] (Scripted, c)", "bad_response", 0.0),
        (f"{at}[3] (Scripted, d)", None, 0.0),
    ]
    assert result.attempts[2].seconds >= 0.01
    assert all((attempt.error is None) == (attempt.kind is None) for attempt in result.attempts)


def test_each_call_has_a_ledger_of_its_own(world):
    client = world(a=["one", "two"])
    first, second = (drive(client.create(HELLO)) for _ in range(2))
    assert len(first.attempts) == len(second.attempts) == 1
