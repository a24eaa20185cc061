"""The parts for tests of agents: a scripted model, a scripted executor, a kernel apart."""

from __future__ import annotations

import asyncio
import doctest
import subprocess
import sys

import pytest

from quorate import (
    AssistantAgent,
    CodeBlock,
    CodeResult,
    CreateResult,
    ExecutorError,
    ModelError,
    ModelInfo,
    ModelsExhausted,
    NameConflict,
    Usage,
    UserMessage,
    UserProxyAgent,
    testing,
)
from quorate.coding import CodeExecutor
from quorate.models import ChatCompletionClient
from quorate.testing import ScriptedClient, ScriptedExecutor, isolated_kernel

HELLO = [UserMessage("Hello there")]


def ask(client, messages=HELLO, **request):
    return asyncio.run(client.create(messages, **request))


def stream(client, messages=HELLO, **request):
    async def collect():
        return [part async for part in client.create_stream(messages, **request)]

    return asyncio.run(collect())


def test_every_example_runs():
    runner, told = doctest.DocTestRunner(), []
    tests = [test for test in doctest.DocTestFinder(exclude_empty=True).find(testing) if test.examples]
    assert len(tests) == 3
    for test in tests:
        runner.run(test, out=told.append)
    assert runner.failures == 0, "".join(told)


def test_no_test_runner_is_imported():
    code = "import sys, quorate.testing; sys.exit('pytest' in sys.modules or 'unittest' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# -- the model


def test_a_scripted_client_is_a_client():
    assert isinstance(ScriptedClient(script=[]), ChatCompletionClient)
    assert ScriptedClient(script=[]).model_info == ModelInfo()
    assert ScriptedClient(script=[], model_info=ModelInfo(vision=True)).model_info.vision is True


def test_texts_are_answered_in_order_with_words_for_tokens():
    client = ScriptedClient(script=["one two three", ""])
    first, second = ask(client), ask(client, [*HELLO, UserMessage([{"type": "text", "text": "And more"}])])
    assert first == CreateResult("one two three", usage=Usage(2, 3), cost=0.0, model="scripted")
    assert (second.content, second.usage) == ("", Usage(4, 0))


def test_a_whole_result_is_given_as_a_copy():
    scripted = CreateResult("text", usage=Usage(10, 20), cost=0.5, model="m")
    client = ScriptedClient(script=[scripted, scripted])
    given = ask(client)
    assert given == scripted
    given.model = "changed"
    assert ask(client).model == "m"


def test_failures_are_raised():
    failure = ModelError("too many", kind="rate_limit")
    with pytest.raises(ModelError) as caught:
        ask(ScriptedClient(script=[failure]))
    assert caught.value is failure
    with pytest.raises(ZeroDivisionError):
        stream(ScriptedClient(script=[ZeroDivisionError()]))


def test_an_answer_may_be_made_from_the_request():
    async def later(request):
        await asyncio.sleep(0)
        return CreateResult(f"{request.params['seed']}")

    client = ScriptedClient(
        script=[lambda request: request.messages[-1]["content"].upper(), later, lambda _: OSError()]
    )
    assert ask(client).content == "HELLO THERE"
    assert ask(client, seed=7).content == "7"
    with pytest.raises(OSError):  # noqa: PT011 - any will do
        ask(client)


def test_requests_are_kept_as_they_were():
    messages, tool = [UserMessage("first")], {"type": "function", "function": {"name": "f"}}
    client = ScriptedClient(script=["a", "b"])
    ask(client, messages, tools=[tool], tool_choice="f", response_format={"type": "json_object"}, temperature=0)
    messages.append(UserMessage("second"))
    stream(client, messages)
    first, second = client.requests
    assert first.messages == (UserMessage("first"),)
    assert (first.tools, first.tool_choice, first.response_format) == ((tool,), "f", {"type": "json_object"})
    assert first.params == {"temperature": 0}
    assert (len(second.messages), second.tools, second.tool_choice, second.params) == (2, (), "auto", {})


@pytest.mark.parametrize("text", ["one two", "  led by space", "a\n\n  b\n", "", " "])
def test_a_stream_gives_words_that_make_up_the_text_and_then_the_result(text):
    *words, result = stream(ScriptedClient(script=[text]))
    assert "".join(words) == text
    assert len(words) >= len(text.split())
    assert result.content == text


def test_a_stream_of_tool_calls_gives_the_text_beside_them():
    call = {"id": "1", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    result = CreateResult([call], finish_reason="tool_calls", text="Let me see")
    assert stream(ScriptedClient(script=[result])) == ["Let ", "me ", "see", result]


def test_the_end_of_the_script_says_how_many_answers_there_were():
    client = ScriptedClient(script=["only"])
    ask(client)
    with pytest.raises(ModelError, match="the script has 1 answers, and this is request number 2") as caught:
        ask(client)
    assert caught.value.kind == "bug"


def test_as_a_plugin_it_answers_by_default_and_by_name():
    client = ScriptedClient(script=["a", "b"])
    kernel = isolated_kernel(client)
    assert ask(kernel.chat_client({"model": "any"})).content == "a"
    assert ask(kernel.chat_client({"model": "any", "client": "scripted"})).content == "b"
    assert len(client.requests) == 2


def test_two_scripted_models_fall_back_like_any_other():
    down = ScriptedClient(script=[ModelError("out of money", kind="quota")], name="down")
    up = ScriptedClient(script=["here"], name="up")
    kernel = isolated_kernel(down, up)
    client = kernel.chat_client({"config_list": [{"model": "a", "client": "down"}, {"model": "b", "client": "up"}]})
    result = ask(client)
    assert (result.content, [attempt.kind for attempt in result.attempts]) == ("here", ["quota", None])
    with pytest.raises(NameConflict, match="each answer by default"):
        ask(kernel.chat_client({"model": "any"}))


def test_as_a_registered_class_it_has_the_configurations_model():
    kernel = isolated_kernel()
    kernel.register_model_client(ScriptedClient, script=["Hi", ModelError("gone", kind="auth")])
    client = kernel.chat_client({"model": "m-1", "model_client_cls": "ScriptedClient"})
    assert ask(client).model == "m-1"


def test_a_registered_class_starts_its_script_for_each_configuration_and_loop():
    with isolated_kernel() as kernel:
        kernel.register_model_client(ScriptedClient, script=["Hi"])
        for model in ("a", "b"):
            client = kernel.chat_client({"model": model, "model_client_cls": "ScriptedClient"})
            assert ask(client).content == "Hi"
            assert ask(client).content == "Hi"  # asyncio.run makes a loop of its own


# -- the executor


def run(executor, *codes):
    return asyncio.run(executor.execute_code_blocks([CodeBlock(code, "python") for code in codes]))


def test_a_scripted_executor_is_an_executor():
    assert isinstance(ScriptedExecutor(script=[]), CodeExecutor)


def test_results_are_given_in_order_and_the_code_is_kept():
    failed = CodeResult(1, "no\n")
    executor = ScriptedExecutor(script=["42\n", failed, lambda blocks: str(len(blocks)), ExecutorError("no engine")])
    assert run(executor, "print(42)") == CodeResult(0, "42\n")
    assert run(executor, "fail") is failed
    assert run(executor, "a", "b") == CodeResult(0, "2")
    with pytest.raises(ExecutorError, match="no engine"):
        run(executor, "c")
    with pytest.raises(ExecutorError, match="the script has 4 answers, and this is call number 5"):
        run(executor, "d")
    assert [[block.code for block in call] for call in executor.calls[:3]] == [["print(42)"], ["fail"], ["a", "b"]]


def test_as_a_plugin_it_is_the_executor_of_its_name_whatever_the_options():
    executor = ScriptedExecutor(script=[], name="moon")
    kernel = isolated_kernel(executor)
    assert kernel.code_executor("moon", {"timeout": 3}) is executor
    assert kernel.executor_record("moon").network is False


# -- together


def test_a_whole_conversation_without_a_network():
    told = []
    model = ScriptedClient(script=["```python\nprint(6 * 7)\n```", "It is 42. TERMINATE"])
    executor = ScriptedExecutor(script=["42\n"])
    with isolated_kernel(model, executor, observers=[told.append]) as kernel:
        assistant = AssistantAgent("assistant", llm_config={"model": "any"}, kernel=kernel)
        user = UserProxyAgent(
            "user", human_input_mode="NEVER", code_execution_config={"executor": "scripted"}, kernel=kernel
        )
        chat = user.initiate_chat(assistant, message="What is 6 * 7?")
    assert chat.summary.strip() == "It is 42."
    assert "42" in model.requests[1].messages[-1]["content"]
    assert "MessageSent" in {type(event).__name__ for event in told}


def test_a_failing_model_ends_the_chat_with_its_failure():
    kernel = isolated_kernel(ScriptedClient(script=[ModelError("no such key", kind="auth")]))
    assistant = AssistantAgent("assistant", llm_config={"model": "any"}, kernel=kernel)
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
    with pytest.raises(ModelsExhausted, match="no such key"):
        user.initiate_chat(assistant, message="Hello")


def test_an_isolated_kernel_has_the_built_in_plugins_and_these_only():
    kernel = isolated_kernel(ScriptedClient(script=[]), ScriptedExecutor(script=[]))
    names = [info.name for info in kernel.plugins()]
    assert names == ["quorate-agents", "quorate-coding", "quorate-config", "plugin-1", "plugin-2"]
    assert not kernel.observers
