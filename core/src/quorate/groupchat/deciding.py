"""Letting a model choose the next speaker: the conversation as it reads it, and what happens when it names nobody."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from quorate._drive import call
from quorate.agents.model_backed import ModelBackedAgent
from quorate.config.guards import is_list
from quorate.errors import AgentError, ModelError, ModelsExhausted
from quorate.events import ModelAnswered, SpeakerNotNamed
from quorate.groupchat.templates import filled
from quorate.messages import SystemMessage, text_of
from quorate.models.compaction import compacting, same
from quorate.transforms.base import Reader, transformed
from quorate.transforms.tokens import fitting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from quorate.agents.protocol import Agent
    from quorate.groupchat.group import GroupChat
    from quorate.messages import Message
    from quorate.models import CreateResult
    from quorate.models.compaction import Compact, Room


async def by_model(group: GroupChat, last_speaker: Agent, candidates: Sequence[Agent], selector: Agent) -> Agent:
    """The candidate that a model names; without a model, or when it names none, the next in the list.

    The model decides between the names, so that it cannot give another where its endpoint can hold it to that.
    """
    client = client_of(group, selector)
    if client is None:
        return group.next_agent(last_speaker, candidates)
    read = await _read(group, client)
    names, failed = [agent.name for agent in candidates], None
    for again in range(max(group.max_retries_for_selecting_speaker, 1)):
        request = partial(_request, group, candidates, again=again > 0)
        try:
            with compacting(_fewer(read, request)):
                result: CreateResult = await call("model", client.choose, request(read), names)
        except ModelError as error:
            if error.kind != "bad_response":
                raise
            failed = error
        else:
            if isinstance(selector, ModelBackedAgent) and client is not selector.client:
                selector.usage.add(result)  # what its own client used is counted there
            _tell(selector, ModelAnswered, silent=not group.select_speaker_auto_verbose, result=result)
            return candidates[names.index(cast("str", result.content))]
    chosen = group.next_agent(last_speaker, candidates)
    _tell(selector, SpeakerNotNamed, reason=_why(failed), speaker=chosen.name)
    return chosen


def _why(failed: ModelError | None) -> str:
    """What the model that was asked last made of the question."""
    last = failed.attempts[-1] if isinstance(failed, ModelsExhausted) else None
    return str(failed if last is None or last.error is None else last.error)


def client_of(group: GroupChat, selector: Agent) -> Any:
    """The model client that chooses: that of the group's own configuration, or the selector's; None for none."""
    config = group.select_speaker_auto_llm_config
    if config is False:
        return None
    if config is None:
        return getattr(selector, "client", None)
    kernel = getattr(selector, "kernel", None)
    if kernel is None:
        msg = f"select_speaker_auto_llm_config needs a selector with a kernel, and {selector.name} has none"
        raise AgentError(msg)
    if (made := group.clients.get(kernel)) is None:
        classes = group.select_speaker_auto_model_client_cls
        for one in classes if is_list(classes) else [classes] if classes is not None else []:
            kernel.register_model_client(one)
        made = group.clients[kernel] = kernel.chat_client(config, place="GroupChat.select_speaker_auto_llm_config")
    return made


async def _read(group: GroupChat, client: Any) -> Sequence[Message]:
    """The messages that the model reads."""
    transform = group.select_speaker_transform_messages
    if transform is None:
        return group.messages
    return await transformed(group.messages, [transform], Reader(client), "GroupChat.select_speaker_transform_messages")


def _fewer(read: Sequence[Message], request: Callable[[Sequence[Message]], list[Message]]) -> Compact:
    """How a question is shortened that is too long for the model: the oldest of what was said is left out of it."""

    async def compact(asked: Sequence[Message], room: Room) -> Sequence[Message]:
        async def count(messages: Sequence[Message]) -> int:
            return await room.count(request(messages))

        left = await fitting(read, room.tokens, count, keep_first=True)
        return asked if same(left, read) else request(left)

    return compact


def _transcript(messages: Sequence[Message]) -> str:
    """The conversation as one text, with the speakers' names: endpoints differ in what they make of ``name``."""
    return "\n\n".join(f"{message.get('name', 'unknown')}: {' '.join(_said(message))}" for message in messages)


def _said(message: Message) -> Iterator[str]:
    if text := text_of(message.get("content")):
        yield text
    for one in cast("list[Any]", message.get("tool_calls") or []):
        function: Any = one.get("function") or {}
        yield f"(calls {function.get('name')} with {function.get('arguments')})"


def _request(
    group: GroupChat, candidates: Sequence[Agent], messages: Sequence[Message], *, again: bool
) -> list[Message]:
    read = _transcript(messages)
    question = group.select_speaker_prompt(candidates)
    if again:
        templates = group.select_speaker_auto_multiple_template, group.select_speaker_auto_none_template
        question = filled("\n".join(templates), candidates)
    instructions = SystemMessage(group.select_speaker_msg(candidates))
    if group.role_for_select_speaker_messages == "user":  # in one message: some chat templates take no two in a row
        return [instructions, {"role": "user", "content": f"{read}\n\n{question}".strip()}]
    asked: list[Message] = [SystemMessage(question)] if question else []
    return [instructions, {"role": "user", "content": read}, *asked]


def _tell(selector: Agent, event: Any, *, silent: bool = False, **fields: Any) -> None:
    """Tell of the selection, where the selector has observers to tell."""
    kernel = getattr(selector, "kernel", None)
    if kernel is not None and kernel.observers:
        silent = silent or bool(getattr(selector, "quiet", False))
        kernel.observers.tell(event(agent=selector.name, silent=silent, **fields))
