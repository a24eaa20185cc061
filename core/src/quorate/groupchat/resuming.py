"""Resuming a group chat: the group as it was after messages that were kept, ready to go on."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from quorate._drive import kernel_code
from quorate.config.guards import is_list
from quorate.errors import AgentError
from quorate.messages import as_message, text_of

if TYPE_CHECKING:
    from quorate.agents.conversable import ConversableAgent
    from quorate.agents.protocol import Agent
    from quorate.groupchat.manager import GroupChatManager
    from quorate.messages import Message

Remove: TypeAlias = str | Callable[[str], str]
"""What is taken out of the last message: a text, or a function of its text that gives the rest."""


@kernel_code
async def a_resume(
    manager: GroupChatManager,
    messages: Sequence[Message] | str,
    remove_termination_string: Remove | None = None,
    silent: bool | None = False,
) -> tuple[ConversableAgent, Message]:
    """Put a group where it was, with all but the last message said; what it and its members had before is forgotten.

    Open the chat again with what this gives, and keep what was said::

        agent, message = manager.resume(messages)
        agent.initiate_chat(manager, message=message, clear_history=False)

    Args:
        manager: the manager.
        messages: what was said: ``groupchat.messages``, a ``ChatResult``'s ``chat_history``, or either as JSON.
        remove_termination_string: taken out of the last message, so that it does not end the chat at once.
        silent: taken for AutoGen 0.2's sake; nothing is shown of messages that were shown before.

    Returns:
        Who said the last message, and the message.

    Raises:
        AgentError: there are no messages, or one of somebody who is not in the group.
        MessageError: something is no message.
    """
    del silent
    given = manager.messages_from_string(messages) if isinstance(messages, str) else messages
    said = [_spoken(manager, message, index) for index, message in enumerate(given)]
    if not said:
        msg = f"{manager.name}: there are no messages to resume with"
        raise AgentError(msg)
    manager.forget_chat()
    manager.introduced = True  # what was said then is not said again
    for speaker, message in said[:-1]:
        manager.groupchat.append(message, speaker)
    await manager.audience.deliver()
    speaker, last = said[-1]
    manager.audience.last_speaker = said[-2][0] if len(said) > 1 else speaker
    if remove_termination_string is not None:
        last["content"] = _without(last.get("content"), remove_termination_string)
    return cast(
        "ConversableAgent", speaker
    ), last  # as AutoGen 0.2 types it; another make of agent opens chats its own way


def _without(content: Any, remove: Remove) -> Any:
    """Content without what is taken out; of parts each text by itself, so that images stay."""
    if is_list(content):
        return [
            {**part, "text": _without(part.get("text"), remove)} if part["type"] == "text" else part for part in content
        ]
    if content is None:  # beside calls
        return None
    text = text_of(content)
    return remove(text) if callable(remove) else text.replace(remove, "")


def _spoken(manager: GroupChatManager, value: object, index: int) -> tuple[Agent, Message]:
    """A message and its speaker; one without a name is the manager's, as in what an agent outside the group kept."""
    message = as_message(value)
    name = message.get("name", manager.name)
    speaker = manager if name == manager.name else manager.groupchat.agent_by_name(name)
    if speaker is None:
        members = ", ".join(manager.groupchat.agent_names)
        msg = f"messages[{index}]: {name!r} is not in the group; its members are {members}"
        raise AgentError(msg)
    return speaker, message


def messages_to_string(messages: Sequence[Message]) -> str:
    """Messages as JSON, for :meth:`GroupChatManager.resume`."""
    return json.dumps(list(messages), ensure_ascii=False)


def messages_from_string(message_string: str) -> list[Message]:
    """The messages that :func:`messages_to_string` wrote.

    Raises:
        AgentError: it is not JSON, or no list of messages.
        MessageError: something in it is no message.
    """
    try:
        read: Any = json.loads(message_string)
    except ValueError as error:
        msg = f"the messages are not JSON: {error}"
        raise AgentError(msg) from error
    if not is_list(read):
        msg = f"the messages are JSON of a {type(read).__name__}; a list of messages is needed"
        raise AgentError(msg)
    return [as_message(message) for message in cast("list[object]", read)]
