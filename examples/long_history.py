"""A long conversation with a small model: what it reads is limited, summed up and redacted; the history stays whole.

The model is the embedded demonstration model, whose context is 1,024 tokens. Any other goes in its place, such as
{"model": "gpt-5", "api_key": "..."}.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate import AssistantAgent, UserProxyAgent, default_kernel
from quorate.events import HistoryShortened
from quorate.transforms import LimitMessages, LimitTokens, Redact

if TYPE_CHECKING:
    from quorate.messages import Message

config: dict[str, Any] = {"config_list": [{"client": "tiny", "model": "tiny"}]}


def without_greetings(messages: list[Message]) -> list[Message]:
    """A transform of one's own: any function of the messages."""
    return [message for message in messages if message.get("content") != "Hello."]


assistant = AssistantAgent(
    "assistant",
    llm_config=config,
    transforms=[
        without_greetings,
        Redact(r"\b\d{4}-\d{4}\b"),
        LimitMessages(4, keep_first_message=True),
        LimitTokens(700, max_tokens_per_message=200),
    ],
)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

shortened: list[HistoryShortened] = []
default_kernel().observers.add(
    lambda event: shortened.append(event) if isinstance(event, HistoryShortened) else None  # what a program may log
)

questions = ["Hello.", "My number is 1234-5678.", "What is 12 * 12?", "What is 37 * 54?", "What is 99 - 21?"]
for number, question in enumerate(questions):
    user.initiate_chat(assistant, message=question, max_turns=1, clear_history=number == 0)

history = user.chat_messages[assistant]
print(f"The history has {len(history)} messages.")
print(f"For the last answer the model read {shortened[-1].messages} fewer.")
print("The number, which the model never read, is still in it:", history[2].get("content"))
