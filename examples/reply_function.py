"""Reply functions: an agent asks them in order until one has a final answer.

The first one here only looks on: it calls back with each message and passes on with (False, None). The second answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate import Agent, ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate import Message


def print_messages(
    recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: dict[str, Any]
) -> tuple[bool, None]:
    """Look on, and let the next reply function answer."""
    if config["callback"] is not None:
        config["callback"](sender, recipient, messages[-1])
    print(f"Messages sent to: {recipient.name} | num messages: {len(messages)}")
    return False, None


def count_words(
    recipient: Agent, messages: Sequence[Message], sender: Agent | None, config: None
) -> tuple[bool, str | None]:
    """Answer with a number of words; a final None ends the chat."""
    del recipient, sender, config
    text = str(messages[-1].get("content"))
    return True, None if text.isdigit() else str(len(text.split()))


seen: list[str] = []


def remember(sender: Agent, recipient: Agent, message: Message) -> None:
    """Be called back by print_messages."""
    seen.append(f"{sender.name} to {recipient.name}: {message.get('content')}")


counter = ConversableAgent("counter", human_input_mode="NEVER")
user = ConversableAgent("user", human_input_mode="NEVER")

# The latest to be registered is asked first. None in the list answers when there is no sender.
counter.register_reply([Agent, None], count_words)
counter.register_reply([Agent, None], print_messages, config={"callback": remember})
user.register_reply([Agent, None], print_messages, config={"callback": None})

chat = user.initiate_chat(counter, message="How many words are these?")

print("Answer:", chat.summary)
print("Seen by the callback:", seen)
