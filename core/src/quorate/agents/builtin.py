"""The core's own reply functions, offered as any plugin's are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from quorate.hookspecs import hookimpl
from quorate.records import ReplyFunctionRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

_AGENTS = "quorate.agents"

ORDER = ("termination-and-human", "function-call", "tool-calls", "code-execution", "model")
"""The records of those that a conversable agent starts with, in the order in which they are asked."""


@hookimpl
def quorate_reply_functions() -> Iterator[ReplyFunctionRecord]:
    """Those that every conversable agent starts with."""
    yield ReplyFunctionRecord(
        name="termination-and-human",
        factory=f"{_AGENTS}.human_reply:a_check_termination_and_human_reply",
        summary="Ends a chat, or lets a person answer",
    )
    yield ReplyFunctionRecord(
        name="function-call",
        factory=f"{_AGENTS}.tool_reply:a_generate_function_call_reply",
        summary="Runs the function a model calls in the older form",
    )
    yield ReplyFunctionRecord(
        name="tool-calls",
        factory=f"{_AGENTS}.tool_reply:a_generate_tool_calls_reply",
        summary="Runs the tools a model calls",
    )
    yield ReplyFunctionRecord(
        name="code-execution",
        factory=f"{_AGENTS}.code_reply:a_generate_code_execution_reply",
        summary="Runs code blocks and gives their output",
    )
    yield ReplyFunctionRecord(
        name="model", factory=f"{_AGENTS}.model_reply:a_generate_oai_reply", summary="Lets a model answer"
    )
