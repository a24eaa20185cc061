"""What models are told when they choose the next speaker, and what members are told of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.agents.protocol import Agent

SELECT_MESSAGE = """\
Several roles take part in a conversation:
{roles}
Read the conversation that follows. Then say which of {agentlist} speaks next: name the role and nothing else."""

SELECT_PROMPT = "Given the conversation above, which of {agentlist} speaks next? Name the role and nothing else."

AGAIN_MULTIPLE = """\
Only one role can speak next. Take the role that was asked to speak or to act; otherwise the one whose description fits
best what is to be done next."""

AGAIN_NONE = "Choose from {agentlist}. Write the name of one role exactly as it stands there, and nothing else."

INTRODUCTION = """\
These take part in the conversation, each with what they are for:

{roles}"""


def roles_of(agents: Sequence[Agent]) -> str:
    """A line for each agent: its name and its description."""
    return "\n".join(f"{agent.name}: {agent.description.strip()}" for agent in agents)


def filled(template: str, agents: Sequence[Agent]) -> str:
    """A template with the agents' roles and names in it; other braces stay as they are."""
    names = str([agent.name for agent in agents])
    return template.replace("{roles}", roles_of(agents)).replace("{agentlist}", names)
