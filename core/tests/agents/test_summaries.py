"""Summaries: what is checked before a chat, and what a model is asked after it."""

from __future__ import annotations

import pytest

from quorate import AgentError, CreateResult, ModelError, Usage
from quorate.agents.summaries import DEFAULT_SUMMARY_PROMPT

REFLECTION = "reflection_with_llm"


@pytest.mark.parametrize("method", ["last", 42, ["last_msg"]])
def test_no_such_summary_method_is_said_before_the_chat(echo, run, method):
    two = echo("two")
    with pytest.raises(AgentError, match="summary_method is 'last_msg', 'reflection_with_llm', a function"):
        run(echo("one").initiate_chat, two, message="hello", summary_method=method)
    assert two.spoken == 0


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["prompt"], "summary_args is a dict, or None, not list"),
        ({"summary_prompt": 42}, r"summary_args\['summary_prompt'\] is text, not 42"),
        ({"summary_role": ["system"]}, r"summary_args\['summary_role'\] is text"),
    ],
)
def test_arguments_that_a_reflection_does_not_take(thinker, echo, run, args, said):
    model, client = thinker("model", "never")
    with pytest.raises(AgentError, match=said):
        run(echo("one").initiate_chat, model, message="hello", summary_method=REFLECTION, summary_args=args)
    assert client.requests == []


def test_a_reflection_without_a_model_is_refused_before_the_chat(echo, run):
    one, two = echo("one"), echo("two")
    with pytest.raises(AgentError, match="needs a model, and neither one nor two has one"):
        run(one.initiate_chat, two, message="hello", summary_method=REFLECTION)
    assert (two.spoken, len(one.chat_messages[two])) == (0, 0)


def test_the_recipients_model_sums_up_its_own_view(thinker, talker, run, texts):
    model, client = thinker("model", "It is 42. TERMINATE", "The answer is 42.")
    chat = run(talker("user").initiate_chat, model, message="6 * 7?", summary_method=REFLECTION, max_turns=1)
    assert chat.summary == "The answer is 42."
    asked = client.requests[1]
    assert [(message["role"], message["content"]) for message in asked.messages] == [
        ("user", "6 * 7?"),
        ("assistant", "It is 42. TERMINATE"),
        ("system", DEFAULT_SUMMARY_PROMPT),
    ]
    assert asked.tool_choice == "none", "a summary is text"
    assert texts(chat.chat_history) == ["6 * 7?", "It is 42. TERMINATE"], "the question is no part of the chat"


def test_the_openers_model_does_when_the_recipient_has_none(thinker, talker, run):
    model, client = thinker("model", "in short")
    args = {"summary_prompt": "In three words.", "summary_role": "user"}
    two = talker("two", "reply")
    chat = run(model.initiate_chat, two, message="hello", summary_method=REFLECTION, summary_args=args, max_turns=1)
    assert chat.summary == "in short"
    assert client.requests[0].messages[-1] == {"role": "user", "content": "In three words."}
    assert args == {"summary_prompt": "In three words.", "summary_role": "user"}


def test_a_reflection_is_part_of_the_chats_cost_and_of_the_agents(thinker, talker, run):
    answers = [CreateResult(text, usage=Usage(10, 2), cost=cost, model="m") for text, cost in (("a", 1.0), ("b", 0.5))]
    model, _ = thinker("model", *answers)
    chat = run(talker("user").initiate_chat, model, message="hello", summary_method=REFLECTION, max_turns=1)
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 1.5
    assert model.get_total_usage()["total_cost"] == 1.5


def test_a_summary_that_fails_says_that_the_chat_is_complete(thinker, talker, run, texts):
    model, _ = thinker("model", "the answer", ModelError("no", kind="bad_request"), "go on")
    user = talker("user")
    with pytest.raises(ModelError) as caught:
        run(user.initiate_chat, model, message="hello", summary_method=REFLECTION, max_turns=1)
    assert caught.value.__notes__ == ["The chat of user and model itself is complete, and in their histories."]
    assert texts(user.chat_messages[model]) == ["hello", "the answer"]
    chat = run(user.initiate_chat, model, message="and now?", clear_history=False, max_turns=1)
    assert chat.summary == "go on"


def test_what_is_summed_up_can_be_chosen_by_the_recipient(kernel, thinker, talker, run, texts):
    model, client = thinker("model", "answer", "summary")
    model.chat_messages_for_summary = lambda agent: [{"role": "user", "content": f"as told to {agent.name}"}]
    run(talker("user").initiate_chat, model, message="hello", summary_method=REFLECTION, max_turns=1)
    assert texts(client.requests[1].messages) == ["as told to user", DEFAULT_SUMMARY_PROMPT]
