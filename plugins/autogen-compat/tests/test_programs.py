"""Programs in the style of AutoGen 0.2's documentation, run under both names of the face."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

if TYPE_CHECKING:
    import pytest


def test_two_agents_solve_a_task_with_code(autogen: Any, model: Any) -> None:
    brain = model("```python\n# filename: sums/task.py\nprint(37 * 54)\n```", "It is 1998.", "TERMINATE")
    assistant = autogen.AssistantAgent(name="assistant", llm_config={"cache_seed": 42, **brain.llm_config})
    user_proxy = autogen.UserProxyAgent(
        name="user_proxy",
        human_input_mode="NEVER",
        max_consecutive_auto_reply=10,
        is_termination_msg=lambda x: x.get("content", "").rstrip().endswith("TERMINATE"),
        code_execution_config={"work_dir": "coding", "use_docker": False},
        default_auto_reply="Go on.",
    )
    result = user_proxy.initiate_chat(assistant, message="What is 37 * 54?")

    assert "exitcode: 0 (execution succeeded)" in result.chat_history[2]["content"]
    assert "1998" in result.chat_history[2]["content"]
    assert [one["role"] for one in result.chat_history] == ["assistant", "user"] * 3
    assert result.summary == ""
    assert result.cost["usage_excluding_cached_inference"]["canned"]["total_tokens"] == 9
    assert user_proxy.last_message(assistant)["content"] == "TERMINATE"


def test_tools_with_a_caller_and_an_executor(autogen: Any, model: Any, calls: Any) -> None:
    brain = model(calls("currency_calculator", '{"base_amount": 10}'), "11 USD TERMINATE")
    chatbot = autogen.AssistantAgent(name="chatbot", system_message="Use the tools.", llm_config=brain.llm_config)
    user_proxy = autogen.UserProxyAgent(
        name="user_proxy",
        is_termination_msg=lambda x: x.get("content", "") and x.get("content", "").rstrip().endswith("TERMINATE"),
        human_input_mode="NEVER",
        code_execution_config=False,
    )

    @user_proxy.register_for_execution()
    @chatbot.register_for_llm(description="Currency exchange calculator.")
    def currency_calculator(
        base_amount: Annotated[float, "Amount of currency in base_currency"],
        base_currency: Annotated[str, "Base currency"] = "EUR",
    ) -> str:
        return f"{base_amount * 1.1:.0f} USD from {base_currency}"

    (tool,) = chatbot.llm_config["tools"]
    assert tool["function"]["parameters"]["properties"]["base_amount"]["description"].startswith("Amount")
    result = user_proxy.initiate_chat(chatbot, message="How much is 10 EUR?")

    (answer,) = result.chat_history[2]["tool_responses"]
    assert answer == {"tool_call_id": "call_1", "role": "tool", "content": "11 USD from EUR"}
    assert user_proxy.can_execute_function("currency_calculator")
    assert autogen.gather_usage_summary([chatbot])["usage_including_cached_inference"]["total_cost"] == 0.5


def test_the_reply_function_of_the_faq(autogen: Any, model: Any, capsys: Any) -> None:
    def print_messages(recipient: Any, messages: Any, sender: Any, config: Any) -> tuple[bool, None]:
        if "callback" in config and config["callback"] is not None:
            callback = config["callback"]
            callback(sender, recipient, messages[-1])
        print(f"Messages sent to: {recipient.name} | num messages: {len(messages)}")
        return False, None

    assistant = autogen.AssistantAgent("assistant", llm_config=model("Hello.").llm_config)
    user_proxy = autogen.UserProxyAgent("user_proxy", human_input_mode="NEVER", code_execution_config=False)
    for agent in (user_proxy, assistant):
        agent.register_reply([autogen.Agent, None], reply_func=print_messages, config={"callback": None})
    user_proxy.initiate_chat(assistant, message="Hi", max_turns=1)

    assert "Messages sent to: assistant | num messages: 1" in capsys.readouterr().out


def test_a_finished_conversation_goes_on_as_the_faq_says(autogen: Any, model: Any) -> None:
    brain = model("One.", "Two.", "Three.")
    assistant = autogen.AssistantAgent("assistant", llm_config=brain.llm_config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    user.initiate_chat(assistant, message="Count.", max_turns=1)
    user.initiate_chat(assistant, message="Go on.", clear_history=False, max_turns=1)
    user.send("And on.", assistant, request_reply=True)

    assert [one["content"] for one in user.chat_messages[assistant]] == [
        "Count.",
        "One.",
        "Go on.",
        "Two.",
        "And on.",
        "Three.",
    ]
    assert json.loads(json.dumps(list(user.chat_messages[assistant])))[-1]["content"] == "Three."


def test_a_group_chat_is_held_and_resumed(autogen: Any, model: Any) -> None:
    agents = [autogen.AssistantAgent(name, llm_config=model(f"{name} says.", "TERMINATE").llm_config) for name in "ab"]
    user = autogen.UserProxyAgent("Admin", human_input_mode="NEVER", code_execution_config=False)

    def in_turn(last_speaker: Any, groupchat: Any) -> Any:
        messages = groupchat.messages
        return groupchat.agent_by_name("b") if len(messages) > 1 else agents[0]

    groupchat = autogen.GroupChat(
        agents=[user, *agents], messages=[], max_round=3, speaker_selection_method=in_turn, send_introductions=True
    )
    manager = autogen.GroupChatManager(groupchat=groupchat, llm_config=False)
    result = user.initiate_chat(manager, message="Discuss.")
    assert [one["name"] for one in result.chat_history][-3:] == ["Admin", "a", "b"]

    kept = manager.messages_to_string(result.chat_history)
    last_agent, last_message = manager.resume(messages=kept)
    assert last_agent.name == "b"
    again = last_agent.initiate_chat(manager, message=last_message, clear_history=False)
    assert again.chat_history[-1]["content"] == "TERMINATE"


def test_chats_in_sequence_carry_summaries_over(autogen: Any, model: Any) -> None:
    brains = [model("Paris."), model("It is old.")]
    experts = [autogen.AssistantAgent(f"expert{n}", llm_config=brain.llm_config) for n, brain in enumerate(brains)]
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    results = user.initiate_chats(
        [
            {"recipient": experts[0], "message": "The capital?", "max_turns": 1, "summary_method": "last_msg"},
            {"recipient": experts[1], "message": "How old?", "max_turns": 1, "carryover": "Be brief."},
        ]
    )

    assert [one.summary for one in results] == ["Paris.", "It is old."]
    assert brains[1].asked[0]["messages"][-1]["content"] == "How old?\nContext: \nBe brief.\nParis."


def test_nested_chats_answer(autogen: Any, model: Any) -> None:
    critic = autogen.AssistantAgent("critic", llm_config=model("Too long.").llm_config)
    writer = autogen.AssistantAgent("writer", llm_config=False)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    def reflection_message(recipient: Any, messages: Any, sender: Any, config: Any) -> str:
        return f"Review this: {recipient.chat_messages_for_summary(sender)[-1]['content']}"

    writer.register_nested_chats(
        [{"recipient": critic, "message": reflection_message, "max_turns": 1, "summary_method": "last_msg"}],
        trigger=user,
    )
    assert user.initiate_chat(writer, message="A poem.", max_turns=1).summary == "Too long."
    assert writer.chat_messages[critic][0]["content"] == "Review this: A poem."


def test_a_person_is_asked(autogen: Any, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["Shorter.", "exit"])
    monkeypatch.setattr("builtins.input", lambda _prompt: next(typed))
    assistant = autogen.AssistantAgent("assistant", llm_config=model("A long text.", "A text.").llm_config)
    user = autogen.UserProxyAgent("user", code_execution_config=False)
    result = user.initiate_chat(assistant, message="Write.")

    assert result.human_input == ["Shorter.", "exit"]
    assert result.chat_history[2]["content"] == "Shorter."


def test_a_subclass_asks_its_own_way(autogen: Any, model: Any) -> None:
    class Proxy(autogen.UserProxyAgent):  # type: ignore[misc]
        def get_human_input(self, prompt: str) -> str:
            return "exit" if "stop" in prompt else "More."

    assistant = autogen.AssistantAgent("assistant", llm_config=model("One.", "TERMINATE").llm_config)
    user = Proxy("user", code_execution_config=False)
    result = asyncio.run(user.a_initiate_chat(assistant, message="Count."))
    assert [one["content"] for one in result.chat_history] == ["Count.", "One.", "More.", "TERMINATE"]


def test_only_the_very_word_ends_a_chat(autogen: Any, model: Any) -> None:
    assistant = autogen.AssistantAgent("assistant", llm_config=model("done. TERMINATE", "TERMINATE").llm_config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="?")
    result = user.initiate_chat(assistant, message="Go.")
    assert [one["content"] for one in result.chat_history] == ["Go.", "done. TERMINATE", "?", "TERMINATE"]


def test_society_of_mind(autogen: Any, model: Any) -> None:
    from autogen.agentchat.contrib.society_of_mind_agent import SocietyOfMindAgent

    inner = [autogen.AssistantAgent(name, llm_config=model(f"{name} thinks.").llm_config) for name in ("left", "right")]
    group = autogen.GroupChat(agents=inner, messages=[], speaker_selection_method="round_robin", max_round=3)
    manager = autogen.GroupChatManager(groupchat=group, llm_config=False)
    mind = SocietyOfMindAgent("mind", chat_manager=manager, llm_config=model("Forty-two.").llm_config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    assert user.initiate_chat(mind, message="The answer?", max_turns=1).summary == "Forty-two."
    assert isinstance(mind, autogen.ConversableAgent)


def test_a_custom_agent_asks_its_client(autogen: Any, model: Any) -> None:
    class Custom(autogen.ConversableAgent):  # type: ignore[misc]
        def __init__(self, name: str, **kwargs: Any) -> None:
            super().__init__(name, **kwargs)
            self.register_reply(autogen.Agent, Custom.answer, position=1)

        def answer(self, messages: Any = None, sender: Any = None, config: Any = None) -> tuple[bool, Any]:
            response = self.client.create(context=messages[-1].get("context"), messages=messages, temperature=0)
            return True, self.client.extract_text_or_completion_object(response)[0].upper()

    brain = model("quiet")
    custom = Custom("custom", llm_config=brain.llm_config)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

    assert user.initiate_chat(custom, message="Say.", max_turns=1).summary == "QUIET"
    assert brain.asked[0]["temperature"] == 0
    assert custom.client.total_usage_summary["total_cost"] == 0.25
    assert isinstance(custom.client, autogen.OpenAIWrapper)


def test_a_cache_for_one_chat(autogen: Any, model: Any) -> None:
    brain = model("Once.")
    assistant = autogen.AssistantAgent("assistant", llm_config={**brain.llm_config, "cache_seed": None})
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    for _ in range(2):
        with autogen.Cache.disk(cache_seed=7) as cache:
            result = user.initiate_chat(assistant, message="Say.", max_turns=1, cache=cache)
    assert (result.summary, len(brain.asked)) == ("Once.", 1)
    assert result.cost["usage_excluding_cached_inference"]["total_cost"] == 0


def test_transforms_shorten_what_a_model_reads(autogen: Any, model: Any) -> None:
    from autogen.agentchat.contrib.capabilities import transform_messages, transforms

    brain = model("One.", "Two.", "Three.")
    assistant = autogen.AssistantAgent("assistant", system_message="Count.", llm_config=brain.llm_config)
    limits = [transforms.MessageHistoryLimiter(max_messages=1), transforms.TextMessageContentName()]
    transform_messages.TransformMessages(transforms=limits).add_to_agent(assistant)
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="?")
    user.initiate_chat(assistant, message="Begin.", max_turns=3)

    assert [one["content"] for one in brain.asked[-1]["messages"]] == ["Count.", "user:\n?"]
    assert len(assistant.chat_messages[user]) == 6
