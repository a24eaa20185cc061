"""Choosing the next speaker: by a function, by a person, by chance, in turn, or by a model."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from quorate._drive import call, is_awaitable, kernel_code
from quorate.agents.human_reply import typed_answer
from quorate.agents.person_backed import PersonBackedAgent
from quorate.errors import AgentError, NoEligibleSpeaker
from quorate.groupchat.checks import METHODS, check_method
from quorate.groupchat.deciding import by_model
from quorate.groupchat.transitions import eligible

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat

ASKED = 2
"""How often a person who chooses the next speaker is asked for a number."""

PLACE = "GroupChat.speaker_selection_method"


@kernel_code
async def a_select_speaker(group: GroupChat, last_speaker: Agent, selector: Agent) -> Agent:
    """Choose who speaks next.

    Args:
        group: the group.
        last_speaker: who spoke last.
        selector: the agent that asks a model or a person, where one is to be asked: the group's manager.

    Raises:
        NoEligibleSpeaker: nobody may speak next, or the group's function chose nobody.
        AgentError: the group is too small, the function chose something else, or nobody runs a called function.
        ModelError: the model could not be asked.
    """
    if len(group.agents) < 2:
        msg = f"a group chat needs two members at least; this one has {', '.join(group.agent_names) or 'none'}"
        raise AgentError(msg)
    asked = group.speaker_selection_method
    method: str = ""
    if callable(asked):
        chosen, method = await _by_function(group, asked, last_speaker)
        if chosen is not None:
            return chosen
    candidates = eligible(group, last_speaker)
    if len(candidates) == 1:
        return candidates[0]
    method = method or check_method(asked, PLACE)
    if method == "round_robin":
        return group.next_agent(last_speaker, None if candidates is group.agents else candidates)
    if method == "random":
        return await group.a_random_select_speaker(candidates)
    if method == "manual" and (named := await group.a_manual_select_speaker(candidates, selector)) is not None:
        return named
    return await by_model(group, last_speaker, candidates, selector)


@kernel_code
async def a_random_select_speaker(group: GroupChat, agents: Sequence[Agent] | None = None) -> Agent:
    """Choose one by chance; it is a step of the run, so that a journal can repeat it.

    Args:
        group: the group.
        agents: the members to choose from; all by default.
    """
    members = agents or group.agents
    return members[await call("choice", random.randrange, len(members))]


@kernel_code
async def a_manual_select_speaker(
    group: GroupChat, agents: Sequence[Agent] | None = None, selector: Agent | None = None
) -> Agent | None:
    """Let a person choose, by number.

    Args:
        group: the group.
        agents: the members to choose from; all by default.
        selector: the agent whose person is asked; without one, ``input()`` asks.

    Returns:
        The member, or None: the person typed nothing or ``q``, or no number of the list, twice.
    """
    members = agents or group.agents
    listed = "\n".join(f"{number}: {agent.name}" for number, agent in enumerate(members, 1))
    asked = "The number of the next speaker (nothing or q leaves it to the automatic selection): "
    prompt = f"Please choose the next speaker:\n{listed}\n{asked}"
    for _ in range(ASKED):
        typed = str(await _typed(selector, prompt)).strip()
        if typed in ("", "q"):
            return None
        if typed.isdecimal() and 1 <= int(typed) <= len(members):
            return members[int(typed) - 1]
        prompt = f"{typed!r} is no number from 1 to {len(members)}. {asked}"
    return None


def _typed(selector: Agent | None, prompt: str) -> Awaitable[str]:
    return typed_answer(selector, prompt) if isinstance(selector, PersonBackedAgent) else call("human", input, prompt)


async def _by_function(group: GroupChat, function: Callable[..., Any], last_speaker: Agent) -> tuple[Agent | None, str]:
    """The member that a function chooses, or the method that it names."""
    if getattr(function, "__quorate_kernel__", False):
        kind, name = _noted(group, function, await function(last_speaker, group))
    else:
        # What passes the door is plain data, so that a journal can keep it.
        def choose() -> Any:
            answer = function(last_speaker, group)
            return _later(group, function, answer) if is_awaitable(answer) else _noted(group, function, answer)

        kind, name = await call("speaker", choose)
    if kind == "nobody":
        msg = f"{_named(function)} chose nobody to speak after {last_speaker.name}"
        raise NoEligibleSpeaker(msg)
    return (group.agent_by_name(name), "") if kind == "agent" else (None, name)


async def _later(group: GroupChat, function: Callable[..., Any], answer: Awaitable[Any]) -> list[str]:
    return _noted(group, function, await answer)


def _noted(group: GroupChat, function: Callable[..., Any], answer: Any) -> list[str]:
    """What a function chose, as plain data: an agent, a method, or nobody.

    Raises:
        AgentError: something else.
    """
    if answer is None:
        return ["nobody", ""]
    if isinstance(answer, str) and answer.lower() in METHODS:
        return ["method", answer.lower()]
    if answer in group.agents:
        return ["agent", answer.name]
    shown = repr(getattr(answer, "name", answer))
    msg = (
        f"{_named(function)} chose {shown:.80}; it must give a member of the group ({', '.join(group.agent_names)}), "
        f"one of {', '.join(METHODS)}, or None to end the chat"
    )
    raise AgentError(msg)


def _named(function: Callable[..., Any]) -> str:
    return f"the speaker selection function {getattr(function, '__qualname__', type(function).__name__)}"
