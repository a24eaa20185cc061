"""Who may speak next, by the rules of a group: pending calls, repetition, and the graph of transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list
from quorate.errors import AgentError, NoEligibleSpeaker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat
    from quorate.messages import Message


def eligible(group: GroupChat, last_speaker: Agent) -> Sequence[Agent]:
    """The members among which the next speaker is chosen; who is not in the group may be followed by anyone.

    Raises:
        AgentError: a call is pending, and nobody runs functions.
        NoEligibleSpeaker: nobody may follow the last speaker.
    """
    if group.func_call_filter and (called := called_functions(group.last_message)):
        executing = executors(group, called)
        if len(executing) == 1:
            return executing
        # A call is to be answered, so where the rules would leave nobody for it they step back.
        following = followers(group, last_speaker)
        return [agent for agent in executing if agent in following] or executing
    if found := followers(group, last_speaker):
        return found
    if last_speaker not in group.agents:
        return group.agents
    msg = f"nobody may speak after {last_speaker.name}; the group's transitions end there"
    raise NoEligibleSpeaker(msg)


def followers(group: GroupChat, agent: Agent) -> Sequence[Agent]:
    """The members that may speak after one, in the group's order."""
    graph = group.allowed_or_disallowed_speaker_transitions
    if graph is not None:
        named, allowed = graph.get(agent, ()), group.speaker_transitions_type == "allowed"
        return [other for other in group.agents if (other in named) is allowed]
    repeats = group.allow_repeat_speaker
    if repeats is None or repeats is True or (is_list(repeats) and agent in repeats):
        return group.agents
    return [other for other in group.agents if other is not agent]


def called_functions(message: Message) -> list[str]:
    """The names of the functions that a message calls."""
    if "tool_calls" not in message and "function_call" not in message:
        return []
    functions: list[Any] = [one.get("function") for one in message.get("tool_calls") or ()]
    functions.append(message.get("function_call"))
    return [str(function.get("name", "")) for function in functions if function]


def executors(group: GroupChat, called: Sequence[str]) -> list[Agent]:
    """The members that have all of these functions; where nobody has, those that have any.

    Raises:
        AgentError: nobody runs functions.
    """
    maps: list[tuple[Agent, Any]] = [(agent, getattr(agent, "function_map", None) or {}) for agent in group.agents]
    if having := [agent for agent, functions in maps if all(name in functions for name in called)]:
        return having
    if running := [agent for agent, functions in maps if functions]:
        return running
    msg = (
        f"nobody in the group runs {', '.join(called)}; register it for execution with a member, "
        "or set GroupChat.func_call_filter=False"
    )
    raise AgentError(msg)
