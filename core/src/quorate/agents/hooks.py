"""Hooks: functions that change what an agent reads before a reply, or what it is about to say."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from quorate._drive import call
from quorate.agents.history import History, Reading
from quorate.config.guards import is_list, is_mapping
from quorate.errors import AgentError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.agents.protocol import Agent
    from quorate.messages import Message

Hook: TypeAlias = Callable[..., Any]
"""A plain or async function; what it takes and gives is said at :meth:`quorate.ConversableAgent.register_hook`."""

LAST = "process_last_received_message"
ALL = "process_all_messages_before_reply"
SEND = "process_message_before_send"
HOOKABLE = (LAST, ALL, SEND)


def hook_list(agent: str, hook_lists: dict[str, list[Hook]], hookable_method: str, hook: Hook) -> list[Hook]:
    """The list that a hook goes into; an ``a_`` name means the same list.

    Raises:
        AgentError: no such method, not a function, or a hook that is there already.
    """
    found = hook_lists.get(hookable_method.removeprefix("a_"))
    if found is None:
        msg = f"{agent}: {hookable_method!r} takes no hook; those that do are {', '.join(HOOKABLE)}"
        raise AgentError(msg)
    if not callable(hook):
        msg = f"{agent}: a hook is a function, not {hook!r}"
        raise AgentError(msg)
    if hook in found:
        msg = f"{agent}: {_named(hook)} is a hook of {hookable_method} already; it would run twice"
        raise AgentError(msg)
    return found


async def last_processed(agent: str, hooks: Sequence[Hook], messages: Sequence[Message]) -> Sequence[Message]:
    """The messages with the last one's content as the hooks give it; a list of its own when anything changed."""
    last: Mapping[str, Any] = messages[-1] if messages and hooks else {}
    content: Any = last.get("content")
    if not _is_content(content) or content == "exit" or "function_call" in last or "context" in last:
        return messages
    changed: Any = content
    for hook in hooks:
        given: Any = await call("hook", hook, _own(changed))
        if not _is_content(given):
            raise _broken(agent, LAST, hook, given, "the content: text, or a list of parts")
        changed = given
    if changed == content:
        return messages
    return _reading([*messages[:-1], cast("Message", {**last, "content": changed})], messages)


async def all_processed(agent: str, hooks: Sequence[Hook], messages: Sequence[Message]) -> Sequence[Message]:
    """The messages as the hooks give them."""
    for hook in hooks:
        given = await call("hook", hook, [_own(message) for message in messages])
        if not isinstance(given, list):
            raise _broken(agent, ALL, hook, given, "a list of messages")
        messages = _reading(cast("list[Message]", given), messages)
    return messages


async def send_processed(
    sender: Agent, hooks: Sequence[Hook], message: Message | str, recipient: Agent, *, silent: bool
) -> Message | str:
    """The message to send as the hooks give it."""
    for hook in hooks:
        given = await call("hook", hook, sender=sender, message=_own(message), recipient=recipient, silent=silent)
        if not isinstance(given, str | dict):
            raise _broken(sender.name, SEND, hook, given, "the message to send: text, or a message")
        message = cast("str | Message", given)
    return message


def _own(value: Any) -> Any:
    """A copy for a hook that changes what it is handed in place: of a message, or of content and its parts."""
    if is_list(value):
        return [_own(part) for part in value]
    return {**value} if is_mapping(value) else value


def _is_content(value: object) -> bool:
    return isinstance(value, str | list)


def _reading(messages: list[Message], before: Sequence[Message]) -> Reading:
    return Reading(messages, before.last_source if isinstance(before, History | Reading) else None)


def _broken(agent: str, method: str, hook: Hook, given: object, wanted: str) -> AgentError:
    return AgentError(f"{agent}: the {method} hook {_named(hook)} gave {given!r:.80}; it must give {wanted}")


def _named(hook: Hook) -> str:
    named = inspect.unwrap(hook)
    return getattr(named, "__qualname__", None) or repr(hook)
