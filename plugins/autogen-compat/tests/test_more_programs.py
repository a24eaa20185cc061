"""Programs that go further: groups and agents of their own, graphs, older forms, async queues."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest

from quorate.testing import isolated_kernel


def speakers(autogen: Any, model: Any, *names: str, lines: int = 3) -> list[Any]:
    return [
        autogen.AssistantAgent(name, llm_config=model(*(f"{name} {n}" for n in range(lines))).llm_config)
        for name in names
    ]


def test_a_group_chat_of_its_own(autogen: Any, model: Any) -> None:
    class Alternating(autogen.GroupChat):  # type: ignore[misc]
        def __init__(self, agents: Any, messages: Any, max_round: int = 10) -> None:
            super().__init__(agents, messages, max_round)
            self.previous_speaker = None

        def select_speaker(self, last_speaker: Any, selector: Any) -> Any:
            assert selector.name == "chat_manager"
            self.previous_speaker = last_speaker
            return self.agents[2] if last_speaker is self.agents[1] else self.agents[1]

    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    group = Alternating([user, *speakers(autogen, model, "a", "b")], [], max_round=4)
    manager = autogen.GroupChatManager(groupchat=group, llm_config=False)
    result = user.initiate_chat(manager, message="Begin.")

    assert [one["name"] for one in result.chat_history] == ["user", "a", "b", "a"]
    assert manager.last_speaker.name == "a"
    assert group.previous_speaker.name == "b"


def test_a_graph_says_who_may_follow(autogen: Any, model: Any) -> None:
    a, b, c = speakers(autogen, model, "a", "b", "c")
    group = autogen.GroupChat(
        agents=[a, b, c],
        messages=[],
        max_round=5,
        allowed_or_disallowed_speaker_transitions={a: [b], b: [c], c: [a]},
        speaker_transitions_type="allowed",
    )
    manager = autogen.GroupChatManager(groupchat=group, llm_config=False)
    result = a.initiate_chat(manager, message="Begin.")
    assert [one["name"] for one in result.chat_history] == ["a", "b", "c", "a", "b"]

    with pytest.raises(ValueError, match="exclude each other"):
        autogen.GroupChat(
            agents=[a, b],
            messages=[],
            allow_repeat_speaker=True,
            allowed_or_disallowed_speaker_transitions={a: [b]},
            speaker_transitions_type="allowed",
        )


def test_functions_in_the_older_form(autogen: Any, model: Any) -> None:
    call = {"function_call": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    brain = model(call, "It is 3. TERMINATE")
    schema = {
        "name": "add",
        "description": "Add.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    }
    assistant = autogen.AssistantAgent("assistant", llm_config={**brain.llm_config, "functions": [schema]})
    user = autogen.UserProxyAgent(
        "user",
        human_input_mode="NEVER",
        code_execution_config=False,
        is_termination_msg=lambda x: bool(x.get("content")) and "TERMINATE" in x["content"],
        function_map={"add": lambda a, b: a + b},
    )
    result = user.initiate_chat(assistant, message="1 + 2?")
    assert (result.chat_history[2]["role"], result.chat_history[2]["content"]) == ("tool", "3")
    assert brain.asked[0]["tools"][0]["function"]["name"] == "add"


def test_an_executor_object_runs_code(autogen: Any, model: Any, tmp_path: Any) -> None:
    from autogen.coding import LocalCommandLineCodeExecutor

    executor = LocalCommandLineCodeExecutor(timeout=30, work_dir=tmp_path)
    assistant = autogen.AssistantAgent(
        "assistant", llm_config=model("```python\nprint(6 * 7)\n```", "TERMINATE").llm_config
    )
    runner = autogen.ConversableAgent(
        "runner", llm_config=False, human_input_mode="NEVER", code_execution_config={"executor": executor}
    )
    result = runner.initiate_chat(assistant, message="6 * 7?")
    assert "Code output: \n42" in result.chat_history[2]["content"].replace("Code output:\n", "Code output: \n")
    assert runner.code_executor is executor


def test_chats_with_prerequisites(autogen: Any, model: Any) -> None:
    experts = speakers(autogen, model, "a", "b", "c", lines=1)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    queue = [
        {
            "chat_id": n,
            "recipient": expert,
            "message": "Say.",
            "max_turns": 1,
            "prerequisites": [1, 2] if n == 3 else [],
        }
        for n, expert in enumerate(experts, 1)
    ]
    results = asyncio.run(user.a_initiate_chats(queue))

    assert {key: one.summary for key, one in results.items()} == {1: "a 0", 2: "b 0", 3: "c 0"}
    assert results[3].chat_id == 3
    assert "carryover" not in queue[2]


def test_reply_functions_by_class_and_place(autogen: Any) -> None:
    user, other = autogen.UserProxyAgent("user", code_execution_config=False), autogen.ConversableAgent("other")
    said: list[str] = []

    async def later(recipient: Any, messages: Any = None, sender: Any = None, config: Any = None) -> Any:
        said.append(f"later to {sender.name}")
        return False, None

    def answer(recipient: Any, messages: Any = None, sender: Any = None, config: Any = None) -> Any:
        said.append("answer")
        return True, config["text"]

    other.register_reply(autogen.UserProxyAgent, answer, position=2, config={"text": "Yes."})
    other.register_reply([autogen.Agent, None], later, ignore_async_in_sync_chat=True)
    user.send("Is it?", other, request_reply=False)

    assert other.generate_reply(sender=user) == "Yes."
    assert said == ["later to user", "answer"]
    other.replace_reply_func(answer, lambda *_, **__: (True, "No."))
    assert other.generate_reply(sender=user) == "No."


def test_hooks_that_add_to_what_is_read(autogen: Any, model: Any) -> None:
    brain = model("Fine.")
    agent = autogen.AssistantAgent("agent", llm_config=brain.llm_config)
    agent.register_hook("process_last_received_message", lambda text: f"{text} (it is Monday)")
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    asyncio.run(user.a_initiate_chat(agent, message="How are you?", max_turns=1))

    assert brain.asked[0]["messages"][-1]["content"] == "How are you? (it is Monday)"
    assert agent.chat_messages[user][0]["content"] == "How are you?"


def test_agents_of_the_face_have_kernels_of_their_own(autogen: Any, model: Any) -> None:
    brain = model("Not asked.")
    with isolated_kernel() as kernel:
        agent = autogen.AssistantAgent("agent", llm_config=brain.llm_config, kernel=kernel)
        with pytest.raises(ValueError, match="is not registered"):
            agent.client.create(prompt="Say.", temperature=0, cache_seed=None)


def test_a_star_import_takes_nothing_of_the_standard_library() -> None:
    program = "import quorate_autogen_compat.install, io\nfrom autogen import *\nprint(io.StringIO, AssistantAgent)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "_io.StringIO" in done.stdout, done.stderr
