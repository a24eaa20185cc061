"""Why a chat ended: one type, whatever ended it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

StopKind: TypeAlias = Literal[
    "termination_message",
    "max_turns",
    "max_consecutive_auto_reply",
    "human_exit",
    "no_reply",
    "max_round",
    "no_next_speaker",
    "paused",
    "cancelled",
    "turns",
    "tokens",
    "cost",
    "wall",
    "text",
    "callback",
    "no_progress",
    "courtesy_loop",
]
"""Those of AutoGen 0.2's own options, interruptions, and one for each stop condition, under its name."""

_TEXT: dict[str, str] = {
    "termination_message": "{agent} took a termination message",
    "max_turns": "the number of turns asked for is done",
    "max_consecutive_auto_reply": "{agent} has replied by itself as often as it may",
    "human_exit": "the person at {agent} ended it",
    "no_reply": "{agent} had no reply",
    "max_round": "{agent} has let as many messages be said as it may",
    "no_next_speaker": "{agent} found nobody to speak next",
    "paused": "{agent} was paused",
    "cancelled": "{agent} was cancelled",
}


@dataclass(frozen=True, slots=True)
class StopReason:
    """Why a chat ended.

    Attributes:
        kind: what ended it; for a stop condition its name, for a composed one that of the part that was met.
        agent: by whose message, reply or call.
        condition: the whole stop condition as text; empty when none ended it.
        detail: what there is to say beyond that: ``980 of 1000 tokens are used, and the next call may take 120``.
    """

    kind: StopKind
    agent: str
    condition: str = ""
    detail: str = ""

    def __str__(self) -> str:
        known = _TEXT.get(self.kind)
        return known.format(agent=self.agent) if known else f"{self.condition}: {self.detail}"
