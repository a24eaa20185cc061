"""The reply functions every conversable agent starts with. Each is kernel code and goes through the door itself.

They are asked in this order: termination and human, tools, code, model.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from quorate._drive import call, gather, kernel_code
from quorate._streams import stream
from quorate.agents.calls import run_tool
from quorate.agents.conversation import Conversation, StopReason
from quorate.coding import CodeResult, code_reply, extract_code_blocks, has_unclosed_block
from quorate.errors import ExecutorError, ModelError
from quorate.events import AutoReply, CodeEnded, CodeStarted, ModelAnswered, TextPart, TextRestarted
from quorate.messages import text_of
from quorate.models.results import Restarted
from quorate.models.usage import count
from quorate.models.wire import wire_messages

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from quorate.agents.conversable import ConversableAgent
    from quorate.agents.protocol import Agent
    from quorate.coding import CodeBlock
    from quorate.messages import Message, Source
    from quorate.models import CreateResult

Answer: TypeAlias = tuple[bool, "str | Message | None"]

NAMES = ("termination-and-human", "tool-calls", "code-execution", "model")
"""The records of the four, in the order in which they are asked."""

SKIP = "Press enter to skip and use auto-reply, or type 'exit' to end the conversation: "
STOP = "Press enter or type 'exit' to stop the conversation: "
CUT_OFF = "The code block has no closing fence, so it was not run; send the whole block again, shorter if need be."


@kernel_code
async def a_check_termination_and_human_reply(
    recipient: ConversableAgent,
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
    stop = StopReason("termination_message" if ending else "max_consecutive_auto_reply", recipient.name)
    reply = ""
    if mode == "ALWAYS" or (mode == "TERMINATE" and (ending or used_up)):
        whom = "the sender" if sender is None else sender.name
        prompt = f"Replying as {recipient.name}. Provide feedback to {whom}. {STOP if ending else SKIP}"
        reply = await recipient.a_get_human_input(prompt)
        if reply == "exit":
            stop = StopReason("human_exit", recipient.name)
        elif not reply and ending:
            reply = "exit"
    elif ending or used_up:
        reply = "exit"
    if reply == "exit":
        conversation.auto_replies = 0
        conversation.made.stop = stop
        return True, None
    if reply or (mode != "NEVER" and recipient.max_consecutive_auto_reply(sender) == 0):
        conversation.auto_replies = 0
        conversation.made.source = "person"
        return True, _beside_calls(reply, messages[-1] if messages else {})
    conversation.auto_replies += 1
    if mode != "NEVER":
        recipient.tell(AutoReply, sender)
    return False, None


def _beside_calls(reply: str, last: Message) -> str | Message:
    """A person's reply; tool calls that were waiting are answered as interrupted, as the wire format demands."""
    calls = last.get("tool_calls")
    if not calls:
        return reply
    responses: list[Message] = [
        {"role": "tool", "tool_call_id": one.get("id", ""), "content": "USER INTERRUPTED"} for one in calls
    ]
    return {"role": "user", "tool_responses": responses, "content": reply}


def _note(recipient: ConversableAgent, sender: Agent | None, source: Source) -> None:
    """Keep who made the reply, for when it is sent."""
    if sender is not None:
        recipient.conversations.of(sender).made.source = source


@kernel_code
async def a_generate_tool_calls_reply(
    recipient: ConversableAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Run the tools that the last message calls, side by side, and give their results."""
    del config
    messages = recipient.messages_from(sender) if messages is None else messages
    calls = messages[-1].get("tool_calls") if messages else None
    if not calls or not recipient.function_map:
        return False, None
    _note(recipient, sender, "tool")
    responses = await gather(*(run_tool(recipient, one, sender) for one in calls))
    text = "\n\n".join(str(one["content"]) for one in responses)
    return True, {"role": "tool", "tool_responses": responses, "content": text}


@kernel_code
async def a_generate_code_execution_reply(
    recipient: ConversableAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Run the code blocks of the latest message that has some, and give their output."""
    settings = recipient.code_execution if config is None else config
    if not settings:
        return False, None
    messages = recipient.messages_from(sender) if messages is None else messages
    for message in settings.searched(messages):
        text = text_of(message.get("content"))
        if blocks := extract_code_blocks(text):
            _note(recipient, sender, "code")
            return True, await _run(recipient, settings.executor, blocks, sender)
        if has_unclosed_block(text):
            _note(recipient, sender, "code")
            return True, code_reply(CodeResult(1, CUT_OFF))
    return False, None


async def _run(recipient: ConversableAgent, executor: Any, blocks: list[CodeBlock], sender: Agent | None) -> str:
    recipient.tell(CodeStarted, sender, blocks=blocks)
    result = await call("code", executor.execute_code_blocks, blocks)
    if not (hasattr(result, "exit_code") and hasattr(result, "output")):  # AutoGen 0.2's class is not ours
        msg = f"{recipient.name}: the executor {executor!r:.80} gave {result!r:.80}; it must give a quorate.CodeResult"
        raise ExecutorError(msg)
    recipient.tell(CodeEnded, sender, result=result)
    return code_reply(result)


@kernel_code
async def a_generate_oai_reply(
    recipient: ConversableAgent,
    messages: Sequence[Message] | None = None,
    sender: Agent | None = None,
    config: Any = None,
) -> Answer:
    """Let the model answer; ``config`` may be another model client to ask."""
    client = recipient.client if config is None else config
    if client is None:
        return False, None
    messages = recipient.messages_from(sender) if messages is None else messages
    request = cast("list[Message]", [*recipient.system_messages(), *wire_messages(messages)])
    result = await _ask(recipient, client, request, sender)
    _note(recipient, sender, "model")
    count(result)
    recipient.usage.add(result)
    recipient.tell(ModelAnswered, sender, result=result)
    return True, result.content if isinstance(result.content, str) else result.message


async def _ask(recipient: ConversableAgent, client: Any, request: list[Message], sender: Agent | None) -> CreateResult:
    """One model call, told in parts when someone listens."""
    if not _streams(recipient, client):
        result: CreateResult = await call("model", client.create, request)
        return result
    parts: AsyncGenerator[str | CreateResult, None] = stream("model", client.create_stream, request)
    try:
        async for part in parts:
            if not isinstance(part, str):
                return part
            if sender is not None:
                recipient.conversations.of(sender).made.streamed = True
            whom = sender.name if sender else ""
            if isinstance(part, Restarted):
                recipient.tell(TextRestarted, sender, recipient=whom, reason=part.reason)
            else:
                recipient.tell(TextPart, sender, recipient=whom, text=part)
    finally:
        await parts.aclose()
    msg = f"{recipient.name}: the model client's stream ended without a CreateResult"
    raise ModelError(msg, kind="bad_response")


def _streams(recipient: ConversableAgent, client: Any) -> bool:
    """Whether to take the answer in parts: as the configuration says, else when someone listens."""
    asked = getattr(client, "stream", None)
    return bool(recipient.kernel.observers) if asked is None else bool(asked)
