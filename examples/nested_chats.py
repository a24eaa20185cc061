"""Nested chats: an agent answers one partner with what chats of its own with others come to.

The clerk has no model. What it is asked, it has computed and then checked, in two chats inside its turn; the one who
asks sees one answer. The model is the embedded demonstration model; any other goes in its place.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from quorate import Agent, AssistantAgent, ConversableAgent, UserProxyAgent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate import Message

user = ConversableAgent("user", human_input_mode="NEVER")
clerk = ConversableAgent("clerk", human_input_mode="NEVER")
computer = AssistantAgent("computer", llm_config={"config_list": [{"client": "tiny", "model": "tiny"}]})
runner = UserProxyAgent(
    "runner", human_input_mode="NEVER", code_execution_config={"executor": "local", "work_dir": "work"}
)
checker = ConversableAgent("checker", human_input_mode="NEVER")


def check(recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: object) -> tuple[bool, str]:
    """Check a product by its last digit, which is that of the product of the last digits."""
    del recipient, sender, config
    one, two, product = (int(number) for number in re.findall(r"\d+", str(messages[-1].get("content")))[:3])
    return True, f"{product} {'looks right' if one * two % 10 == product % 10 else 'is wrong'}."


def ask_checker(recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: object) -> str:
    """Open the second chat; its answer is added to the message as the carryover."""
    del recipient, sender, config
    return str(messages[-1].get("content"))


checker.register_reply([Agent, None], check)
clerk.register_nested_chats(
    [
        # Without a message, the first chat begins with the one that the clerk was sent.
        {"sender": runner, "recipient": computer, "max_turns": 2, "silent": True},
        {"recipient": checker, "message": ask_checker, "max_turns": 1, "silent": True},
    ],
    trigger=user,
)

chat = user.initiate_chat(clerk, message="What is 37 * 54?", max_turns=1)

print("Answer:", chat.summary)
