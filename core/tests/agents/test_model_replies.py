"""Replies of models: requests, streams, own client classes, and what stays when a model fails."""

from __future__ import annotations

import asyncio

import pytest

from quorate import (
    Attempt,
    BaseChatCompletionClient,
    ConfigError,
    ConversableAgent,
    CreateResult,
    MessageError,
    ModelError,
    ModelsExhausted,
    UnknownName,
    create_model_client,
)
from quorate.events import ChatEnded, ModelAnswered, TextPart
from quorate.testing import ScriptedClient

HELLO = [{"role": "user", "content": "hello"}]


def refused(kind="auth", text="the key is wrong"):
    return ModelError(text, kind=kind)


class Shouting(BaseChatCompletionClient):
    """A client of the program's own with the typed protocol: one method is enough."""

    async def create(self, messages, **request):
        await asyncio.sleep(0)
        return CreateResult(messages[-1]["content"].upper(), model=self.config.model, cost=0.0)


SHOUT = {"model": "loud", "model_client_cls": "Shouting"}


def test_the_request_is_instructions_and_history(thinker, talker, run):
    model, client = thinker("model", "one", "two", system_message="Be brief.")
    run(talker("user", "more").initiate_chat, model, message="hello", max_turns=2)
    assert [(m["role"], m["content"], m.get("name")) for m in client.requests[1].messages] == [
        ("system", "Be brief.", None),
        ("user", "hello", "user"),
        ("assistant", "one", "model"),
        ("user", "more", "user"),
    ]


@pytest.mark.parametrize("system_message", ["", None])
def test_no_instructions(thinker, run, system_message):
    model, client = thinker("model", "one", "two", system_message=system_message)
    run(model.generate_reply, HELLO)
    model.update_system_message("Be brief.")
    run(model.generate_reply, HELLO)
    assert [[m["role"] for m in request.messages] for request in client.requests] == [["user"], ["system", "user"]]
    assert model.system_message == "Be brief."


def test_text_is_told_in_parts_when_someone_listens(kernel, thinker, talker, run):
    told = []
    kernel.observers.add(told.append)
    run(talker("user").initiate_chat, thinker("model", "three little words")[0], message="hello", max_turns=1)
    assert [event.text for event in told if isinstance(event, TextPart)] == ["three ", "little ", "words"]
    assert {event.recipient for event in told if isinstance(event, TextPart)} == {"user"}
    assert [event.streamed for event in told if hasattr(event, "streamed")] == [False, True]
    assert [event.result.content for event in told if isinstance(event, ModelAnswered)] == ["three little words"]


@pytest.mark.parametrize(
    ("stream", "listened", "parts"), [(None, False, 0), (True, False, 0), (False, True, 0), (True, True, 2)]
)
def test_stream_as_the_config_says(kernel, run, stream, listened, parts):
    told = []
    if listened:
        kernel.observers.add(lambda event: told.append(event) if isinstance(event, TextPart) else None)
    kernel.register(ScriptedClient(script=["two words"]), "plugin")
    llm_config = {"config_list": [{"model": "m", "stream": stream}]}
    made = ConversableAgent("a", human_input_mode="NEVER", llm_config=llm_config, kernel=kernel)
    assert run(made.generate_reply, HELLO) == "two words"
    assert len(told) == parts


@pytest.mark.parametrize("llm_config", [None, False])
def test_no_model(kernel, run, llm_config):
    made = ConversableAgent("a", human_input_mode="NEVER", llm_config=llm_config, kernel=kernel)
    assert made.client is None
    assert run(made.generate_reply, HELLO) is None


@pytest.mark.parametrize(
    ("llm_config", "error", "text"),
    [
        ({}, ConfigError, "llm_config: is empty"),
        ({"config_list": []}, ConfigError, "llm_config.config_list: is empty"),
        ({"config_list": [{"model": ""}]}, ConfigError, r"llm_config.config_list\[0\]: names no model"),
        ({"model": "m", "client": "nonsense"}, UnknownName, "nonsense"),
        ("gpt", ConfigError, "llm_config: must be a dict"),
    ],
)
def test_a_config_that_cannot_be_used_fails_where_the_agent_is_made(kernel, llm_config, error, text):
    kernel.register(ScriptedClient(script=["never"]), "model")
    with pytest.raises(error, match=text):
        ConversableAgent("a", llm_config=llm_config, kernel=kernel)


# -- client classes of the program's own


def test_a_class_registered_on_one_agent_is_seen_by_every_agent_of_the_kernel(kernel, run, texts):
    one, two = (
        ConversableAgent(name, human_input_mode="NEVER", llm_config=SHOUT, kernel=kernel) for name in ("one", "two")
    )
    one.register_model_client(Shouting)
    assert texts(run(one.initiate_chat, two, message="hello", max_turns=2).chat_history) == ["hello"] + ["HELLO"] * 3
    later = ConversableAgent("later", human_input_mode="NEVER", llm_config=SHOUT, kernel=kernel)
    assert run(later.generate_reply, HELLO) == "HELLO"


@pytest.mark.parametrize("side", ["opener", "recipient"])
def test_a_class_nobody_registered_is_said_before_the_chat(kernel, agent, run, side):
    llm_config = {"config_list": [{"model": "n", "model_client_cls": "Missing"}]}
    asked = ConversableAgent("asked", human_input_mode="NEVER", llm_config=llm_config, kernel=kernel)
    opener, recipient = (asked, agent("other")) if side == "opener" else (agent("other"), asked)
    text = (
        r"^llm_config.config_list\[0\].model_client_cls: Missing is not registered; call "
        r"agent.register_model_client\(Missing\) before the chat starts$"
    )
    with pytest.raises(ConfigError, match=text):
        run(opener.initiate_chat, recipient, message="hello")
    assert len(opener.chat_messages[recipient]) == 0
    with pytest.raises(ConfigError, match=text):
        run(asked.generate_reply, HELLO)


def test_a_client_may_be_handed_to_the_model_function(kernel, agent, run):
    kernel.register_model_client(Shouting)
    client = create_model_client(SHOUT, kernel=kernel)
    assert run(agent().generate_oai_reply, HELLO, None, client) == (True, "HELLO")


# -- when a model fails


def test_a_model_that_fails_leaves_both_histories_and_the_chat_goes_on(thinker, talker, run, texts):
    user = talker("user", "thanks")
    model, client = thinker("model", "one", refused(), "two TERMINATE")
    with pytest.raises(ModelsExhausted) as caught:
        run(user.initiate_chat, model, message="hello")
    assert str(caught.value) == (
        "no configuration answered (1 attempt):\n  1. llm_config (model-of-model, m): auth: the key is wrong"
    )
    assert texts(user.chat_messages[model]) == texts(model.chat_messages[user]) == ["hello", "one", "thanks"]
    chat = run(user.initiate_chat, model, message="and now?", clear_history=False)
    assert texts(chat.chat_history) == ["and now?", "two TERMINATE"]
    assert [m["content"] for m in client.requests[2].messages[1:]] == ["hello", "one", "thanks", "and now?"]


def test_a_stream_that_fails_for_good_leaves_no_half_message(kernel, talker, run, texts):
    class Breaking(BaseChatCompletionClient):
        failing = True

        async def create_stream(self, messages, **request):
            yield "half a "
            if Breaking.failing:
                Breaking.failing = False
                raise refused("content_filter", "refused after all")
            yield "word"
            yield CreateResult("half a word")

    parts = []
    kernel.observers.add(lambda event: parts.append(event.text) if isinstance(event, TextPart) else None)
    kernel.register_model_client(Breaking)
    llm_config = {"model": "m", "model_client_cls": "Breaking"}
    model = ConversableAgent("model", human_input_mode="NEVER", llm_config=llm_config, kernel=kernel)
    user = talker("user")
    with pytest.raises(ModelsExhausted, match="content_filter: refused after all"):
        run(user.initiate_chat, model, message="hello")
    assert texts(user.chat_messages[model]) == ["hello"]
    chat = run(user.initiate_chat, model, message="again", clear_history=False)
    assert texts(chat.chat_history) == ["again", "half a word"]
    assert parts == ["half a ", "half a ", "word"]


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyError("x")])
def test_a_reply_function_that_raises_leaves_the_chat_whole(talker, run, texts, error):
    one, two = talker("one", "and you?"), talker("two", "fine", error, "better")
    with pytest.raises(type(error)):
        run(one.initiate_chat, two, message="hello")
    assert texts(one.chat_messages[two]) == texts(two.chat_messages[one]) == ["hello", "fine", "and you?"]
    chat = run(one.initiate_chat, two, message="once more", clear_history=False)
    assert texts(chat.chat_history) == ["once more", "better"]
    assert len(one.chat_messages[two]) == 5


def test_a_summary_that_raises_loses_nothing(talker, run, texts):
    def broken(sender, recipient, args):
        raise RuntimeError("no summary")

    one, two = talker("one"), talker("two", "reply")
    with pytest.raises(RuntimeError, match="no summary"):
        run(one.initiate_chat, two, message="hello", summary_method=broken)
    assert texts(one.chat_messages[two]) == ["hello", "reply"]


# -- both ways


def conversation(kernel):
    """A chat with a model that fails once, calls tools, streams, and is priced."""
    calls = [
        {"id": f"c{n}", "type": "function", "function": {"name": "double", "arguments": f'{{"x": {n}}}'}}
        for n in range(3)
    ]
    steps = [
        refused("network", "again"),
        CreateResult(calls, finish_reason="tool_calls", cost=0.25, model="m"),
        "```python\nprint(3)\n```",
        CreateResult("done. TERMINATE", cost=None, model="m2", attempts=(Attempt("x", 0.0),)),
    ]
    kernel.register(ScriptedClient(script=steps), "model")
    told = []
    kernel.observers.add(told.append)
    llm_config = {"config_list": [{"model": "a", "max_retries": 0}, {"model": "b"}]}
    model = ConversableAgent("model", human_input_mode="NEVER", llm_config=llm_config, kernel=kernel)
    user = ConversableAgent(
        "user",
        human_input_mode="NEVER",
        function_map={"double": lambda x: 2 * x},
        code_execution_config={"executor": "local"},
        kernel=kernel,
    )
    return user, model, told


def test_blocking_and_async_give_the_same(kernel):
    from quorate.testing import isolated_kernel

    found = []
    for call in (
        lambda user, model: user.initiate_chat(model, message="go"),
        lambda user, model: asyncio.run(user.a_initiate_chat(model, message="go")),
    ):
        with isolated_kernel() as own:
            user, model, told = conversation(own)
            chat = call(user, model)
            # Tools run side by side: their events come in any order.
            events = sorted(f"{type(event).__name__} {event.agent}" for event in told)
            texts = [event.text for event in told if isinstance(event, TextPart)]
            end = next(event for event in told if isinstance(event, ChatEnded))
            found.append((chat.chat_history, chat.summary, chat.cost, chat.stop_reason, events, texts, end))
    assert found[0] == found[1]
    history, summary, cost, stop, *_ = found[0]
    assert [message["content"] for message in history] == [
        "go",
        None,
        "0\n\n2\n\n4",
        "```python\nprint(3)\n```",
        "exitcode: 0 (execution succeeded)\nCode output: \n3\n",
        "done. TERMINATE",
    ]
    assert (summary, stop.kind) == ("done.", "termination_message")
    assert cost["usage_including_cached_inference"]["total_cost"] is None


def test_instructions_in_parts(thinker, run):
    parts = [{"type": "text", "text": "Be brief"}, {"type": "text", "text": " and kind."}]
    model, client = thinker("model", "one", "two", system_message=parts)
    run(model.generate_reply, HELLO)
    assert client.requests[0].messages[0] == {"role": "system", "content": parts}
    assert (model.system_message, model.description) == (parts, "Be brief and kind.")
    model.description = "A model."
    model.update_system_message(None)
    run(model.generate_reply, HELLO)
    assert [message["role"] for message in client.requests[1].messages] == ["user"]
    with pytest.raises(MessageError):
        model.update_system_message(42)
    assert model.system_message == ""


def test_names_may_have_spaces(thinker, agent, run):
    model, client = thinker("model", "yes")
    chat = run(agent("Ada Lovelace").initiate_chat, model, message="hello", max_turns=1)
    assert [message["name"] for message in chat.chat_history] == ["Ada Lovelace", "model"]
    assert client.requests[0].messages[1]["name"] == "Ada Lovelace"
