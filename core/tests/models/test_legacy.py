"""Client classes with AutoGen 0.2's four methods, taken as they stand."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace

import pytest
from pydantic import BaseModel

from quorate import AssistantAgent, ConversableAgent, ModelsExhausted
from quorate.testing import isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]
CALLS = [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}]


class CustomModelClient:
    """The class of AutoGen 0.2's article on custom models, unchanged: it forgets to append its choices."""

    def __init__(self, config, **kwargs):
        print(f"CustomModelClient config: {config}")

    def create(self, params):
        num_of_responses = params.get("n", 1)

        # can create my own data response class
        # here using SimpleNamespace for simplicity
        # as long as it adheres to the ModelClientResponseProtocol

        response = SimpleNamespace()
        response.choices = []
        response.model = "model_name"  # should match the OAI_CONFIG_LIST registration

        for _ in range(num_of_responses):
            text = "this is a dummy text response"
            choice = SimpleNamespace()
            choice.message = SimpleNamespace()
            choice.message.content = text
            choice.message.function_call = None
        return response

    def message_retrieval(self, response):
        choices = response.choices
        return [choice.message.content for choice in choices]

    def cost(self, response) -> float:
        response.cost = 0
        return 0

    def get_usage(response):  # noqa: N805 - as the article has it
        return {}


class Whole(CustomModelClient):
    """The same, with the choices appended."""

    def create(self, params):
        response = super().create(params)
        for number in range(params.get("n", 1)):
            message = SimpleNamespace(content=f"dummy text response {number}", function_call=None)
            response.choices.append(SimpleNamespace(message=message))
        return response


@pytest.fixture
def kernel():
    with isolated_kernel() as kernel:
        yield kernel


@pytest.fixture
def ask(kernel):
    """Ask a client class through the kernel; gives the result."""

    def create(cls, config=None, kwargs=None, **request):
        kernel.register_model_client(cls, **(kwargs or {}))
        entry = {"model": "m", "model_client_cls": cls.__name__, **(config or {})}
        return asyncio.run(kernel.chat_client({"config_list": [entry]}).create(HELLO, **request))

    return create


def client_class(retrieved, *, cost=0, usage=None, response=None):
    """A client that gives this; an exception is raised."""

    class Made:
        def __init__(self, config):
            self.config = config

        def create(self, params):
            return SimpleNamespace(choices=[], model="made") if response is None else response

        def message_retrieval(self, response):
            if isinstance(retrieved, Exception):
                raise retrieved
            return retrieved

        def cost(self, response):
            return cost

        @staticmethod
        def get_usage(response):
            return usage or {}

    return Made


def test_the_articles_class_as_printed_gives_a_clear_error(ask):
    with pytest.raises(ModelsExhausted) as caught:
        ask(CustomModelClient)
    assert str(caught.value) == (
        "no configuration answered (1 attempt):\n"
        "  1. llm_config.config_list[0] (CustomModelClient, m): bug: CustomModelClient.message_retrieval gave an empty "
        "list; it must give a list of texts or of messages, one or more"
    )
    assert caught.value.kind == "bug"


def test_with_its_choices_appended_it_works(ask, capsys):
    result = ask(Whole, {"device": "cuda", "params": {"max_length": 1000}})
    assert (result.content, result.model, result.finish_reason) == ("dummy text response 0", "model_name", "stop")
    assert (result.cost, result.usage, result.choices) == (0.0, None, ())
    assert result.raw.choices[0].message.content == "dummy text response 0"
    printed = "{'model': 'm', 'model_client_cls': 'Whole', 'device': 'cuda', 'params': {'max_length': 1000}}"
    assert capsys.readouterr().out == f"CustomModelClient config: {printed}\n"


def test_it_holds_a_conversation_like_any_other(kernel):
    llm_config = {"config_list": [{"model": "m", "model_client_cls": "Whole"}]}
    assistant = AssistantAgent("assistant", llm_config=llm_config, kernel=kernel)
    assistant.register_model_client(model_client_cls=Whole)
    user = ConversableAgent("user", human_input_mode="NEVER", kernel=kernel)
    for chat in (
        user.initiate_chat(assistant, message="hello", max_turns=1),
        asyncio.run(user.a_initiate_chat(assistant, message="hello", max_turns=1)),
    ):
        assert chat.summary == "dummy text response 0"
        assert chat.cost["usage_including_cached_inference"]["total_cost"] == 0.0


def test_several_answers(ask):
    result = ask(Whole, {"n": 2})
    assert (result.content, [choice["content"] for choice in result.choices]) == (
        "dummy text response 0",
        ["dummy text response 0", "dummy text response 1"],
    )
    assert len(ask(Whole, {"n": 2}, n=3).choices) == 3, "what a call says wins"


class Message(BaseModel):
    content: str | None = None
    tool_calls: list[dict] | None = None


class Slotted:
    __slots__ = ("content", "tool_calls")

    def __init__(self, content, tool_calls=None):
        self.content, self.tool_calls = content, tool_calls


@pytest.mark.parametrize(
    ("one", "content", "text"),
    [
        ("text", "text", "text"),
        (None, "", ""),
        ({"content": "text", "role": "assistant"}, "text", "text"),
        ({"content": None, "tool_calls": CALLS}, CALLS, ""),
        ({"content": "look:", "tool_calls": CALLS}, CALLS, "look:"),
        (SimpleNamespace(content="text", function_call=None), "text", "text"),
        (Message(content="text"), "text", "text"),
        (Message(tool_calls=CALLS), CALLS, ""),
        (Slotted("text"), "text", "text"),
        (Slotted(None, CALLS), CALLS, ""),
    ],
)
def test_texts_and_message_objects(ask, one, content, text):
    result = ask(client_class([one]))
    assert (result.content, result.text) == (content, text)
    assert result.finish_reason == ("tool_calls" if content is CALLS or content == CALLS else "stop")


@pytest.mark.parametrize("shape", [dict, SimpleNamespace])
def test_a_call_in_the_older_form_is_a_tool_call(ask, shape):
    function = shape(name="add", arguments='{"a": 1}')
    result = ask(client_class([SimpleNamespace(content=None, function_call=function)]))
    assert result.content == [
        {"id": "call_0", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}},
    ]
    assert result.finish_reason == "tool_calls"


def test_a_response_need_be_nothing_in_particular(ask):
    assert ask(client_class(["text"], response={"choices": []})).model == "m"
    assert ask(client_class(("a", "b"), response=object())).choices[1]["content"] == "b"


@pytest.mark.parametrize(
    ("cost", "usage", "expected"),
    [
        (0, {}, (0.0, None)),
        (0.25, {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7, "cost": 0.25, "model": "m"}, (0.25, 7)),
        (None, {"prompt_tokens": 3}, (None, 3)),
        (0, {"cost": 0, "model": "m"}, (0.0, None)),
        (0, {"prompt_tokens": None, "completion_tokens": None}, (0.0, 0)),
    ],
)
def test_cost_and_usage(ask, cost, usage, expected):
    result = ask(client_class(["text"], cost=cost, usage=usage))
    assert (result.cost, result.usage and result.usage.total_tokens) == expected


@pytest.mark.parametrize(
    ("retrieved", "said"),
    [
        ([], "Made.message_retrieval gave an empty list; it must give a list of texts or of messages, one or more"),
        (None, "Made.message_retrieval gave NoneType; it must give a list"),
        ("text", "Made.message_retrieval gave str; it must give a list"),
        ([42], "Made.message_retrieval gave int; each must be a text or have content"),
        ([{"text": "t"}], "Made.message_retrieval gave dict; each must be a text or have content"),
        ([{"content": None, "tool_calls": [42]}], "Made.message_retrieval gave tool_calls that are not dicts"),
        (KeyError("choices"), "the client raised KeyError: 'choices'"),
    ],
)
def test_wrong_shapes_and_raising_methods_are_told(ask, retrieved, said):
    with pytest.raises(ModelsExhausted) as caught:
        ask(client_class(retrieved))
    assert f"llm_config.config_list[0] (Made, m): bug: {said}" in str(caught.value)


def test_a_cost_that_is_no_number(ask):
    with pytest.raises(ModelsExhausted, match="bug: the client raised ValueError: could not convert string to float"):
        ask(client_class(["text"], cost="cheap"))


def test_missing_methods_are_named(ask):
    class Half:
        def __init__(self, config):
            raise AssertionError("never made")

        def create(self, params):
            """Give nothing."""

        def message_retrieval(self, response):
            """Give nothing."""

    with pytest.raises(ModelsExhausted, match=r"Half has message_retrieval but not cost, get_usage; a 0.2 client has"):
        ask(Half)


def test_the_next_configuration_answers_when_a_client_raises(kernel):
    broken = type("Broken", (client_class(RuntimeError("no")),), {})
    kernel.register_model_client(broken)
    kernel.register_model_client(Whole)
    entries = [{"model": "m", "model_client_cls": name} for name in ("Broken", "Whole")]
    result = asyncio.run(kernel.chat_client({"config_list": entries}).create(HELLO))
    assert result.content == "dummy text response 0"
    assert [attempt.kind for attempt in result.attempts] == ["bug", None]


def test_what_the_class_is_given(ask):
    seen = {}

    class Curious(client_class(["text"])):
        def __init__(self, config, loaded_model, *, device):
            seen["config"], seen["made_with"] = config, (loaded_model, device)

        def create(self, params):
            seen["params"] = params
            return SimpleNamespace(choices=[], model="")

    entry = {"api_key": "sk-secret", "base_url": "http://localhost/v1", "timeout": 7, "temperature": 0.5, "tags": ["t"]}
    result = ask(Curious, entry, {"loaded_model": "weights", "device": "cpu"}, tools=[{"type": "function"}], seed=3)
    assert seen["made_with"] == ("weights", "cpu")
    config = {"model": "m", "model_client_cls": "Curious", "api_key": "sk-secret", "base_url": "http://localhost/v1"}
    assert seen["config"] == {**config, "timeout": 7, "temperature": 0.5}
    assert seen["params"]["messages"] == HELLO
    assert {key: seen["params"][key] for key in ("model", "temperature", "seed", "tools", "tool_choice")} == {
        "model": "m",
        "temperature": 0.5,
        "seed": 3,
        "tools": [{"type": "function"}],
        "tool_choice": "auto",
    }
    assert result.model == "m"


@pytest.mark.parametrize("listened", [False, True])
def test_plain_methods_run_in_the_callers_thread(kernel, listened):
    """So that objects bound to one thread work, whether or not someone watches."""
    threads = set()

    class Bound(client_class(["text"])):
        def create(self, params):
            threads.add(threading.current_thread())
            return super().create(params)

    if listened:
        kernel.observers.add(lambda event: None)
    kernel.register_model_client(Bound)
    asked = ConversableAgent(
        "a", human_input_mode="NEVER", llm_config={"model": "m", "model_client_cls": "Bound"}, kernel=kernel
    )
    assert asked.generate_reply(HELLO) == "text"
    assert threads == {threading.current_thread()}


def test_async_methods_are_awaited(ask):
    class Later(client_class(["text"])):
        async def create(self, params):
            await asyncio.sleep(0)
            return SimpleNamespace(choices=[], model="later")

    assert ask(Later).model == "later"
