"""The reply function that runs the code blocks of a message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from quorate._drive import call, kernel_code
from quorate.coding import CodeResult, code_reply, extract_code_blocks, has_unclosed_block
from quorate.errors import ExecutorError
from quorate.events import CodeEnded, CodeStarted
from quorate.messages import text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.code_running import CodeRunningAgent
    from quorate.agents.protocol import Agent
    from quorate.agents.replies import Answer
    from quorate.coding import CodeBlock
    from quorate.messages import Message

CUT_OFF = "The code block has no closing fence, so it was not run; send the whole block again, shorter if need be."


@kernel_code
async def a_generate_code_execution_reply(
    recipient: CodeRunningAgent,
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
            recipient.made_by("code", sender)
            return True, code_reply(await run_blocks(recipient, settings.executor, blocks, sender))
        if has_unclosed_block(text):
            recipient.made_by("code", sender)
            return True, code_reply(CodeResult(1, CUT_OFF))
    return False, None


async def run_blocks(
    agent: CodeRunningAgent, executor: Any, blocks: Sequence[CodeBlock], partner: Agent | None = None
) -> CodeResult:
    """Run blocks as a step of the conversation with a partner, or of none, and tell observers of it.

    Raises:
        ExecutorError: code cannot be run at all, or the executor gave no result.
    """
    agent.tell(CodeStarted, partner, blocks=list(blocks))
    result = await call("code", executor.execute_code_blocks, list(blocks))
    if not (hasattr(result, "exit_code") and hasattr(result, "output")):  # AutoGen 0.2's class is not ours
        msg = f"{agent.name}: the executor {executor!r:.80} gave {result!r:.80}; it must give a quorate.CodeResult"
        raise ExecutorError(msg)
    agent.tell(CodeEnded, partner, result=result)
    return cast("CodeResult", result)
