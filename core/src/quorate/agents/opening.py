"""The opening of a chat: everything it is held with is looked at before anything happens, and its first message made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.agents.carryover import check_carryover
from quorate.agents.chat import check_options
from quorate.agents.protocol import Agent
from quorate.agents.summaries import check_summary
from quorate.agents.templates import spoken
from quorate.errors import AgentError
from quorate.messages import as_message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.agents.chatting import ChattingAgent
    from quorate.messages import Message


def check_chat(
    opener: Any,
    /,
    recipient: Any,
    *,
    max_turns: object = None,
    stop: object = None,
    summary_method: object = "last_msg",
    summary_args: object = None,
    carryover: object = None,
    **_others: object,
) -> None:
    """Refuse a chat that cannot be held.

    Raises:
        AgentError: the recipient is no agent, or an argument of the chat is none.
    """
    if not isinstance(recipient, Agent):
        msg = f"the recipient of a chat is an agent (a name, and messages in and out), not {recipient!r:.80}"
        raise AgentError(msg)
    check_options(max_turns, stop)
    check_summary(opener, recipient, summary_method, summary_args)
    check_carryover(carryover)


def check_clients(opener: Agent, recipient: Agent) -> None:
    """See that every client class that either side's configurations name is registered.

    Raises:
        ConfigError: one is not; says which, and how to register it.
    """
    for agent in (opener, recipient):
        if (check := getattr(agent, "check_clients", None)) is not None:
            check()


async def first_message(
    opener: ChattingAgent, recipient: Agent, message: Any, context: Mapping[str, Any]
) -> str | Message:
    """The first message of a chat, made before either side forgets anything.

    Raises:
        MessageError: it is none.
    """
    made = await spoken(await opener.a_generate_init_message(message, recipient=recipient, **context))
    return made if isinstance(made, str) else as_message(made)
