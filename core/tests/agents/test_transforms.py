"""What an agent's model reads: its transforms, in both kinds of chat, without a trace in the history."""

from __future__ import annotations

import re

import pytest

from quorate import (
    AgentError,
    AssistantAgent,
    AssistantMessage,
    CreateResult,
    ModelError,
    ModelsExhausted,
    ToolMessage,
    UserMessage,
    UserProxyAgent,
)
from quorate.console import Console
from quorate.events import HistoryShortened, ModelAnswered
from quorate.models.results import ModelInfo
from quorate.testing import ScriptedClient
from quorate.transforms import LimitMessages, LimitTokens, Redact, SummarizeOld, Transform
from quorate.transforms.summaries import BEGINNING

HELLO = [{"role": "user", "content": "hello"}]
CALL = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}


def contents(request):
    return [message["content"] for message in request.messages]


def overflow(length=100):
    return ModelError(f"maximum context length is {length} tokens", kind="context_overflow")


@pytest.fixture
def told(kernel):
    """The events of shortened histories, as pairs of messages and whether it was for an overflow."""
    events = []
    kernel.observers.add(lambda event: events.append(event) if isinstance(event, HistoryShortened) else None)
    return events


def test_a_model_reads_the_transformed_history_which_stays(thinker, talker, run, told):
    model, client = thinker("model", "1", "2", "3", system_message="Be brief.", transforms=[LimitMessages(2)])
    user = talker("user", "b", "c")
    chat = run(user.initiate_chat, model, message="a", max_turns=3)
    assert [contents(request) for request in client.requests] == [
        ["Be brief.", "a"],
        ["Be brief.", "1", "b"],
        ["Be brief.", "2", "c"],
    ]
    assert [message["content"] for message in chat.chat_history] == ["a", "1", "b", "2", "c", "3"]
    assert [(event.agent, event.messages, event.overflow) for event in told] == [
        ("model", 1, False),
        ("model", 3, False),
    ]
    assert all(event.tokens > 0 for event in told)


def test_nothing_is_copied(thinker, talker, run):
    model, client = thinker("model", "1", transforms=[LimitMessages(5)])
    user = talker("user")
    run(user.initiate_chat, model, message="a", max_turns=1)
    assert client.requests[0].messages[-1] is model.chat_messages[user][0]


def test_functions_of_any_kind_in_order(thinker, run):
    async def shout(messages):
        return [{**message, "content": message["content"].upper()} for message in messages]

    class LastTwo:
        def apply_transform(self, messages):
            return messages[-2:]

    model, client = thinker("model", "1", "2", transforms=[Redact("b+"), shout])
    model.transforms.append(LastTwo())
    given = [UserMessage(text) for text in ("a", "bb", "c")]
    run(model.generate_reply, given)
    assert contents(client.requests[0])[1:] == ["[REDACTED]", "C"]
    model.transforms.clear()
    run(model.generate_reply, given)
    assert contents(client.requests[1])[1:] == ["a", "bb", "c"]


def test_a_transform_may_spoil_its_list_but_not_the_history(thinker, talker, run):
    def spoil(messages):
        messages.clear()
        messages.append(UserMessage("instead"))
        return messages

    model, client = thinker("model", "1", transforms=[spoil])
    user = talker("user")
    run(user.initiate_chat, model, message="a", max_turns=1)
    assert contents(client.requests[0])[1:] == ["instead"]
    assert [message["content"] for message in model.chat_messages[user]] == ["a", "1"]


def test_results_without_their_calls_are_left_out_too(thinker, run):
    model, client = thinker("model", "1", transforms=[lambda messages: messages[-2:]])
    run(
        model.generate_reply,
        [*HELLO, AssistantMessage(tool_calls=[CALL]), ToolMessage("r", "c1"), UserMessage("go on")],
    )
    assert contents(client.requests[0])[1:] == ["go on"]


def test_results_that_a_history_holds_in_one_message(thinker, run):
    model, client = thinker("model", "1", transforms=[LimitMessages(2)])
    results = {"role": "tool", "content": "r", "tool_responses": [ToolMessage("r", "c1")]}
    run(model.generate_reply, [*HELLO, AssistantMessage(tool_calls=[CALL]), results])
    assert [message["role"] for message in client.requests[0].messages] == ["system", "assistant", "tool"]


def test_the_client_counts_with_instructions_and_tools(thinker, run):
    counted = []

    async def count_tokens(messages, *, tools=(), **params):
        counted.append((len(messages), len(tools)))
        return 10 * len(messages) + 100 * len(tools)

    model, client = thinker("model", "1", transforms=[LimitTokens(130)])
    client.count_tokens = count_tokens
    model.update_tool_signature({"type": "function", "function": {"name": "f", "parameters": {}}})
    run(model.generate_reply, [UserMessage(text) for text in "abcdef"])
    assert contents(client.requests[0])[1:] == ["e", "f"]
    assert counted[0] == (7, 1)


def test_a_summary_is_one_call_that_counts(thinker, talker, run):
    answers = "1", "2", CreateResult("sum", model="m", cost=0.5), "3"
    model, client = thinker("model", *answers, transforms=[SummarizeOld(4, keep=2)])
    told = []
    model.kernel.observers.add(lambda event: told.append(event) if isinstance(event, ModelAnswered) else None)
    user = talker("user", "b", "c")
    chat = run(user.initiate_chat, model, message="a", max_turns=3)
    assert contents(client.requests[3])[1:] == [f"{BEGINNING}sum", "2", "c"]
    assert contents(client.requests[2])[1] == "user: a\n\nmodel: 1\n\nuser: b"
    assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.5
    assert len(told) == 4


@pytest.mark.parametrize("transforms", [5, "text", [5], [LimitMessages], [None], {"a": 1}])
def test_what_is_no_transform_is_refused(agent, transforms):
    with pytest.raises(AgentError, match="transforms"):
        agent("model", transforms=transforms)


def test_and_when_it_came_later(thinker, run):
    model, _ = thinker("model", "1")
    model.transforms.append(5)
    with pytest.raises(AgentError, match=re.escape("model: transforms[0]")):
        run(model.generate_reply, HELLO)


@pytest.mark.parametrize("given", [None, "text", (), HELLO[0]])
def test_a_transform_that_gives_no_list(thinker, run, given):
    def broken(messages):
        return given

    model, _ = thinker("model", "1", transforms=[broken])
    with pytest.raises(AgentError, match=r"the transform .*broken gave"):
        run(model.generate_reply, HELLO)


def test_every_agent_takes_them(kernel):
    for cls in (AssistantAgent, UserProxyAgent):
        made = cls("a", transforms=[LimitMessages(5)], code_execution_config=False, kernel=kernel)
        assert made.transforms == [LimitMessages(5)]


# -- a prompt that is too long


LONG = [UserMessage(f"{letter} " * 40) for letter in "abcdef"]


def letters(request):
    return "".join(message["content"][0] for message in request.messages[1:])


@pytest.mark.parametrize("stream", [False, True])
def test_the_oldest_turns_but_the_first_are_left_out(thinker, run, told, stream):
    model, client = thinker("model", overflow(), "answer", llm_config={"stream": stream})
    assert run(model.generate_reply, LONG) == "answer"
    assert letters(client.requests[0]) == "abcdef"
    assert letters(client.requests[1]) in ("af", "f")
    assert client.requests[1].messages[0]["role"] == "system"
    (event,) = told
    assert (event.messages, event.overflow) == (6 - len(letters(client.requests[1])), True)


def test_the_task_stays_where_it_fits(thinker, run):
    model, client = thinker("model", ModelError("too long", kind="context_overflow"), "answer")
    run(model.generate_reply, LONG)
    read = letters(client.requests[1])
    assert read[0] == "a"
    assert "abcdef".endswith(read[1:])


def test_an_overflow_that_lasts_is_an_error_and_nothing_is_lost(thinker, talker, run):
    model, client = thinker("model", overflow(), overflow(), "better")
    user = talker("user", "again")
    with pytest.raises(ModelsExhausted, match="context_overflow"):
        run(user.initiate_chat, model, message="a " * 200, max_turns=1)
    assert len(client.requests) == 2
    assert len(model.chat_messages[user][0]["content"]) == 400
    assert run(model.generate_reply, sender=user) == "better"


def test_transforms_sum_up_before_anything_is_left_out(thinker, run):
    model, client = thinker("model", overflow(200), "sum", "answer", transforms=[SummarizeOld(None, keep=1)])
    assert run(model.generate_reply, LONG) == "answer"
    assert contents(client.requests[2])[1:] == [f"{BEGINNING}sum", LONG[-1]["content"]]


def test_a_summary_that_fails_leaves_the_oldest_out(thinker, run):
    broken = ModelError("no", kind="bad_request")
    model, client = thinker("model", overflow(), broken, "answer", transforms=[SummarizeOld(None, keep=1)])
    assert run(model.generate_reply, LONG) == "answer"
    assert letters(client.requests[2]) in ("af", "f")


@pytest.mark.parametrize("listened", [False, True], ids=["whole", "in parts"])
def test_a_client_of_the_programs_own_without_a_list(kernel, thinker, run, listened):
    if listened:
        kernel.observers.add(lambda event: None)
    own = ScriptedClient(script=[overflow(), "answer"], model_info=ModelInfo(context_length=200))
    model, _ = thinker("model")
    model.client = own
    assert run(model.generate_reply, LONG) == "answer"
    assert len(own.requests[1].messages) < len(own.requests[0].messages)


def test_what_a_client_without_a_list_cannot_mend(thinker, run):
    model, _ = thinker("model")
    broken = ModelError("half", kind="context_overflow", output_started=True)
    for error, asked in ((ModelError("no", kind="auth"), LONG), (broken, LONG), (overflow(), [UserMessage("")])):
        model.client = ScriptedClient(script=[error, "never"])
        with pytest.raises(ModelError) as caught:
            run(model.generate_reply, asked)
        assert caught.value is error
        assert len(model.client.requests) == 1


def test_a_prompt_of_which_nothing_can_be_left_out(thinker, run, told):
    model, client = thinker("model", overflow(), "never", system_message="word " * 200)
    with pytest.raises(ModelsExhausted, match="1 attempt"):
        run(model.generate_reply, [UserMessage("")])
    assert len(client.requests) == 1
    assert not told


def test_transforms_that_change_nothing_are_not_told(thinker, run, told):
    model, client = thinker("model", "1", transforms=[LimitMessages(9), lambda messages: messages])
    run(model.generate_reply, HELLO)
    assert client.requests[0].messages[1] is HELLO[0]
    assert not told


def test_a_transform_class_of_ones_own(thinker, run):
    class Counted(Transform):
        """Leaves out what is longer than the tokens that its reader counts for one message."""

        async def a_apply_transform(self, messages, reader=None):
            assert reader is not None
            return [one for one in messages if await reader.count_alone(one) < 20]

    class Nothing(Transform):
        """Needs no body to be one."""

    model, client = thinker("model", "1", overflow(400), "2", transforms=[Counted(), Nothing()])
    run(model.generate_reply, [UserMessage("word " * 50), *HELLO])
    assert contents(client.requests[0])[1:] == ["hello"]
    assert Nothing().apply_transform(HELLO) == HELLO
    run(model.generate_reply, HELLO * 20)
    assert len(client.requests[2].messages) < len(client.requests[1].messages)


def test_a_reflection_on_a_long_chat(thinker, talker, run):
    model, client = thinker("model", "1", "2", overflow(), "It was long.")
    user = talker("user", LONG[1]["content"])
    chat = run(user.initiate_chat, model, message=LONG[0]["content"], max_turns=2, summary_method="reflection_with_llm")
    assert chat.summary == "It was long."
    assert len(client.requests[3].messages) < len(client.requests[2].messages)


def test_the_console_says_so_quietly(kernel, thinker, run, capsys):
    kernel.observers.add(Console())
    model, _ = thinker("model", "1", overflow(), "2", transforms=[LimitMessages(1)])
    run(model.generate_reply, [*HELLO, *HELLO])
    model.transforms.clear()
    run(model.generate_reply, LONG)
    shown = capsys.readouterr().out
    assert "[model's model reads 1 message and about " in shown
    assert "[the prompt was too long: model's model reads" in shown
