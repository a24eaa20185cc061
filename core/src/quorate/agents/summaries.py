"""Summaries of chats: the last message, what a model makes of the whole, or a function of the program's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate._drive import call
from quorate.agents.chat import last_text
from quorate.agents.model_reply import ask_model
from quorate.config.guards import is_mapping
from quorate.errors import AgentError
from quorate.models.wire import wire_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.agents.chatting import ChattingAgent
    from quorate.agents.model_backed import ModelBackedAgent
    from quorate.agents.protocol import Agent
    from quorate.messages import Message

LAST, REFLECTION = "last_msg", "reflection_with_llm"

DEFAULT_SUMMARY_PROMPT = (
    "Sum up what this conversation established, for somebody who was not there. Give the result, without greetings, "
    "without comments on the conversation, and without anything that was not said in it."
)


def check_summary(opener: ChattingAgent, recipient: Agent, method: object, args: object) -> None:
    """Refuse a summary that cannot be made, before the chat starts.

    Raises:
        AgentError: no such method, arguments that it does not take, or no model for a reflection.
    """
    if not (method is None or callable(method) or method in (LAST, REFLECTION)):
        msg = (
            f"summary_method is '{LAST}', '{REFLECTION}', a function (sender, recipient, summary_args), or None, "
            f"not {method!r}"
        )
        raise AgentError(msg)
    if args is not None and not is_mapping(args):
        msg = f"summary_args is a dict, or None, not {type(args).__name__}"
        raise AgentError(msg)
    if method != REFLECTION:
        return
    for key in ("summary_prompt", "summary_role"):
        if not isinstance((args or {}).get(key) or "", str):
            msg = f"summary_args[{key!r}] is text, not {(args or {})[key]!r:.80}"
            raise AgentError(msg)
    if _with_model(opener, recipient) is None:
        msg = (
            f"summary_method='{REFLECTION}' needs a model, and neither {opener.name} nor {recipient.name} has one; "
            f"give one of them an llm_config, or choose another summary_method"
        )
        raise AgentError(msg)


async def summary_of(
    method: str | Callable[..., Any] | None, opener: ChattingAgent, recipient: Agent, args: Mapping[str, Any] | None
) -> Any:
    """A chat's summary, by a method that :func:`check_summary` accepts."""
    if method is None:
        return ""
    try:
        if callable(method):
            return await call("summary", method, opener, recipient, dict(args or {}))
        if method == REFLECTION:
            return await _reflection(opener, recipient, args or {})
        return last_text(told(opener, recipient))
    except Exception as error:
        error.add_note(f"The chat of {opener.name} and {recipient.name} itself is complete, and in their histories.")
        raise


async def _reflection(opener: ChattingAgent, recipient: Agent, args: Mapping[str, Any]) -> str:
    thinker = _with_model(opener, recipient)
    if thinker is None:
        msg = f"neither {opener.name} nor {recipient.name} has a model any more, so that none can sum up their chat"
        raise AgentError(msg)
    role, prompt = args.get("summary_role") or "system", args.get("summary_prompt") or DEFAULT_SUMMARY_PROMPT
    request: list[Any] = [*wire_messages(told(opener, recipient)), {"role": role, "content": prompt}]
    return await ask_model(thinker, request, opener if thinker is recipient else recipient)


def _with_model(opener: ChattingAgent, recipient: Agent) -> ModelBackedAgent | None:
    """The side whose model sums up: the recipient if it has one."""
    from quorate.agents.model_backed import ModelBackedAgent

    return next(
        (agent for agent in (recipient, opener) if isinstance(agent, ModelBackedAgent) and agent.client is not None),
        None,
    )


def told(opener: ChattingAgent, recipient: Agent) -> Sequence[Message]:
    """What a chat said, as the recipient sees it; an agent of another make does not say, so as the opener does."""
    messages = getattr(recipient, "chat_messages_for_summary", None)
    return opener.conversations[recipient] if messages is None else messages(opener)
