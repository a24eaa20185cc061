"""What a group chat cannot be held with is refused when it is made."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from quorate.config.guards import is_list
from quorate.errors import AgentError, AgentNameConflict, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat

METHODS = ("auto", "manual", "random", "round_robin")
"""Ways to find the next speaker, besides a function."""


def check_group(group: GroupChat) -> None:
    """Refuse a group that cannot work.

    Raises:
        AgentNameConflict: two members have one name.
        AgentError: a field holds what it cannot.
    """
    check_names(group.agents)
    for name, least in (("max_round", 1), ("max_retries_for_selecting_speaker", 0)):
        value = getattr(group, name)
        if type(value) is not int or value < least:
            msg = f"GroupChat.{name}: must be a whole number, {least} or more, not {value!r}"
            raise AgentError(msg)
    if not callable(group.speaker_selection_method):
        check_method(group.speaker_selection_method, "GroupChat.speaker_selection_method")
    _check_repeats(group)
    _check_transitions(group)
    if (check := getattr(group.speaker_selection_method, "check", None)) is not None:
        check(group.agents)


def check_names(agents: Sequence[Agent]) -> None:
    """See that each name means one agent.

    Raises:
        AgentNameConflict: one means two.
        AgentError: something is no agent.
    """
    seen: dict[str, Agent] = {}
    for agent in agents:
        name = getattr(agent, "name", None)
        if not isinstance(name, str):
            msg = f"GroupChat.agents: {agent!r:.80} is no agent: it has no name"
            raise AgentError(msg)
        if name in seen:
            msg = f"GroupChat.agents: two members are named {name!r}; give each a name of its own"
            raise AgentNameConflict(msg)
        seen[name] = agent


def check_method(method: object, place: str) -> str:
    """The way to find the next speaker that a text means.

    Raises:
        AgentError: it means none.
    """
    if isinstance(method, str) and (named := method if method in METHODS else method.lower()) in METHODS:
        return named
    msg = f"{place}: must be one of {', '.join(METHODS)}, or a function (last_speaker, groupchat), not {method!r}"
    raise AgentError(msg)


def _check_repeats(group: GroupChat) -> None:
    repeats = group.allow_repeat_speaker
    if is_list(repeats):
        _check_members(group, repeats, "GroupChat.allow_repeat_speaker")
    elif repeats is not None and not isinstance(repeats, bool):
        msg = f"GroupChat.allow_repeat_speaker: must be True, False, a list of members or None, not {repeats!r}"
        raise AgentError(msg)


def _check_members(group: GroupChat, agents: Sequence[Any], place: str) -> None:
    for agent in agents:
        if agent not in group.agents:
            named = repr(getattr(agent, "name", agent))
            msg = f"{place}: {named} is not in the group; its members are {', '.join(group.agent_names)}"
            raise AgentError(msg)


def _check_transitions(group: GroupChat) -> None:
    """The graph of who may follow whom: its nodes are members, and each of them can be reached."""
    place, kind = "GroupChat.allowed_or_disallowed_speaker_transitions", group.speaker_transitions_type
    graph: Any = group.allowed_or_disallowed_speaker_transitions
    if graph is None:
        if kind is not None:
            msg = f"GroupChat.speaker_transitions_type: is {kind!r}, and there are no transitions; give {place}, too"
            raise AgentError(msg)
        return
    if kind not in ("allowed", "disallowed"):
        msg = f'GroupChat.speaker_transitions_type: must be "allowed" or "disallowed" beside transitions, not {kind!r}'
        raise AgentError(msg)
    if group.allow_repeat_speaker is not None:
        msg = f"GroupChat.allow_repeat_speaker and {place} exclude each other: the transitions say who may repeat"
        raise AgentError(msg)
    if not hasattr(graph, "items") or not graph:
        msg = f"{place}: must be a dict that gives for a member the list of members that may (or may not) follow it"
        raise AgentError(msg)
    for agent, others in graph.items():
        _check_members(group, [agent], place)
        where = f"{place}[{agent.name}]"
        if not is_list(others):
            msg = f"{where}: must be a list of members, not {others!r:.80}"
            raise AgentError(msg)
        _check_members(group, others, where)
        if len({id(other) for other in others}) < len(others):
            msg = f"{where}: names a member twice"
            raise AgentError(msg)
    _warn_of_isolated(group)


def _warn_of_isolated(group: GroupChat) -> None:
    allowed = group.allowed_speaker_transitions_dict
    reached = {id(one) for others in allowed.values() for one in others}
    if left := [agent.name for agent in group.agents if id(agent) not in reached and not allowed.get(agent)]:
        text = f"GroupChat: {', '.join(left)} will never speak: no transition leads there or on from there"
        warnings.warn(text, ConfigWarning, stacklevel=6)
