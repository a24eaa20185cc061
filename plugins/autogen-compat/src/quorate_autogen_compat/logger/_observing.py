"""Takes down what a kernel tells of: model calls, messages, and calls of functions."""

from __future__ import annotations

import json
import uuid
from functools import singledispatchmethod
from typing import TYPE_CHECKING, Any

from quorate.events import ChatEnded, ChatStarted, Event, MessageSent, ModelAnswered, ToolEnded
from quorate_autogen_compat.logger.logger_utils import get_current_ts

if TYPE_CHECKING:
    from quorate_autogen_compat.logger.base_logger import BaseLogger


class Recorder:
    """An observer that writes to a logger. When writing fails, the kernel says so, and takes it out.

    Args:
        logger: a started one.
    """

    def __init__(self, logger: BaseLogger) -> None:
        self._logger = logger
        self._known: set[str] = set()

    def __call__(self, event: Event) -> None:
        """Take one event down."""
        if event.agent and event.agent not in self._known:
            self._known.add(event.agent)
            self._logger.log_new_agent(event.agent, {})
        self._take(event)

    @singledispatchmethod
    def _take(self, event: Event) -> None:
        """What has no table is not taken down."""

    @_take.register
    def _(self, event: ModelAnswered) -> None:
        from quorate_autogen_compat.oai.responses import completion_of

        result = event.result
        self._logger.log_chat_completion(
            uuid.uuid4(),
            0,
            0,
            event.agent,
            {"messages": list(event.messages), "model": result.model},
            completion_of(result),
            int(result.cached),
            result.cost,
            get_current_ts(),
        )

    @_take.register
    def _(self, event: MessageSent) -> None:
        self._logger.log_event(
            event.recipient, "received_message", message=event.message, sender=event.agent, valid=True
        )

    @_take.register
    def _(self, event: ChatStarted) -> None:
        self._logger.log_event(event.agent, "chat_started", recipient=event.recipient)

    @_take.register
    def _(self, event: ChatEnded) -> None:
        self._logger.log_event(event.agent, "chat_ended", recipient=event.recipient, stop_reason=event.stop_reason)

    @_take.register
    def _(self, event: ToolEnded) -> None:
        function = event.call["function"]
        self._logger.log_function_use(event.agent, function["name"], _arguments(function["arguments"]), event.content)


def _arguments(text: Any) -> Any:
    """The arguments of a call as data; as text when a model wrote something else."""
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text
