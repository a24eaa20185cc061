"""What an agent is to other agents: a name, and messages in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from quorate.messages import Message


@runtime_checkable
class Agent(Protocol):
    """Something with a name that receives messages and generates replies.

    Any object with these members can take part in a chat. ``send`` and ``receive`` deliver; when
    ``request_reply`` is False they deliver and do nothing else.
    """

    @property
    def name(self) -> str:
        """Unique among the agents of a conversation."""
        ...

    @property
    def description(self) -> str:
        """What the agent is for, as others are told."""
        ...

    async def a_send(
        self, message: Message | str, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Send a message to another agent."""
        ...

    async def a_receive(
        self, message: Message | str, sender: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Take a message from another agent."""
        ...

    async def a_generate_reply(
        self, messages: Any = None, sender: Agent | None = None, **kwargs: Any
    ) -> str | Message | None:
        """Give a reply, or None to end the conversation."""
        ...
