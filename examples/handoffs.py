"""Handoffs: a front desk passes a customer on to who can help, with the whole conversation at hand.

The front desk's model hands over by calling a tool that it is given for each target. When nobody hands over, the turn goes
back to who spoke before, or to whom ``after_work`` says. The answers are scripted, so that this runs without a key.
"""

from __future__ import annotations

import sys
from typing import Any

from quorate import (
    AssistantAgent,
    ConversableAgent,
    CreateResult,
    GroupChat,
    GroupChatManager,
    Handoff,
    Handoffs,
    Kernel,
)
from quorate.console import Console
from quorate.testing import ScriptedClient


def calling(name: str) -> CreateResult:
    """What a model answers that calls a tool without arguments."""
    return CreateResult([{"id": "call_1", "type": "function", "function": {"name": name, "arguments": "{}"}}], cost=0.0)


SCRIPTS: dict[str, list[Any]] = {
    "front": [calling("handoff_to_billing")],
    "billing": ["Invoice 17 is paid. Is there anything else?", "I see a crash report in this; a colleague takes over."],
    "support": ["The crash is fixed in version 2. TERMINATE"],
}

kernel = Kernel(observers=[Console()])
for name, script in SCRIPTS.items():
    kernel.register(ScriptedClient(script=script, name=name), f"script-of-{name}")


def desk(name: str, task: str) -> AssistantAgent:
    """One desk, with its own model."""
    config = {"config_list": [{"client": name, "model": "scripted"}]}
    return AssistantAgent(name, system_message=task, llm_config=config, kernel=kernel)


front = desk("front", "You find out what a customer needs, and hand over to who can help.")
billing = desk("billing", "You answer questions about invoices.")
support = desk("support", "You solve technical problems.")
customer = ConversableAgent(
    "customer", human_input_mode="NEVER", default_auto_reply="Your program crashes, too.", kernel=kernel
)


def crashes(messages: Any) -> bool:
    """Whether a crash was spoken of: a condition, where no model needs to decide."""
    return "crash" in str(messages[-1].get("content"))


handoffs = Handoffs(
    [
        Handoff(front, billing, "The question is about an invoice or a payment."),
        Handoff(front, support, "Something does not work."),
        Handoff(billing, support, when=crashes),
    ],
    after_work={billing: customer, support: customer},
)
group = GroupChat(
    agents=[customer, front, billing, support], messages=[], max_round=12, speaker_selection_method=handoffs
)
chat = customer.initiate_chat(GroupChatManager(groupchat=group), message="Is invoice 17 paid?")

print("Spoke:", ", ".join(str(message.get("name")) for message in group.messages))
if chat.summary != "The crash is fixed in version 2.":
    sys.exit("support did not answer last")
