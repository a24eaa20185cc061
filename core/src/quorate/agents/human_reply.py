"""The reply function asked first: it ends the conversation, or lets a person answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import call, kernel_code
from quorate.agents.conversation import Conversation
from quorate.events import AutoReply
from quorate.stopping import StopReason

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from quorate.agents.person_backed import PersonBackedAgent
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.messages import Message
    from quorate.stopping import StopKind

SKIP = "Press enter to skip and use auto-reply, or type 'exit' to end the conversation: "
STOP = "Press enter or type 'exit' to stop the conversation: "


@kernel_code
async def a_check_termination_and_human_reply(
    recipient: PersonBackedAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """End the conversation, or let a person answer, as the human input mode says.

    ALWAYS asks every time; TERMINATE asks when the conversation would end or the auto replies are used up;
    NEVER asks nobody and ends. An empty answer to a question about the end ends the conversation.
    """
    del config
    messages = recipient.messages_from(sender) if messages is None else messages
    # Without a sender there is no conversation to end, but a person who is always asked is asked.
    conversation = Conversation(recipient.name, "") if sender is None else recipient.conversations.of(sender)
    ending = sender is not None and bool(messages) and recipient.is_termination(messages)
    used_up = conversation.auto_replies >= recipient.max_consecutive_auto_reply(sender)
    mode = recipient.human_input_mode
    why: StopKind = "termination_message" if ending else "max_consecutive_auto_reply"
    reply = ""
    if mode == "ALWAYS" or (mode == "TERMINATE" and (ending or used_up)):
        whom = "the sender" if sender is None else sender.name
        prompt = f"Replying as {recipient.name}. Provide feedback to {whom}. {STOP if ending else SKIP}"
        reply = await typed_answer(recipient, prompt)
        if reply == "exit":
            why = "human_exit"
        elif not reply and ending:
            reply = "exit"
    elif ending or used_up:
        reply = "exit"
    if reply == "exit":
        conversation.auto_replies = 0
        conversation.made.stop = StopReason(why, recipient.name)
        return True, None
    if reply or (mode != "NEVER" and recipient.max_consecutive_auto_reply(sender) == 0):
        conversation.auto_replies = 0
        conversation.made.source = "person"
        return True, _beside_calls(reply, messages[-1] if messages else {})
    conversation.auto_replies += 1
    if mode != "NEVER":
        recipient.tell(AutoReply, sender)
    return False, None


async def typed_answer(agent: PersonBackedAgent, prompt: str) -> str:
    """What the person behind an agent answers, kept in its ``human_input`` however the person is asked."""
    from quorate.agents.person_backed import PersonBackedAgent

    method = agent.a_get_human_input
    own = getattr(method, "__func__", None) is PersonBackedAgent.a_get_human_input
    # A method of the program's own is no step by itself.
    typed = await (method(prompt) if own else call("human", _typed, method, prompt))
    agent.human_input.append(typed)
    return typed


@kernel_code
async def _typed(method: Callable[[str], Awaitable[str]], prompt: str) -> str:
    return await method(prompt)


def _beside_calls(reply: str, last: Message) -> str | Message:
    """A person's reply; tool calls that were waiting are answered as interrupted, as the wire format demands."""
    calls = last.get("tool_calls")
    if not calls:
        return reply
    responses: list[Message] = [
        {"role": "tool", "tool_call_id": one.get("id", ""), "content": "USER INTERRUPTED"} for one in calls
    ]
    return {"role": "user", "tool_responses": responses, "content": reply}
