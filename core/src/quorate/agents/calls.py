"""Running the tools that a model called: approved where that is asked for, then side by side, whatever happens inside."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from quorate._drive import call, gather
from quorate.agents.human_reply import typed_answer
from quorate.errors import AgentError, ToolError
from quorate.events import ToolEnded, ToolStarted
from quorate.tools import ToolResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent
    from quorate.agents.tool_using import ToolUsingAgent
    from quorate.messages import Message, ToolCall

Approval: TypeAlias = Literal["human"] | Callable[..., Any]
"""Who is asked before a call: the person behind the agent, or a function ``(agent, call) -> bool | str``."""


async def run_calls(agent: ToolUsingAgent, calls: Sequence[ToolCall], sender: Agent | None) -> list[ToolResult]:
    """Run tool calls side by side and give their results in order.

    Approval is asked first, one call after the other, so that a person reads one question at a time.
    """
    refusals = [await _refusal(agent, asked) for asked in calls]
    return await gather(*(_run(agent, asked, refused, sender) for asked, refused in zip(calls, refusals, strict=True)))


async def _run(agent: ToolUsingAgent, asked: ToolCall, refused: str, sender: Agent | None) -> ToolResult:
    agent.tell(ToolStarted, sender, call=asked)
    result = ToolResult.failure(refused) if refused else await _attempt(agent, asked)
    agent.tell(ToolEnded, sender, call=asked, content=result.content, failed=result.failed, error=result.error)
    return result


async def _attempt(agent: ToolUsingAgent, asked: ToolCall) -> ToolResult:
    function = asked.get("function") or {}
    name = function.get("name", "")
    tool = agent.tool_named(name)
    if tool is None:
        known = ", ".join(sorted(agent.function_map)) or "none"
        return ToolResult.failure(f"no function is named {name!r}; there are: {known}")
    return await call("tool", tool.run, function)


async def _refusal(agent: ToolUsingAgent, asked: ToolCall) -> str:
    """Why a call is not to be run; empty when it is, or when there is nothing that could be run."""
    function = asked.get("function") or {}
    name = function.get("name", "")
    approve, tool = agent.approval_of(name), agent.tool_named(name)
    if approve is None or tool is None:
        return ""
    try:
        tool.bind(function)
    except ToolError:
        return ""  # nobody is bothered with a call that cannot be run; running it says what is wrong
    if approve == "human":
        said = await typed_answer(agent, _question(agent, name, function.get("arguments")))
        verdict: Any = said.strip().lower() in ("y", "yes") or said.strip()
    else:
        verdict = await call("human", approve, agent, asked)
    if verdict is True:
        return ""
    if verdict is False or isinstance(verdict, str):
        return f"{name} was not run: approval was refused" + (f": {verdict}" if verdict else "")
    msg = f"{agent.name}: asked to approve {name}, {approve!r:.80} gave {verdict!r:.80}; it must give True, False or why not"
    raise AgentError(msg)


def _question(agent: ToolUsingAgent, name: str, arguments: object) -> str:
    return f"{agent.name} is asked to run {name}({arguments or ''}). Type 'yes' to allow it, or say why not: "


def tool_message(asked: ToolCall, result: ToolResult) -> Message:
    """A result as the message that answers its call; one for a call without an id has none either."""
    message: Message = {"role": "tool", "content": result.content}
    if asked.get("id"):
        message["tool_call_id"] = asked["id"]
    return message


def image_message(calls: Sequence[ToolCall], results: Sequence[ToolResult]) -> list[Message]:
    """The images among results as one user message, each under its name; none when there are none.

    The wire format lets a tool message hold text only, and has images in user messages:
    https://platform.openai.com/docs/api-reference/chat/create.
    """
    parts: list[dict[str, Any]] = []
    for asked, result in zip(calls, results, strict=True):
        for number, image in enumerate(result.images, 1):
            parts += [{"type": "text", "text": f"<image {number}> of {asked['function']['name']}:"}, dict(image)]
    return [{"role": "user", "content": parts}] if parts else []
