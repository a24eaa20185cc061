"""Handoffs: by a tool that a model calls, by a condition, and what happens after work."""

from __future__ import annotations

import asyncio
import json

import pytest

from quorate import AgentError, AssistantAgent, ConversableAgent, CreateResult, GroupChat, Handoff, Handoffs
from quorate.testing import ScriptedClient


def calling(*names, **arguments):
    """An answer of a model that calls these tools."""
    calls = [
        {"id": f"call-{number}", "type": "function", "function": {"name": name, "arguments": json.dumps(arguments)}}
        for number, name in enumerate(names)
    ]
    return CreateResult(calls, finish_reason="tool_calls", cost=0.0, model="scripted")


@pytest.fixture
def thinker(model, kernel):
    """An assistant with a scripted model; gives both."""

    def make(name, *script, **options):
        config, asked = model(*script)
        return AssistantAgent(name, llm_config=config, kernel=kernel, description=f"does {name}", **options), asked

    return make


def order(manager):
    return [message["name"] for message in manager.groupchat.messages]


def test_a_model_hands_over_with_the_whole_conversation_at_hand(thinker, member, group, run, said):
    triage, asked = thinker("triage", calling("handoff_to_billing"))
    billing, billed = thinker("billing", "You owe nothing. TERMINATE")
    user = member("user")
    manager = group(
        user,
        triage,
        billing,
        max_round=9,
        speaker_selection_method=Handoffs([Handoff(triage, billing, "The question is about an invoice.")]),
    )
    result = run(user.initiate_chat, manager, message="What do I owe?")
    assert order(manager) == ["user", "triage", "triage", "billing"]
    (tool,) = asked.requests[0].tools
    assert tool["function"]["name"] == "handoff_to_billing"
    told = "Hands the conversation over to billing. The question is about an invoice."
    assert tool["function"]["description"] == told
    assert tool["function"]["parameters"]["properties"] == {}
    read = billed.requests[0].messages
    assert [message["role"] for message in read] == ["system", "user", "assistant", "tool"]
    assert (read[1]["content"], read[3]["content"]) == ("What do I owe?", "billing takes over.")
    assert result.summary == "You owe nothing."


def test_without_a_description_the_model_is_told_what_the_target_is_for(thinker):
    one, asked = thinker("one")
    two, _ = thinker("second opinion")
    Handoffs([Handoff(one, two)])
    (tool,) = one.tool_schemas
    assert tool["function"]["name"] == "handoff_to_second_opinion"
    assert tool["function"]["description"] == "Hands the conversation over to second opinion. does second opinion"
    assert not asked.requests


def test_the_turn_goes_back_to_who_spoke_before_unless_after_work_says_otherwise(thinker, member, group, run):
    billing, _ = thinker("billing", *["answer"] * 9)
    triage, _ = thinker("triage", calling("handoff_to_billing"), *["words"] * 9)
    user = member("user")
    handoffs = Handoffs([Handoff(triage, billing)])
    manager = group(user, triage, billing, max_round=7, speaker_selection_method=handoffs)
    run(user.initiate_chat, manager, message="go")
    assert order(manager) == ["user", "triage", "triage", "billing", "triage", "billing", "triage"]

    handoffs.after_work = {billing: user, triage: None}
    result = run(user.initiate_chat, manager, message="go on", clear_history=False)
    assert order(manager)[7:] == ["user", "triage"]
    assert result.stop_reason.kind == "no_next_speaker"

    handoffs.after_work = {user: "round_robin"}
    result = run(user.initiate_chat, manager, message="again")
    assert order(manager)[:2] == ["user", "triage"]


def test_conditions_are_asked_in_order_when_the_source_has_spoken(member, group, run):
    seen = []

    def crashed(messages):
        seen.append(messages[-1]["content"])
        return "crash" in messages[-1]["content"]

    async def polite(messages):
        await asyncio.sleep(0)
        return "please" in messages[-1]["content"]

    user, front, support, sales = (member(name) for name in ("user", "front", "support", "sales"))
    front.say("a crash, please help")
    front.say("please")
    front.say("nothing")
    handoffs = Handoffs(
        [Handoff(front, support, when=crashed), Handoff(front, sales, when=polite)],
        after_work={support: front, sales: front, front: None},
    )
    manager = group(user, front, support, sales, speaker_selection_method=handoffs, max_round=20)
    run(user.initiate_chat, manager, message="go")
    assert order(manager) == ["user", "front", "support", "front", "sales", "front"]
    assert seen == ["a crash, please help", "please", "nothing"]


def test_other_tools_go_back_to_their_caller_and_the_first_handoff_of_several_counts(thinker, member, group, run):
    one, _ = thinker("one", calling("add", a=1), calling("add", "handoff_to_three", "handoff_to_two", a=2))
    two, three, user = member("two"), member("three"), member("user")
    handoffs = Handoffs([Handoff(one, two), Handoff(one, three)], after_work={three: None})

    @one.register_for_execution()
    @one.register_for_llm(description="Adds one.")
    def add(a: int) -> int:
        return a + 1

    manager = group(user, one, two, three, speaker_selection_method=handoffs, max_round=20)
    run(user.initiate_chat, manager, message="go")
    assert order(manager) == ["user", "one", "one", "one", "one", "three"]
    assert manager.groupchat.messages[2]["content"] == "2"


def test_tools_may_be_run_by_somebody_else(thinker, member, group, run):
    one, _ = thinker("one", calling("add", a=1), "done TERMINATE")
    runner, two = member("runner", function_map={"add": lambda a: a + 1}), member("two")
    runner.register_reply(lambda _: True, ConversableAgent.generate_tool_calls_reply)
    one.register_for_llm(name="add", description="Adds one.")(lambda a=0: a)
    manager = group(runner, one, two, speaker_selection_method=Handoffs([Handoff(one, two)]), max_round=20)
    run(runner.initiate_chat, manager, message="go")
    assert order(manager) == ["runner", "one", "runner", "one"]


def test_a_resumed_conversation_is_in_the_same_hands(thinker, member, group, run):
    def make():
        triage, _ = thinker("triage", calling("handoff_to_billing"), "words")
        billing, user = member("billing"), member("user")
        handoffs = Handoffs([Handoff(triage, billing)])
        return user, group(user, triage, billing, max_round=3, speaker_selection_method=handoffs)

    user, before = make()
    run(user.initiate_chat, before, message="go")
    _, after = make()
    speaker, message = run(after.resume, before.messages_to_string(before.groupchat.messages))
    assert (speaker.name, message["role"]) == ("triage", "tool")
    run(speaker.initiate_chat, after, message=message, clear_history=False)
    assert order(after) == ["user", "triage", "triage", "billing", "triage"]


def test_what_cannot_be_handed_over_is_refused(thinker, member, kernel):
    one, _ = thinker("one")
    two, outside = member("two"), member("outside")
    with pytest.raises(AgentError, match="one cannot hand over to itself"):
        Handoffs([Handoff(one, one)])
    with pytest.raises(AgentError, match=r"two: register_for_llm offers tools to a model, and this agent has none"):
        Handoffs([Handoff(two, one)])
    with pytest.raises(AgentError, match="two handoffs with the tool handoff_to_two"):
        Handoffs([Handoff(one, two), Handoff(one, two)])

    class Foreign:
        name, description = "foreign", ""

    with pytest.raises(AgentError, match="foreign can have no tools, so it hands over with a condition only"):
        Handoffs([Handoff(Foreign(), one)])
    for wrong, reason in {
        "handoffs: 'outside' is not in the group; its members are one, two": Handoffs(
            [Handoff(two, outside, when=bool)]
        ),
        r"after_work: 'outside' is not": Handoffs([], after_work={outside: one}),
        r"after_work\[one\]: 'outside' is not": Handoffs([], after_work={one: outside}),
        r"after_work\[one\]: must be one of auto": Handoffs([], after_work={one: "clever"}),
    }.items():
        with pytest.raises(AgentError, match=wrong):
            GroupChat([one, two], speaker_selection_method=reason)


def test_a_handoff_without_a_pending_executor_or_a_known_caller_ends_the_chat(member, group, run):
    one, two = member("one"), member("two")
    two.say({"role": "tool", "content": "3", "tool_responses": []})
    manager = group(one, two, speaker_selection_method=Handoffs([]), max_round=9)
    result = run(one.initiate_chat, manager, message="go")
    assert (order(manager), result.stop_reason.kind) == (["one", "two"], "no_next_speaker")


def test_scripted_models_see_one_tool_for_each_target(thinker, member):
    one, asked = thinker("one", "hello")
    Handoffs([Handoff(one, member(name)) for name in ("two", "three")])
    one.generate_reply(messages=[{"role": "user", "content": "hi"}])
    assert isinstance(asked, ScriptedClient)
    assert [tool["function"]["name"] for tool in asked.requests[0].tools] == ["handoff_to_two", "handoff_to_three"]
