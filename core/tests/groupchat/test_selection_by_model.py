"""Who speaks next when a model chooses between the members."""

from __future__ import annotations

import asyncio

import pytest

from quorate import (
    AgentError,
    BaseChatCompletionClient,
    ConfigError,
    CreateResult,
    GroupChat,
    ModelError,
    ModelInfo,
    ModelsExhausted,
)
from quorate.events import ModelAnswered, SpeakerNotNamed
from quorate.stopping import tokens
from quorate.testing import ScriptedClient

WORDS_ONLY = ModelInfo(structured_output=False)


def order(messages):
    return [message["name"] for message in messages]


def test_a_model_chooses_between_the_members(member, group, model, run, events):
    config, asked = model("three", "two", model_info=WORDS_ONLY)
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", max_round=3, manager={"llm_config": config})
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "three", "two"]
    system, user = asked.requests[1].messages
    assert (system["role"], user["role"]) == ("system", "user")
    assert "two: is two\nthree: is three" in system["content"]
    assert user["content"].startswith("one: go\n\nthree: three 1\n\nGiven the conversation above, which of ['one', ")
    assert manager.get_total_usage()["scripted"]["completion_tokens"] == 2
    assert [event.silent for event in events if isinstance(event, ModelAnswered)] == [True, True]


def test_the_roster_goes_to_the_endpoint_as_a_schema_where_it_can_be_held_to_one(member, group, model, run):
    config, asked = model('{"choice": "two"}', model_info=ModelInfo(structured_output=True))
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", max_round=2, manager={"llm_config": config})
    run(one.initiate_chat, manager, message="go")
    schema = asked.requests[0].response_format["json_schema"]["schema"]
    assert schema["properties"]["choice"]["enum"] == ["one", "two", "three"]
    assert order(manager.groupchat.messages) == ["one", "two"]


@pytest.mark.parametrize(("retries", "asks"), [(0, 2), (1, 2), (2, 4), (3, 6)])
def test_a_model_that_names_nobody_is_asked_again_and_then_the_next_in_the_list_speaks(
    member, group, model, run, events, retries, asks
):
    config, asked = model(*["somebody else", "one or two"] * 4, model_info=WORDS_ONLY)
    one, two, three = (member(name) for name in ("one", "two", "three"))
    options = {
        "max_retries_for_selecting_speaker": retries,
        "select_speaker_auto_none_template": "Pick of {agentlist}!",
    }
    manager = group(
        one, two, three, speaker_selection_method="auto", max_round=2, manager={"llm_config": config}, **options
    )
    run(two.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["two", "three"]
    (told,) = [event for event in events if isinstance(event, SpeakerNotNamed)]
    assert told.speaker == "three"
    assert "somebody else" in told.reason
    assert len(asked.requests) == asks
    again = [one for one in asked.requests if "Pick of ['one', 'two', 'three']!" in str(one.messages)]
    assert len(again) == max(asks - 2, 0)


def test_a_name_may_be_any_text(member, group, model, run):
    config, _ = model("QA (lead)", model_info=WORDS_ONLY)
    one, lead, other = member("one"), member("QA (lead)"), member("QA")
    manager = group(one, other, lead, speaker_selection_method="auto", max_round=2, manager={"llm_config": config})
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "QA (lead)"]


def test_without_a_model_they_speak_in_turn(member, group, run):
    manager = group(member("one"), member("two"), member("three"), speaker_selection_method="auto")
    run(manager.groupchat.agents[0].initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "two", "three", "one"]


def test_an_endpoint_that_fails_ends_nothing_for_good(member, group, model, run):
    failure = ModelError("no such key", kind="auth")
    config, _ = model(failure, "three", model_info=WORDS_ONLY)
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", max_round=2, manager={"llm_config": config})
    with pytest.raises(ModelsExhausted, match="no such key"):
        run(one.initiate_chat, manager, message="go")
    run(one.initiate_chat, manager, message="go on", clear_history=False)
    assert order(manager.groupchat.messages) == ["one", "one", "three"]


def test_one_candidate_is_chosen_without_asking(member, group, model, run):
    config, asked = model()
    one, two = member("one"), member("two")
    manager = group(
        one, two, speaker_selection_method="auto", allow_repeat_speaker=False, manager={"llm_config": config}
    )
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "two", "one", "two"]
    assert not asked.requests


def test_calls_and_their_results_are_read_as_text(member, group, model):
    config, asked = model("two", "two", model_info=WORDS_ONLY)
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", manager={"llm_config": config})
    chat = manager.groupchat
    chat.append({"content": None, "tool_calls": [call]}, one)
    chat.append({"role": "tool", "content": "3", "tool_responses": [{"role": "tool", "content": "3"}]}, three)
    assert chat.select_speaker(three, manager) is two
    assert asked.requests[0].messages[1]["content"].startswith("one: (calls add with {})\n\nthree: 3\n\n")


def test_the_questions_are_the_group_s_own(member, group, model):
    config, asked = model(*["two"] * 3, model_info=WORDS_ONLY)
    one, two, three = (member(name) for name in ("one", "two", "three"))
    options = {
        "select_speaker_message_template": "Roles: {roles} of {agentlist} {as it is}",
        "select_speaker_prompt_template": "Who of {agentlist}?",
        "role_for_select_speaker_messages": "system",
        "select_speaker_auto_verbose": True,
    }
    manager = group(one, two, three, speaker_selection_method="auto", manager={"llm_config": config}, **options)
    chat = manager.groupchat
    chat.append("go", one)
    chat.select_speaker(one, manager)
    system, read, asking, _ = asked.requests[0].messages
    assert system["content"].startswith("Roles: one: is one\n")
    assert system["content"].endswith("of ['one', 'two', 'three'] {as it is}")
    assert (read["content"], asking) == ("one: go", {"role": "system", "content": "Who of ['one', 'two', 'three']?"})
    chat.select_speaker_prompt_template = None
    chat.select_speaker(one, manager)
    assert asked.requests[1].messages[1]["content"].startswith("one: go\n\nAnswer with")
    assert chat.select_speaker_msg([two]).endswith("of ['two'] {as it is}")
    assert chat.select_speaker_prompt() == ""


def test_what_the_model_reads_can_be_transformed(member, group, model, run):
    config, asked = model(*["two"] * 4, model_info=WORDS_ONLY)

    class LastOne:
        def apply_transform(self, messages):
            return messages[-1:]

    async def shout(messages):
        await asyncio.sleep(0)
        return [{**message, "content": message["content"].upper()} for message in messages]

    one, two, three = (member(name) for name in ("one", "two", "three"))
    for transform in (LastOne(), shout):
        manager = group(
            one,
            two,
            three,
            speaker_selection_method="auto",
            max_round=3,
            manager={"llm_config": config},
            select_speaker_transform_messages=transform,
        )
        run(one.initiate_chat, manager, message="go")
        assert manager.groupchat.messages[0]["content"] == "go"
    read = [request.messages[1]["content"].partition("\n\nGiven")[0] for request in asked.requests]
    assert read == ["one: go", "two: two 1", "one: GO", "one: GO\n\ntwo: TWO 3"]


def test_the_group_may_have_a_model_of_its_own(member, group, model, run):
    config, asked = model("three", model_info=WORDS_ONLY)
    managers, idle = model()
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(
        one,
        two,
        three,
        speaker_selection_method="auto",
        max_round=2,
        manager={"llm_config": managers},
        select_speaker_auto_llm_config=config,
    )
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "three"]
    assert (len(asked.requests), len(idle.requests)) == (1, 0)
    assert manager.get_total_usage()["scripted"]["completion_tokens"] == 1
    manager.groupchat.select_speaker_auto_llm_config = False
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "two"]


class Own(BaseChatCompletionClient):
    """A client class of the program's own: it names whoever its configuration says."""

    model_info = WORDS_ONLY

    async def create(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params):
        return CreateResult(self.config.params["says"], cost=0.0, model="own")


def test_a_client_class_that_is_registered_once_is_seen_by_the_speaker_selection(member, group, run):
    own = {"model": "own", "model_client_cls": "Own"}
    thinker = member("thinker", llm_config={**own, "says": "a thought"})
    one, two = member("one"), member("two")
    manager = group(
        one,
        two,
        thinker,
        speaker_selection_method="auto",
        max_round=3,
        manager={"llm_config": {**own, "says": "thinker"}},
    )
    with pytest.raises(ConfigError, match=r"Own is not registered; call agent.register_model_client\(Own\)"):
        run(one.initiate_chat, manager, message="go")
    thinker.register_model_client(Own)
    run(one.initiate_chat, manager, message="go")
    assert order(manager.groupchat.messages) == ["one", "thinker", "thinker"]


def test_the_group_can_register_the_classes_of_its_model_itself(member, group, run):
    own = {"model": "own", "model_client_cls": "Own", "says": "two"}
    one, two, three = (member(name) for name in ("one", "two", "three"))
    for classes in (Own, [Own]):
        manager = group(
            one,
            two,
            three,
            speaker_selection_method="auto",
            max_round=2,
            select_speaker_auto_llm_config=own,
            select_speaker_auto_model_client_cls=classes,
        )
        run(one.initiate_chat, manager, message="go")
        assert order(manager.groupchat.messages) == ["one", "two"]


def test_choosing_spends_the_chat_s_budget(member, group, model, run):
    config, asked = model(*["two"] * 50, model_info=WORDS_ONLY)
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", max_round=50, manager={"llm_config": config})
    result = run(one.initiate_chat, manager, message="go", stop=tokens(3_000))
    assert result.stop_reason.kind == "tokens"
    assert 1 < len(result.chat_history) < 50
    assert len(asked.requests) == len(result.chat_history) - 1


def test_a_scripted_client_without_a_kernel_can_select_too(member):
    class Selector:
        name = "selector"
        client = ScriptedClient(script=["two"], model_info=WORDS_ONLY)

    one, two, three = (member(name) for name in ("one", "two", "three"))
    chat = GroupChat([one, two, three])
    assert chat.select_speaker(one, Selector()) is two
    chat.select_speaker_auto_llm_config = {"model": "m"}
    with pytest.raises(AgentError, match="selector has none"):
        chat.select_speaker(one, Selector())


def test_a_class_that_only_the_group_s_model_names_must_be_registered_too(member, group, run):
    own = {"model": "own", "model_client_cls": "Own", "says": "two"}
    one, two, three = (member(name) for name in ("one", "two", "three"))
    manager = group(one, two, three, speaker_selection_method="auto", select_speaker_auto_llm_config=own)
    with pytest.raises(ConfigError, match="Own is not registered"):
        run(one.initiate_chat, manager, message="go")
    assert not manager.groupchat.messages
