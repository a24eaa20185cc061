"""A chat: what it gives, and how it is held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate._drive import open_run
from quorate.agents.interrupting import RunningChat
from quorate.agents.turns import answer_each_other
from quorate.errors import AgentError, ChatStopped
from quorate.events import ChatEnded, ChatStarted
from quorate.messages import text_of
from quorate.models.usage import open_tally
from quorate.stopping.conditions import Condition, max_turns_limit
from quorate.stopping.scope import open_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from quorate.agents.chatting import ChattingAgent
    from quorate.agents.history import Entry
    from quorate.agents.protocol import Agent
    from quorate.messages import Message
    from quorate.stopping import StopReason


@dataclass(slots=True)
class ChatResult:
    """What a chat gave.

    Attributes:
        chat_history: the messages of the chat, as the agent that opened it sees them.
        summary: as ``summary_method`` makes it.
        cost: what the chat's model calls used and cost, nested chats included:
            ``usage_including_cached_inference`` and ``usage_excluding_cached_inference``, each with ``total_cost`` in
            US dollars (None when some of it is unpriced) and per model its cost and tokens.
        human_input: what people typed: the opener's person in order, then the recipient's.
        stop_reason: why it ended.
        chat_id: the chat's id in a queue of chats.
    """

    chat_history: list[Message]
    summary: str | Message = ""
    cost: dict[str, Any] = field(default_factory=dict[str, Any])
    human_input: list[str] = field(default_factory=list[str])
    stop_reason: StopReason | None = None
    chat_id: int | str | None = None


async def run_chat(
    opener: ChattingAgent,
    recipient: Agent,
    message: Message | str | None,
    *,
    silent: bool | None,
    stop: Condition | None,
    summarize: Callable[[], Any],
) -> ChatResult:
    """Hold a chat that ``opener`` begins; see :meth:`quorate.ConversableAgent.a_initiate_chat`.

    Without a message it goes on where the conversation stands.
    """
    conversation = opener.conversations.of(recipient)
    conversation.silent = bool(silent)
    first = len(conversation.history)
    with open_run(), open_tally() as tally, open_scope(stop, recipient) as scope:
        opener.tell(ChatStarted, recipient, recipient=recipient.name)
        reason: StopReason | None = None
        with RunningChat(scope, opener, recipient):
            if message is not None:
                await opener.a_send(message, recipient, request_reply=False, silent=silent)
            opening = conversation.history.entries[-1]
            scope.opened(opening.message, opening.author, opening.source)
            listener, speaker = _turn(opener, recipient, opening)
            reason = await answer_each_other(listener, speaker, silent=silent, scope=scope, opener=opener)
        reason = reason or scope.refused
        scope.close()
        try:
            summary = await summarize()
        except ChatStopped:  # what ended the chat leaves nothing for a model to sum it up with
            summary = last_text(conversation.history)
        cost = tally.total.total_cost
        opener.tell(ChatEnded, recipient, recipient=recipient.name, stop_reason=str(reason), cost=cost)
    return ChatResult(
        chat_history=conversation.history[first:],
        summary=summary,
        cost=tally.as_dict(),
        stop_reason=reason,
    )


def _turn(opener: Agent, recipient: Agent, last: Entry) -> tuple[Agent, Agent]:
    """Who answers the last message of a conversation, and whom; a group's manager always has its group answer."""
    if last.author == recipient.name and not hasattr(recipient, "groupchat"):
        return opener, recipient
    return recipient, opener


def typed_by(*agents: Agent) -> Callable[[], list[str]]:
    """Gives what the people behind these agents type from here on, one agent after the other."""
    people: list[list[str]] = [getattr(agent, "human_input", []) for agent in agents]
    before = [len(lines) for lines in people]
    return lambda: [line for lines, start in zip(people, before, strict=True) for line in lines[start:]]


def check_options(max_turns: object, stop: object = None) -> None:
    """Refuse what a chat cannot be held with, before it starts.

    Raises:
        AgentError: no such number of turns, or stop condition.
    """
    if stop is not None and not isinstance(stop, Condition):
        msg = f"stop is a stop condition such as turns(20) | text('TERMINATE'), or None, not {stop!r:.80}"
        raise AgentError(msg)
    if max_turns is not None and not (type(max_turns) is int and max_turns > 0):
        msg = f"max_turns is a whole number above 0, or None for no limit, not {max_turns!r}"
        raise AgentError(msg)


def limited(stop: Condition | None, max_turns: int | None) -> Condition | None:
    """A chat's own stop condition together with AutoGen 0.2's number of turns."""
    if max_turns is None:
        return stop
    limit = max_turns_limit(max_turns)
    return limit if stop is None else stop | limit


def last_text(history: Sequence[Message]) -> str:
    """The text of the last message, without the word that ended the chat."""
    if not history:
        return ""
    return text_of(history[-1].get("content")).replace("TERMINATE", "").strip()
