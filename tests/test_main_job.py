"""The main job over a real HTTP server: two agents solve a task by code, and go on after every fault of the server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_quorate import Reply, ScriptedServer
from quorate import AssistantAgent, Kernel, ModelsExhausted, UserProxyAgent, config_list_from_json
from quorate.events import TextPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from quorate import ChatResult

EXAMPLES = Path(__file__).parents[1] / "examples"
MODEL = "scripted-model"
KEY = "sk-a-very-secret-key"
TASK = "What is 6 * 7?"
CODE = "Let me compute it.\n```python\nprint(6 * 7)\n```"
OUTPUT = "exitcode: 0 (execution succeeded)\nCode output: \n42\n"
ANSWER = "It is 42. TERMINATE"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("OPENAI_", "OAI_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def told() -> list[Any]:
    """The events of the chat."""
    return []


@pytest.fixture(params=["blocking", "async"])
def chat(
    request: pytest.FixtureRequest, scripted_server: ScriptedServer, tmp_path: Path, told: list[Any]
) -> Iterator[Callable[..., ChatResult]]:
    """Hold a chat of a user proxy with an assistant whose config list is read from a file."""
    entry = {"model": MODEL, "api_key": KEY, "base_url": scripted_server.base_url, "max_retries": 0, "price": 0.5}
    entries = [{"model": "another"}, entry]
    (tmp_path / "OAI_CONFIG_LIST").write_text(f"// for tests\n{json.dumps(entries)}", encoding="utf-8")
    config_list = config_list_from_json("OAI_CONFIG_LIST", file_location=str(tmp_path), filter_dict={"model": [MODEL]})
    kernel = Kernel(observers=[told.append])
    assistant = AssistantAgent("assistant", llm_config={"config_list": config_list}, kernel=kernel)
    code = {"executor": "local", "work_dir": str(tmp_path / "work")}
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=code, kernel=kernel)
    with asyncio.Runner() as runner:
        if request.param == "async":
            yield lambda **options: runner.run(user.a_initiate_chat(assistant, **options))
            runner.run(kernel.aclose())
        else:
            yield lambda **options: user.initiate_chat(assistant, **options)
            kernel.close()


def texts(result: ChatResult) -> list[Any]:
    return [message.get("content") for message in result.chat_history]


def test_a_task_is_solved_by_code(
    chat: Callable[..., ChatResult], scripted_server: ScriptedServer, told: list[Any]
) -> None:
    scripted_server.reply(CODE).reply(ANSWER)
    result = chat(message=TASK)

    assert texts(result) == [TASK, CODE, OUTPUT, ANSWER]
    assert (result.summary, str(result.stop_reason)) == ("It is 42.", "user took a termination message")
    assert [request.streaming for request in scripted_server.chats] == [True, True]
    parts = [event.text for event in told if isinstance(event, TextPart)]
    assert len(parts) > 5
    assert "".join(parts) == CODE + ANSWER
    assert result.cost["usage_including_cached_inference"]["total_cost"] > 0
    assert [message["role"] for message in scripted_server.chats[1].messages] == ["system", "user", "assistant", "user"]
    assert scripted_server.chats[1].messages[-1]["content"] == OUTPUT
    assert scripted_server.chats[0].headers["authorization"] == f"Bearer {KEY}"


def test_tools_are_called_over_the_wire(tmp_path: Path, scripted_server: ScriptedServer) -> None:
    scripted_server.reply(None, tool_calls=[("add", {"a": 20, "b": 22}), ("add", {"a": 1, "b": 1})]).reply(ANSWER)
    function = {"name": "add", "description": "Adds", "parameters": {"type": "object", "properties": {}}}
    llm_config = {
        "config_list": [{"model": "m", "base_url": scripted_server.base_url}],
        "tools": [{"type": "function", "function": function}],
    }
    with Kernel() as kernel:
        assistant = AssistantAgent("assistant", llm_config=llm_config, kernel=kernel)
        user = UserProxyAgent(
            "user",
            human_input_mode="NEVER",
            function_map={"add": lambda a, b: a + b},
            code_execution_config=False,
            kernel=kernel,
        )
        assert texts(user.initiate_chat(assistant, message=TASK)) == [TASK, None, "42\n\n2", ANSWER]
    first, second = scripted_server.chats
    assert first.field("tools")[0]["function"]["name"] == "add"
    results = second.messages[-2:]
    assert [(message["role"], message["content"]) for message in results] == [("tool", "42"), ("tool", "2")]
    calls = second.messages[-3]["tool_calls"]
    assert [call["id"] for call in calls] == [message["tool_call_id"] for message in results]


FAULTS = {
    "cut before the head": (lambda server: server.drop(), "network"),
    "cut inside the stream": (lambda server: server.drop(after_bytes=400), "network"),
    "a page of HTML": (
        lambda server: server.garbage(b"<html>It works!</html>", content_type="text/html"),
        "bad_response",
    ),
    "no HTTP at all": (lambda server: server.garbage(b"SSH-2.0-OpenSSH_9.6\r\n", http=False), "network"),
    "half a JSON object": (lambda server: server.garbage(b'{"choices": [{"mess'), "bad_response"),
    "events that are no JSON": (lambda server: server.stream(b"data: {oops\n\n"), "bad_response"),
    "a wrong key": (lambda server: server.status(401, message=f"Incorrect API key: {KEY}"), "auth"),
    "an overload": (lambda server: server.status(503), "overload"),
    "too many requests": (lambda server: server.status(429, headers={"retry-after": "1"}), "rate_limit"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_one_clear_error_and_the_conversation_goes_on(
    chat: Callable[..., ChatResult], scripted_server: ScriptedServer, fault: str
) -> None:
    script, kind = FAULTS[fault]
    scripted_server.reply(CODE)
    script(scripted_server)
    with pytest.raises(ModelsExhausted) as caught:
        chat(message=TASK)

    check_error(caught.value, kind, scripted_server.base_url)
    scripted_server.reply(ANSWER)
    result = chat(message="Go on.", clear_history=False)
    assert texts(result) == ["Go on.", ANSWER]
    assert [message["content"] for message in scripted_server.chats[-1].messages[1:]] == [TASK, CODE, OUTPUT, "Go on."]


def check_error(error: ModelsExhausted, kind: str, base_url: str) -> None:
    first, second = str(error).splitlines()
    assert first == "no configuration answered (1 attempt):"
    assert second.startswith("  1. /")
    assert f"/OAI_CONFIG_LIST[1] ({MODEL}): {kind}: {base_url} (model {MODEL}): " in second
    assert KEY not in str(error)
    assert error.kind == kind


def test_a_server_that_refuses_and_comes_back(chat: Callable[..., ChatResult], scripted_server: ScriptedServer) -> None:
    scripted_server.refuse()
    with pytest.raises(ModelsExhausted) as caught:
        chat(message=TASK)

    check_error(caught.value, "network", scripted_server.base_url)
    with ScriptedServer(port=scripted_server.port) as back:
        back.reply(CODE).reply(ANSWER)
        assert texts(chat(message="Go on.", clear_history=False)) == ["Go on.", CODE, OUTPUT, ANSWER]
        assert [message["content"] for message in back.chats[0].messages[1:]] == [TASK, "Go on."]


@pytest.mark.parametrize("when", ["before the answer", "inside the answer"])
def test_a_server_that_is_too_slow(scripted_server: ScriptedServer, when: str) -> None:
    slow = Reply(delay=60) if when == "before the answer" else Reply(chunks=("It ", 60.0, "is late"))
    scripted_server.answer = lambda request: slow if len(scripted_server.chats) == 1 else Reply(text=ANSWER)
    entry = {"model": "m", "base_url": scripted_server.base_url, "timeout": 1.0, "max_retries": 0}
    with Kernel(observers=[lambda event: None]) as kernel:
        assistant = AssistantAgent("assistant", llm_config={"config_list": [entry]}, kernel=kernel)
        user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
        with pytest.raises(ModelsExhausted, match=r"llm_config.config_list\[0\] \(m\): timeout: ") as caught:
            user.initiate_chat(assistant, message=TASK)
        assert "raise timeout in the configuration" in str(caught.value)
        assert scripted_server.wait_idle(), "the request was given up, and with it its connection"
        assert texts(user.initiate_chat(assistant, message="Go on.", clear_history=False)) == ["Go on.", ANSWER]


def test_another_server_answers_when_the_first_is_down(scripted_server: ScriptedServer) -> None:
    with ScriptedServer() as down:
        down.refuse()
        entries = [{"model": "a", "base_url": down.base_url, "max_retries": 0}]
        entries += [{"model": "b", "base_url": scripted_server.base_url}]
        scripted_server.reply(ANSWER)
        with Kernel() as kernel:
            assistant = AssistantAgent("assistant", llm_config={"config_list": entries}, kernel=kernel)
            user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
            assert texts(user.initiate_chat(assistant, message=TASK)) == [TASK, ANSWER]
    assert scripted_server.chats[0].field("model") == "b"


@pytest.mark.parametrize(
    ("example", "shown"),
    [
        ("two_agents", "Code output: \n1998\n"),
        ("reply_function", "Seen by the callback: ['user to counter: How many words are these?']"),
        ("own_model_client", "Answer: A dummy response (to: 'Hello', choice 0)"),
    ],
)
def test_an_example_shows_what_it_promises(tmp_path: Path, example: str, shown: str) -> None:
    command = [sys.executable, str(EXAMPLES / f"{example}.py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert shown in done.stdout
