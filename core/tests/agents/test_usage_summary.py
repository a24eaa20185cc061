"""What agents used and what it cost, as AutoGen 0.2's programs ask for it, and as a terminal shows it."""

from __future__ import annotations

import io

import pytest

from quorate import Console, ConversableAgent, CreateResult, Usage, create_model_client, gather_usage_summary
from quorate.events import UsageSummed

HELLO = [{"role": "user", "content": "hello"}]


def answer(cost=0.5, *, model="m", cached=False):
    return CreateResult("text", model=model, usage=Usage(10, 2), cost=cost, cached=cached)


def used(cost, times=1):
    return {"cost": cost, "prompt_tokens": 10 * times, "completion_tokens": 2 * times, "total_tokens": 12 * times}


@pytest.fixture
def replied(thinker, run):
    """Make an agent that has given these answers."""

    def make(name, *script, **options):
        agent, _ = thinker(name, *script, **options)
        for _ in script:
            run(agent.generate_reply, HELLO)
        return agent

    return make


def test_nothing_used(agent, replied):
    for unused in (agent("plain"), replied("model")):
        assert (unused.get_actual_usage(), unused.get_total_usage()) == (None, None)


def test_usage_with_and_without_cached_answers(replied):
    agent = replied("model", answer(0.5), answer(0.25, cached=True), answer(1.0, model="big"))
    assert agent.get_total_usage() == {"total_cost": 1.75, "m": used(0.75, 2), "big": used(1.0)}
    assert agent.get_actual_usage() == {"total_cost": 1.5, "m": used(0.5), "big": used(1.0)}


def test_usage_of_cached_answers_only(replied):
    agent = replied("model", answer(cached=True))
    assert agent.get_actual_usage() is None
    assert agent.get_total_usage() == {"total_cost": 0.5, "m": used(0.5)}


def test_unpriced_is_none_and_never_0(replied):
    agent = replied("model", answer(0.5, model="priced"), answer(None))
    assert agent.get_total_usage() == {"total_cost": None, "priced": used(0.5), "m": used(None)}


def test_an_agent_has_what_its_client_counted(replied):
    agent = replied("model", answer())
    assert agent.get_total_usage() == agent.client.total_usage_summary
    assert agent.get_actual_usage() == agent.client.actual_usage_summary


def test_reset_forgets_what_was_used(replied):
    agent = replied("model", answer())
    agent.reset()
    assert agent.get_total_usage() is agent.client.total_usage_summary is None


def test_a_client_that_counts_nothing_is_counted_by_the_agent(agent, kernel, run):
    class Foreign:
        stream = False

        async def create(self, messages, **request):
            return answer()

    made = agent("model", llm_config={"model": "m", "model_client_cls": "X"})
    made.client = Foreign()
    run(made.generate_reply, HELLO)
    assert made.get_total_usage() == {"total_cost": 0.5, "m": used(0.5)}
    assert gather_usage_summary([made])["usage_including_cached_inference"] == made.get_total_usage()


class Counted:
    """A client of the program's own that asks one of ours."""

    stream = False

    def __init__(self, inner):
        self.inner = inner

    async def create(self, messages, **request):
        first, last = await self.inner.create(messages), await self.inner.create(messages)
        return CreateResult(f"{first.content} {last.content}", model="both", usage=first.usage + last.usage, cost=None)


def test_each_answer_is_counted_once_by_whoever_knows_most(agent, thinker, talker, run):
    inner, _ = thinker("inner", answer(0.5), answer(0.25, model="big"))
    made = agent("made")
    made.client = Counted(inner.client)
    chat = run(talker("user").initiate_chat, made, message="hello", max_turns=1)
    total = {"total_cost": 0.75, "m": used(0.5), "big": used(0.25)}
    assert chat.cost["usage_including_cached_inference"] == total, "what was asked for it, and not its word for both"
    assert made.get_total_usage() == total
    assert inner.get_total_usage() == total


def test_what_a_foreign_client_used_stands_beside_what_the_own_one_did(replied, run):
    class Foreign:
        stream = False

        async def create(self, messages, **request):
            return answer(2.0, model="foreign")

    agent = replied("model", answer(0.5))
    run(agent.generate_oai_reply, HELLO, None, Foreign())
    assert agent.get_total_usage() == {"total_cost": 2.5, "m": used(0.5), "foreign": used(2.0)}
    assert gather_usage_summary([agent])["usage_including_cached_inference"] == agent.get_total_usage()
    agent.reset()
    assert agent.get_total_usage() is None


def test_answers_that_were_refused_are_paid_for_once(thinker, talker, run):
    judge = iter([False, True])
    agent, _ = thinker(
        "model",
        answer(0.5),
        answer(1.0),
        llm_config={
            "config_list": [{"model": "a"}, {"model": "b"}],
            "filter_func": lambda context, response: next(judge),
        },
    )
    chat = run(talker("user").initiate_chat, agent, message="hello", max_turns=1)
    assert chat.cost["usage_including_cached_inference"] == {"total_cost": 1.5, "m": used(1.5, 2)}
    assert agent.get_total_usage() == {"total_cost": 1.5, "m": used(1.5, 2)}


def test_a_stream_is_counted_once(thinker, talker, kernel, run):
    kernel.observers.add(lambda event: None)
    agent, _ = thinker("model", answer(0.5))
    chat = run(talker("user").initiate_chat, agent, message="hello", max_turns=1)
    assert (
        chat.cost["usage_including_cached_inference"] == agent.get_total_usage() == {"total_cost": 0.5, "m": used(0.5)}
    )


# -- several agents


def test_gathered_usage_has_the_shape_of_0_2(replied, agent):
    first = replied("first", answer(0.5), answer(0.25, cached=True))
    second = replied("second", answer(1.0), answer(2.0, model="big"))
    assert gather_usage_summary([first, agent("plain"), second]) == {
        "usage_including_cached_inference": {"total_cost": 3.75, "m": used(1.75, 3), "big": used(2.0)},
        "usage_excluding_cached_inference": {"total_cost": 3.5, "m": used(1.5, 2), "big": used(2.0)},
    }
    assert first.get_total_usage()["m"] == used(0.75, 2), "gathering changes nothing"


def test_one_unpriced_answer_makes_the_sum_unpriced(replied):
    gathered = gather_usage_summary([replied("first", answer(0.5)), replied("second", answer(None, model="new"))])
    both = gathered["usage_including_cached_inference"]
    assert (both["total_cost"], both["m"]["cost"], both["new"]["cost"]) == (None, 0.5, None)


def test_gathering_of_nobody_and_of_the_same_agent_twice(replied):
    nothing = {"total_cost": 0}
    assert gather_usage_summary([]) == {
        "usage_including_cached_inference": nothing,
        "usage_excluding_cached_inference": nothing,
    }
    agent = replied("model", answer(0.5))
    assert gather_usage_summary([agent, agent])["usage_including_cached_inference"]["total_cost"] == 0.5


def test_a_client_that_agents_share_is_counted_once(replied, agent, run):
    first = replied("first", answer(0.5))
    second = replied("second", answer(1.0))
    third = agent("third")
    third.client = first.client
    gathered = gather_usage_summary([first, second, third])
    assert gathered["usage_including_cached_inference"] == {"total_cost": 1.5, "m": used(1.5, 2)}
    assert first.get_total_usage() == third.get_total_usage() == {"total_cost": 0.5, "m": used(0.5)}


# -- shown


@pytest.fixture
def shown(kernel, monkeypatch):
    """What the terminal shows of one call."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = io.StringIO()
    kernel.observers.add(Console(out))

    def show(call, *args):
        start = len(out.getvalue())
        call(*args)
        return out.getvalue()[start:].splitlines()

    return show


def test_both_summaries(replied, shown):
    agent = replied("model", answer(0.5), answer(0.25, cached=True))
    assert shown(agent.print_usage_summary) == [
        "Agent 'model':",
        "Usage summary excluding cached usage:",
        "Total cost: $0.500000",
        "* Model 'm': cost: $0.500000, prompt_tokens: 10, completion_tokens: 2, total_tokens: 12",
        "Usage summary including cached usage:",
        "Total cost: $0.750000",
        "* Model 'm': cost: $0.750000, prompt_tokens: 20, completion_tokens: 4, total_tokens: 24",
        f"Prices: declared by the client model-of-{agent.name}",
        "",
    ]


@pytest.mark.parametrize(
    ("mode", "says"),
    [
        ("actual", ["excluding"]),
        ("total", ["including"]),
        (["actual"], ["excluding"]),
        (("total", "actual"), ["including", "excluding"]),
        (["actual", "total"], ["excluding", "including"]),
    ],
)
def test_one_summary_or_both(replied, shown, mode, says):
    lines = shown(replied("model", answer(), answer(cached=True)).print_usage_summary, mode)
    assert [line.split()[2] for line in lines if line.startswith("Usage summary")] == says


@pytest.mark.parametrize("mode", ["both", "", [], ["actual", "all"], ["TOTAL"]])
def test_another_mode_is_an_error(replied, mode):
    with pytest.raises(ValueError, match="mode is 'actual', 'total', or a list of them, not "):
        replied("model", answer()).print_usage_summary(mode)


def test_equal_summaries_are_shown_once(replied, shown):
    lines = shown(replied("model", answer()).print_usage_summary)
    assert "No answer came from the cache." in lines
    assert sum(line.startswith("Usage summary") for line in lines) == 1


@pytest.mark.parametrize(
    ("cost", "says"),
    [
        (None, "unpriced"),
        (0.0, "free"),
        (0.000_000_4, "less than $0.000001"),
        (0.000_001_4, "$0.000001"),
        (12.5, "$12.500000"),
    ],
)
def test_money_is_shown_for_what_it_is(replied, shown, cost, says):
    lines = shown(replied("model", answer(cost)).print_usage_summary, "total")
    assert lines[2:4] == [
        f"Total cost: {says}",
        f"* Model 'm': cost: {says}, prompt_tokens: 10, completion_tokens: 2, total_tokens: 12",
    ]


def test_nothing_used_is_said(agent, replied, shown):
    assert shown(agent("plain").print_usage_summary) == ["Agent 'plain':", "No model was asked.", ""]
    cached = replied("model", answer(cached=True))
    assert shown(cached.print_usage_summary, "actual")[1:] == [
        "No model was asked, or every answer came from the cache.",
        "",
    ]
    assert "Nothing: every answer came from the cache." in shown(cached.print_usage_summary)


def test_a_summary_is_an_event_and_a_quiet_agent_is_not_shown(kernel, replied, shown):
    told = []
    kernel.observers.add(told.append)
    agent = replied("model", answer(), silent=True)
    assert shown(agent.print_usage_summary) == []
    (event,) = [event for event in told if isinstance(event, UsageSummed)]
    assert event.summaries == {"actual": agent.get_actual_usage(), "total": agent.get_total_usage()}
    assert (event.agent, event.price_sources) == ("model", ("declared by the client model-of-model",))


def test_nothing_is_printed_by_the_library_itself(replied, capsys):
    replied("model", answer()).print_usage_summary()
    assert capsys.readouterr() == ("", ""), "this kernel has no observer"


def test_a_client_without_agents_tells_it_too(kernel, shown):
    from quorate.testing import ScriptedClient

    kernel.register(ScriptedClient(script=["x"]), "model")
    client = create_model_client({"model": "m"}, kernel=kernel)
    assert shown(client.print_usage_summary) == ["No model was asked.", ""]
    assert (client.total_usage_summary, client.actual_usage_summary) == (None, None)
    with pytest.raises(ValueError, match="mode is"):
        client.print_usage_summary("some")
    assert isinstance(ConversableAgent("a", llm_config={"model": "m"}, kernel=kernel).client, type(client))
