"""The article on custom models: its dummy class as it stands, and its steps."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest


class CustomModelClient:
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
            response.choices.append(choice)
        return response

    def message_retrieval(self, response):
        choices = response.choices
        return [choice.message.content for choice in choices]

    def cost(self, response) -> float:
        response.cost = 0
        return 0

    @staticmethod
    def get_usage(response):
        return {}


CONFIG_LIST = [
    {
        "model": "Open-Orca/Mistral-7B-OpenOrca",
        "model_client_cls": "CustomModelClient",
        "device": "cuda",
        "n": 1,
        "params": {"max_length": 1000},
    }
]


def test_the_dummy_class_answers(autogen: Any, capsys: pytest.CaptureFixture[str]) -> None:
    my_agent = autogen.AssistantAgent("assistant", llm_config={"config_list": CONFIG_LIST})
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    my_agent.register_model_client(model_client_cls=CustomModelClient)
    result = user.initiate_chat(my_agent, message="Write python code to print Hello World!", max_turns=1)

    assert result.summary == "this is a dummy text response"
    assert "CustomModelClient config: {'model': 'Open-Orca/Mistral-7B-OpenOrca'" in capsys.readouterr().out


def test_a_class_that_is_not_registered_is_named(autogen: Any) -> None:
    config = [{"model": "m", "model_client_cls": "NeverRegistered"}]
    agent = autogen.AssistantAgent("assistant", llm_config={"config_list": config})
    user = autogen.UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)
    with pytest.raises(ValueError, match=r"NeverRegistered.*register_model_client"):
        user.initiate_chat(agent, message="Hi")


def test_a_wrapper_by_itself(autogen: Any) -> None:
    client = autogen.OpenAIWrapper(config_list=CONFIG_LIST)
    client.register_model_client(CustomModelClient)
    response = client.create(messages=[{"role": "user", "content": "2+2="}], n=2)

    assert client.extract_text_or_completion_object(response) == ["this is a dummy text response"] * 2
    assert (response.choices[1].message.content, response.config_id) == ("this is a dummy text response", 0)
    with pytest.raises(ValueError, match="no entry of the config list names SimpleNamespace"):
        client.register_model_client(SimpleNamespace)
