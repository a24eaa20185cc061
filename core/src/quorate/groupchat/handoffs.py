"""Handoffs: a member hands the conversation over to another, by a tool that its model calls or by a condition."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from quorate._drive import call
from quorate.agents.tool_using import ToolUsingAgent
from quorate.errors import AgentError
from quorate.groupchat.checks import check_method
from quorate.groupchat.transitions import called_functions, executors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat
    from quorate.messages import Message

Next: TypeAlias = "Agent | str | None"
"""Who speaks next: a member, the name of a way to choose one (``auto``, ``round_robin``, ...), or None to end the chat."""

When: TypeAlias = "Callable[[Sequence[Message]], Any]"
"""Plain or async: takes the group's messages, says whether to hand over."""


@dataclass(frozen=True, slots=True, eq=False)
class Handoff:
    """One way for a member to hand over to another.

    Args:
        source: who hands over.
        target: who speaks then, with the whole conversation at hand.
        description: when to do so, for the source's model, which gets a tool ``handoff_to_<target>``; by default what
            the target is for.
        when: instead of a tool, a condition: asked when the source has spoken.
    """

    source: Agent
    target: Agent
    description: str = ""
    when: When | None = None

    @property
    def tool(self) -> str:
        """The name of its tool."""
        return f"handoff_to_{re.sub('[^a-zA-Z0-9_-]', '_', self.target.name)}"[:64]


class Handoffs:
    """Speaker selection by handoffs: ``GroupChat(agents=..., speaker_selection_method=Handoffs([...]))``.

    After each message the first of these decides: a call is answered by a member that has the function; a handoff tool
    that was called gives the turn to its target, and another tool's result goes back to its caller; the speaker's
    conditions are asked in their order; then ``after_work``. Which tool was called is read from the messages, so a
    conversation that is resumed goes on in the same hands.

    Args:
        handoffs: the handoffs; making this object gives their tools to the sources.
        after_work: who speaks after a member that handed over to nobody. One that is missing here gives the turn back
            to who spoke before it; after the message that opens the chat, that is the first other member.

    Raises:
        AgentError: a source can have no tools, has no model, or hands over to itself; or two of its tools have one name.
    """

    __quorate_kernel__ = True  # what it awaits is the door

    def __init__(self, handoffs: Sequence[Handoff], after_work: Mapping[Agent, Next] | None = None) -> None:
        self.handoffs = tuple(handoffs)
        self.after_work = dict(after_work or {})
        self._targets: dict[tuple[str, str], Agent] = {}
        for one in self.handoffs:
            if one.source is one.target:
                msg = f"{one.source.name} cannot hand over to itself"
                raise AgentError(msg)
            if one.when is None:
                self._give_tool(one)

    def _give_tool(self, one: Handoff) -> None:
        source, target, key = one.source, one.target, (one.source.name, one.tool)
        if not isinstance(source, ToolUsingAgent):
            msg = f"{source.name} can have no tools, so it hands over with a condition only: Handoff(..., when=...)"
            raise AgentError(msg)
        if key in self._targets:
            msg = f"{source.name} has two handoffs with the tool {one.tool}; give a source one handoff to each target"
            raise AgentError(msg)

        def handoff() -> str:
            return f"{target.name} takes over."

        told = f"Hands the conversation over to {target.name}. {one.description or target.description}".strip()
        source.register_for_llm(name=one.tool, description=told)(handoff)
        source.register_for_execution(name=one.tool)(handoff)
        self._targets[key] = target

    def check(self, agents: Sequence[Agent]) -> None:
        """See that all who hand over and take over are in the group.

        Raises:
            AgentError: somebody is not, or ``after_work`` names no way to choose a speaker.
        """
        named: list[tuple[str, Any]] = [
            ("handoffs", agent) for one in self.handoffs for agent in (one.source, one.target)
        ]
        for member, then in self.after_work.items():
            named.append(("after_work", member))
            if isinstance(then, str):
                check_method(then, f"Handoffs.after_work[{member.name}]")
            elif then is not None:
                named.append((f"after_work[{member.name}]", then))
        for place, agent in named:
            if agent not in agents:
                shown = repr(getattr(agent, "name", agent))
                members = ", ".join(member.name for member in agents)
                msg = f"Handoffs.{place}: {shown} is not in the group; its members are {members}"
                raise AgentError(msg)

    async def __call__(self, last_speaker: Agent, groupchat: GroupChat) -> Next:
        """Who speaks after ``last_speaker``; as a speaker selection function gives it."""
        messages = groupchat.messages
        last = messages[-1]
        if called := called_functions(last):
            running = executors(groupchat, called)
            return last_speaker if last_speaker in running else running[0]
        if last.get("role") in ("tool", "function"):
            return self._after_result(groupchat)
        for one in self.handoffs:
            if one.source is last_speaker and one.when is not None and await call("speaker", one.when, list(messages)):
                return one.target
        if last_speaker in self.after_work:
            return self.after_work[last_speaker]
        return _before(groupchat, last_speaker)

    def _after_result(self, groupchat: GroupChat) -> Next:
        """After the result of calls: the target of a handoff among them, or who called."""
        for message in reversed(groupchat.messages):
            if called := called_functions(message):
                caller = str(message.get("name", ""))
                targets = (self._targets.get((caller, name)) for name in called)
                return next((one for one in targets if one is not None), groupchat.agent_by_name(caller))
        return None


def _before(groupchat: GroupChat, speaker: Agent) -> Agent:
    """The member that spoke before one; the first other one where nobody did."""
    for message in reversed(groupchat.messages):
        agent = groupchat.agent_by_name(message.get("name", ""))
        if agent is not None and agent is not speaker:
            return agent
    return next(agent for agent in groupchat.agents if agent is not speaker)
