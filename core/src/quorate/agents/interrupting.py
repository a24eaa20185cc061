"""Ending a running chat from outside: after the message under way, or at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from quorate._breaking import Breakable
from quorate.stopping.reason import StopReason

if TYPE_CHECKING:
    from types import TracebackType

    from quorate.stopping.scope import Scope


class RunningChat(Breakable):
    """A context around a chat, in which its agents can interrupt it; when it is broken off, it ends without an error.

    Args:
        scope: the stop conditions of the chat; its ``refused`` says why an interrupted chat ended.
        agents: those that hold the chat.
    """

    def __init__(self, scope: Scope, *agents: object) -> None:
        super().__init__()
        self._scope = scope
        self._held_by: list[list[RunningChat]] = [
            chats for agent in agents if (chats := getattr(agent, "running_chats", None)) is not None
        ]

    def pause(self, agent: str) -> None:
        """End the chat when the message under way is said."""
        if self._scope.refused is None:
            self._scope.refused = StopReason("paused", agent)

    def cancel(self, agent: str) -> None:
        """End the chat at once; the message under way is not said."""
        self._scope.refused = StopReason("cancelled", agent)
        self.break_off()

    def __enter__(self) -> Self:
        for chats in self._held_by:
            chats.append(self)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        for chats in self._held_by:
            chats.remove(self)
        return super().__exit__(kind, error, trace)
