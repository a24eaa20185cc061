"""A model client of your own, with the four methods of AutoGen 0.2, named in a configuration.

An entry's "model_client_cls" asks for the class; registering it on one agent serves every agent of the same kernel.
For streaming, tools and failure kinds, derive from quorate.BaseChatCompletionClient instead: one async method is enough.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from quorate import AssistantAgent, ConversableAgent


class CustomModelClient:
    """Answers whatever is asked with a text of its configuration."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.text = config["text"]

    def create(self, params: dict[str, Any]) -> SimpleNamespace:
        """Give a response: any object that the other methods understand."""
        question = params["messages"][-1]["content"]
        choices = [
            SimpleNamespace(message=SimpleNamespace(content=f"{self.text} (to: {question!r}, choice {number})"))
            for number in range(params.get("n", 1))
        ]
        return SimpleNamespace(choices=choices, model=params["model"])

    def message_retrieval(self, response: SimpleNamespace) -> list[str]:
        """Give the texts of a response."""
        return [choice.message.content for choice in response.choices]

    def cost(self, response: SimpleNamespace) -> float:
        """Give the price of a response in US dollars; 0 is free."""
        del response
        return 0

    @staticmethod
    def get_usage(response: SimpleNamespace) -> dict[str, Any]:
        """Count tokens, when they are known."""
        del response
        return {}


config_list = [{"model": "my-model", "model_client_cls": "CustomModelClient", "text": "A dummy response", "n": 1}]

assistant = AssistantAgent("assistant", llm_config={"config_list": config_list})
assistant.register_model_client(model_client_cls=CustomModelClient)
user = ConversableAgent("user", human_input_mode="NEVER")

chat = user.initiate_chat(assistant, message="Hello", max_turns=1)

print("Answer:", chat.summary)
