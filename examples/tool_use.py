"""Tool use: the assistant's model calls functions, the user proxy runs them, one of them only with approval.

The model is the embedded demonstration model, which calls a tool that a message names. Any other goes in its place, such
as {"model": "gpt-5", "api_key": "..."}, and calls tools of its own accord.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Literal

from quorate import AssistantAgent, UserProxyAgent, register_function

if TYPE_CHECKING:
    from quorate import Agent
    from quorate.messages import ToolCall

RATES = {"EUR": 1.1, "JPY": 0.0067}

assistant = AssistantAgent("assistant", llm_config={"config_list": [{"client": "tiny", "model": "tiny"}]})
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


@user.register_for_execution()
@assistant.register_for_llm(description="Convert an amount of US dollars to another currency.")
def convert(
    amount: Annotated[float, "US dollars"],
    unit: Annotated[Literal["EUR", "JPY"], "the currency it becomes"] = "EUR",
) -> str:
    """What the model reads as the result."""
    return f"{amount / RATES[unit]:.2f} {unit}"


def send(amount: Annotated[float, "US dollars"], name: Annotated[str, "to whom"]) -> str:
    """Send money to somebody."""
    return f"sent {amount:.2f} USD to {name}"


def small_only(agent: Agent, call: ToolCall) -> bool | str:
    """Approve a call of send, or say why not; approve="human" would ask the person behind the user proxy."""
    del agent
    amount = json.loads(call["function"]["arguments"])["amount"]
    return amount <= 5 or "more than 5 USD needs a signature"


register_function(send, caller=assistant, executor=user, approve=small_only)

tasks = [
    "Call convert with amount=110, unit=EUR",
    "Call convert with amount=ten, unit=EUR",
    "Call send with amount=5, name=maria",
    "Call send with amount=500, name=maria",
]
for task in tasks:
    chat = user.initiate_chat(assistant, message=task)
    print(f"The model read: {chat.chat_history[2].get('content')}\n")
