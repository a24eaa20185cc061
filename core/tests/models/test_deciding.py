"""Deciding: held by a schema where that works, else read out of plain text, and never anything but one of the choices."""

from __future__ import annotations

import asyncio
import json

import pytest

from quorate import Cache, CreateResult, MessageError, ModelConfig, ModelError, ModelInfo, ModelsExhausted, Usage
from quorate._drive import drive
from quorate.models.deciding import choice_of
from quorate.models.usage import open_tally
from quorate.testing import ScriptedClient, isolated_kernel

NAMES = ["ann", "bob"]
WORDS = ModelInfo(structured_output=False)
SCHEMA = ModelInfo(structured_output=True)


def held(choice):
    return json.dumps({"choice": choice})


def model(*script, info=WORDS):
    return ScriptedClient(script=script, model_info=info)


def decide(client, question="Who is next?", choices=NAMES, **params):
    return asyncio.run(client.decide(question, choices, **params))


def asked(client):
    return [[message["content"] for message in request.messages] for request in client.requests]


# -- one client


@pytest.mark.parametrize("info", [SCHEMA, ModelInfo()], ids=["declared", "unknown"])
def test_a_schema_holds_the_model_to_the_choices(info):
    client = model(held("bob"), info=info)
    assert decide(client, temperature=0) == "bob"
    (request,) = client.requests
    shape = request.response_format["json_schema"]["schema"]
    assert shape["properties"]["choice"]["enum"] == NAMES
    assert request.params == {"temperature": 0}


def test_the_choices_are_told_in_words_too():
    client = model("bob")
    assert decide(client) == "bob"
    assert asked(client) == [["Who is next?\n\nAnswer with exactly one of these lines and nothing else:\nann\nbob"]]
    assert client.requests[0].response_format is None


def test_a_conversation_gets_the_demand_at_its_end_and_is_not_changed():
    messages = [{"role": "system", "content": "Choose."}, {"role": "user", "content": "Hello", "name": "ann"}]
    kept = [dict(each) for each in messages]
    client = model("bob")
    assert decide(client, messages) == "bob"
    assert messages == kept
    assert list(client.requests[0].messages[:2]) == messages
    assert client.requests[0].messages[2]["content"].endswith("\nann\nbob")


def test_a_schema_that_is_refused_is_not_tried_again():
    client = model(ModelError("response_format is unknown", kind="bad_request"), "ann", "bob", info=ModelInfo())
    assert [decide(client), decide(client)] == ["ann", "bob"]
    assert [request.response_format is None for request in client.requests] == [False, True, True]
    assert client.model_info.structured_output is False


def test_a_schema_that_was_declared_and_is_refused_is_an_error():
    client = model(ModelError("no such thing", kind="bad_request"), "ann", info=SCHEMA)
    with pytest.raises(ModelError, match="no such thing"):
        decide(client)


def test_a_schema_that_is_passed_over_leaves_the_plain_text():
    assert decide(model("I think it is bob.", info=SCHEMA)) == "bob"


def test_an_unclear_answer_is_asked_for_once_more():
    client = model("ann or bob", "bob")
    result = asyncio.run(client.choose("Who?", NAMES))
    assert result.content == "bob"
    read = sum(len(text.split()) for request in asked(client) for text in request)
    assert result.usage == Usage(read, len("ann or bob".split()) + 1)
    assert asked(client)[1][1] == "ann or bob"
    assert asked(client)[1][2].startswith("That is not one of the choices.")


def test_two_unclear_answers_are_an_error_that_quotes_them():
    with pytest.raises(ModelError, match=r"one of ann, bob, the model answered 'ann or bob', then 'carl'") as caught:
        decide(model("ann or bob", "carl"))
    assert caught.value.kind == "bad_response"


def test_a_format_of_the_configuration_is_not_for_decisions():
    config = ModelConfig.parse({"model": "m", "response_format": {"type": "json_object"}}, place="here")
    client = ScriptedClient(config, script=["ann or bob", "bob"], model_info=WORDS)
    assert decide(client) == "bob"
    assert [request.response_format for request in client.requests] == [{"type": "text"}] * 2


def test_one_choice_needs_no_model():
    client = model()
    assert decide(client, choices=["ann"]) == "ann"
    assert client.requests == []


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([], r"choices is \[\]; give a list of texts"),
        ("ann", "choices is 'ann'; give a list of texts"),
        (["ann", ""], r"choices\[1\] is ''; a choice is a text that is not empty"),
        (["ann", " \n"], r"choices\[1\]"),
        (["ann", None], r"choices\[1\] is None"),
        (["ann", "bob", "ann"], r"choices\[2\] is 'ann' for the second time"),
        (["ann", "ann "], r"choices\[1\] is 'ann ' for the second time"),
    ],
)
def test_what_is_no_choice_is_refused(choices, words):
    client = model()
    with isolated_kernel(client) as kernel:
        for ask in (client.decide, client.choose, kernel.chat_client({"model": "any"}).decide):
            with pytest.raises(ModelError, match=words) as caught:
                asyncio.run(ask("Who?", choices))
            assert caught.value.kind == "bad_request"
    assert client.requests == []


def test_what_is_no_message_is_refused():
    with pytest.raises(MessageError):
        asyncio.run(model("x").count_tokens([3]))


@pytest.mark.parametrize(
    ("text", "choices", "choice"),
    [
        ("ann", NAMES, "ann"),
        (" ann\n", NAMES, "ann"),
        ("**ann**.", NAMES, "ann"),
        ("It is ann, yes: ann!", NAMES, "ann"),
        ("Anna", ["ann", "Anna"], "Anna"),
        ("ann", ["Ann", "ann"], "ann"),
        ("joann", NAMES, None),
        ("nobody", NAMES, None),
        ("", NAMES, None),
        ("ann and bob", NAMES, None),
        ("New York", ["York", "New York"], "New York"),
        ("York, in New York", ["York", "New York"], None),
        ("York", ["York", "New York"], "York"),
        ("a b c", ["a b", "b c"], None),
        ("The answer is C++.", ["C", "C++"], "C++"),
        ("say 'yes, please' to it", ["yes", "yes, please"], "yes, please"),
        (held("bob"), NAMES, "bob"),
        ('{"choice": "bob", "why": "ann spoke"}', NAMES, "bob"),
        ('```json\n{"choice": "bob"}\n```', NAMES, "bob"),
        ('"bob"', NAMES, "bob"),
        ("[" * 100_000, NAMES, None),
        ("<think>ann? No.</think>\nbob", NAMES, "bob"),
        ("三", ["三", "四"], "三"),
        (" 3 ", [" 3", "4"], " 3"),
    ],
)
def test_the_choice_that_a_text_names(text, choices, choice):
    assert choice_of(CreateResult(text), choices) == choice


def test_many_choices():
    names = [f"agent number {number}" for number in range(200)]
    assert decide(model("agent number 17"), choices=names) == "agent number 17"
    assert decide(model(held("agent number 170"), info=SCHEMA), choices=names) == "agent number 170"


# -- a config list, as an agent has it


@pytest.fixture(params=[drive, asyncio.run], ids=["blocking", "async"])
def run(request):
    return request.param


def test_a_config_list_decides_and_counts(run):
    with isolated_kernel(model("bob")) as kernel, open_tally() as tally:
        client = kernel.chat_client({"model": "m"})
        assert run(client.decide("Who?", NAMES)) == "bob"
    assert client.total_usage_summary["scripted"]["completion_tokens"] == 1
    assert client.total_usage_summary == tally.total.as_dict()


def test_one_choice_is_not_counted():
    with isolated_kernel(model()) as kernel:
        client = kernel.chat_client({"model": "m"})
        assert drive(client.decide("Who?", ["ann"])) == "ann"
    assert client.total_usage_summary is None


def test_it_retries_and_falls_back(run):
    busy = ModelError("busy", kind="overload", retry_after=0.0)
    first, second = model(busy, "nobody", "not me", info=WORDS), model(held("ann"), info=SCHEMA)
    with isolated_kernel() as kernel:
        kernel.register(first, "a")
        second._name = "second"
        kernel.register(second, "b")
        client = kernel.chat_client(
            {"config_list": [{"model": "m", "client": "scripted"}, {"model": "n", "client": "second"}]}
        )
        result = run(client.choose([{"role": "user", "content": "Who?"}], NAMES))
    assert result.content == "ann"
    assert [attempt.kind for attempt in result.attempts] == ["overload", "bad_response", None]


def test_a_list_that_cannot_decide_says_what_was_answered(run):
    with isolated_kernel(model("carl", "dora")) as kernel:
        client = kernel.chat_client({"model": "m"})
        with pytest.raises(ModelsExhausted, match=r"answered 'carl', then 'dora'"):
            run(client.decide("Who?", NAMES))


def test_a_decision_is_cached_for_its_choices(run, tmp_path):
    client = model("bob", "carl", "hello")
    with isolated_kernel(client) as kernel, Cache.disk(cache_path_root=tmp_path):
        chat = kernel.chat_client({"model": "m"})
        question = [{"role": "user", "content": "Who?"}]
        assert [run(chat.decide(question, NAMES)) for _ in range(3)] == ["bob"] * 3
        assert run(chat.decide("Who?", NAMES)) == "bob"
        assert run(chat.decide(question, ["ann", "carl"])) == "carl"
        assert run(chat.create(question)).content == "hello"
    assert len(client.requests) == 3
    assert client.requests[0].params == {}
    assert chat.actual_usage_summary["scripted"]["completion_tokens"] == 3
    assert chat.total_usage_summary["scripted"]["completion_tokens"] == 6


class Protocol:
    """Nothing but the protocol."""

    def __init__(self, config):
        pass

    model_info = ModelInfo()

    async def create(self, messages, *, tools=(), tool_choice="auto", response_format=None, **params):
        return CreateResult(held("bob") if response_format else "bob")

    async def create_stream(self, messages, **request):
        yield await self.create(messages, **request)

    async def close(self):
        pass


def test_a_client_with_nothing_but_the_protocol_decides(run):
    with isolated_kernel() as kernel:
        kernel.register_model_client(Protocol)
        client = kernel.chat_client({"model": "m", "model_client_cls": "Protocol"})
        assert run(client.decide("Who?", NAMES)) == "bob"
        assert run(client.count_tokens([{"role": "user", "content": "Who?"}])) > 0
        assert run(client.remaining_tokens([{"role": "user", "content": "Who?"}])) is None


class Cheat(ScriptedClient):
    async def choose(self, question, choices, **params):
        return CreateResult("carl")


def test_a_client_that_chooses_something_else_is_found_out(run):
    cheat = Cheat(script=[])
    with isolated_kernel(cheat) as kernel:
        for client in (cheat, kernel.chat_client({"model": "m"})):
            with pytest.raises(ModelError, match=r"choose gave 'carl', which is none of the choices \(ann, bob\)"):
                asyncio.run(client.decide("Who?", NAMES))


def test_a_client_of_autogen_02_decides_where_the_caller_is():
    import threading

    places = []

    class Old:
        def __init__(self, config, **_):
            pass

        def create(self, params):
            assert "response_format" not in params
            places.append(threading.current_thread())
            return params["messages"][-1]["content"].splitlines()[-1]

        def message_retrieval(self, response):
            return [response]

        def cost(self, response):
            return 0

        @staticmethod
        def get_usage(response):
            return {}

    with isolated_kernel() as kernel:
        kernel.register_model_client(Old)
        client = kernel.chat_client({"model": "m", "model_client_cls": "Old"})
        assert drive(client.decide("Who?", NAMES)) == "bob"
    assert places == [threading.current_thread()]
