"""An agent that understands ``<img ...>`` tags in texts; the core's agents take image parts as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from quorate_autogen_compat.agentchat.contrib.img_utils import TAG, gpt4v_formatter
from quorate_autogen_compat.agentchat.conversable_agent import ConversableAgent

if TYPE_CHECKING:
    from collections.abc import Callable

    from quorate.agents import Agent
    from quorate.messages import Message

__all__ = ["DEFAULT_LMM_SYS_MSG", "DEFAULT_MODEL", "MultimodalConversableAgent"]

DEFAULT_LMM_SYS_MSG = "You are a helpful AI assistant. You can see the images that you are shown."
DEFAULT_MODEL = "gpt-4-vision-preview"


class MultimodalConversableAgent(ConversableAgent):
    """A :class:`ConversableAgent` that turns ``<img path-or-address>`` in what it is told and says into images.

    Args:
        name: unique among the agents of a conversation.
        system_message: instructions to the model; tags in it are images, too.
        is_termination_msg: which received messages end the conversation.
        *args: as :class:`ConversableAgent` takes them.
        **kwargs: the same.
    """

    DEFAULT_CONFIG: ClassVar[Any] = False

    def __init__(
        self,
        name: str,
        system_message: str | list[dict[str, Any]] | None = DEFAULT_LMM_SYS_MSG,
        is_termination_msg: Callable[[Message], bool] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        super().__init__(name, system_message, is_termination_msg, *args, **kwargs)

    def update_system_message(self, system_message: str | list[dict[str, Any]] | None) -> None:
        """Give other instructions, which may have images in them."""
        super().update_system_message(_seen(system_message))

    async def a_send(
        self, message: Message | str, recipient: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Send a message, with its tags as images."""
        await super().a_send(_with_images(message), recipient, request_reply, silent)

    async def a_receive(
        self, message: Message | str, sender: Agent, request_reply: bool | None = None, silent: bool | None = False
    ) -> None:
        """Take a message, with its tags as images."""
        await super().a_receive(_with_images(message), sender, request_reply, silent)


def _seen(content: Any) -> Any:
    return gpt4v_formatter(content) if isinstance(content, str) and TAG.search(content) else content


def _with_images(message: Message | str) -> Message | str:
    """A message whose tags are images; the very same where it has none."""
    if isinstance(message, str):
        return {"content": _seen(message)} if TAG.search(message) else message
    content = message.get("content")
    return {**message, "content": _seen(content)} if _seen(content) is not content else message
