"""What each table of a session holds; both loggers write these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quorate_autogen_compat.logger.base_logger import BaseLogger
from quorate_autogen_compat.logger.logger_utils import as_json, get_current_ts

if TYPE_CHECKING:
    import uuid
    from collections.abc import Mapping


class RowLogger(BaseLogger):
    """Makes a row of each thing; a subclass writes it.

    Attributes:
        session_id: the session's name; empty before it begins.
    """

    session_id: str = ""

    def write(self, table: str, row: Mapping[str, Any]) -> None:
        """Write a row.

        Raises:
            OSError: it cannot be written, or the session is over.
            sqlite3.Error: the same of a database.
        """
        raise NotImplementedError

    def log_chat_completion(
        self,
        invocation_id: uuid.UUID,
        client_id: int,
        wrapper_id: int,
        source: Any,
        request: Mapping[str, Any],
        response: Any,
        is_cached: int,
        cost: float | None,
        start_time: str,
    ) -> None:
        """Take down a model call; see :class:`BaseLogger`."""
        row = {
            "invocation_id": str(invocation_id),
            "client_id": client_id,
            "wrapper_id": wrapper_id,
            "session_id": self.session_id,
            "source_name": _name(source),
            "request": as_json(request),
            "response": as_json(response),
            "is_cached": is_cached,
            "cost": cost,
            "start_time": start_time,
            "end_time": get_current_ts(),
        }
        self.write("chat_completions", row)

    def log_new_agent(self, agent: Any, init_args: Mapping[str, Any]) -> None:
        """Take down an agent; see :class:`BaseLogger`."""
        row = {
            "agent_id": id(agent),
            "wrapper_id": id(getattr(agent, "client", None)),
            "session_id": self.session_id,
            "name": _name(agent),
            "class": _class(agent),
            "init_args": as_json(init_args),
            "timestamp": get_current_ts(),
        }
        self.write("agents", row)

    def log_event(self, source: Any, name: str, **kwargs: Any) -> None:
        """Take down something that happened; see :class:`BaseLogger`."""
        row = {
            "session_id": self.session_id,
            "event_name": name,
            "source_id": id(source),
            "source_name": _name(source),
            "agent_module": "" if isinstance(source, str) else type(source).__module__,
            "agent_class_name": _class(source),
            "json_state": as_json(kwargs),
            "timestamp": get_current_ts(),
        }
        self.write("events", row)

    def log_new_wrapper(self, wrapper: Any, init_args: Mapping[str, Any]) -> None:
        """Take down an OpenAIWrapper; see :class:`BaseLogger`."""
        row = {
            "wrapper_id": id(wrapper),
            "session_id": self.session_id,
            "init_args": as_json(init_args),
            "timestamp": get_current_ts(),
        }
        self.write("oai_wrappers", row)

    def log_new_client(self, client: Any, wrapper: Any, init_args: Mapping[str, Any]) -> None:
        """Take down a model client; see :class:`BaseLogger`."""
        row = {
            "client_id": id(client),
            "wrapper_id": id(wrapper),
            "session_id": self.session_id,
            "class": _class(client),
            "init_args": as_json(init_args),
            "timestamp": get_current_ts(),
        }
        self.write("oai_clients", row)

    def log_function_use(self, source: Any, function: Any, args: Mapping[str, Any], returns: Any) -> None:
        """Take down a call of a function; see :class:`BaseLogger`."""
        row = {
            "source_id": id(source),
            "source_name": _name(source),
            "function_name": function if isinstance(function, str) else getattr(function, "__name__", _class(function)),
            "args": as_json(args),
            "returns": as_json(returns),
            "timestamp": get_current_ts(),
        }
        self.write("function_calls", row)


def _name(source: Any) -> str:
    return source if isinstance(source, str) else str(getattr(source, "name", type(source).__name__))


def _class(thing: Any) -> str:
    """The class of a thing; empty for a name."""
    return "" if isinstance(thing, str) else type(thing).__name__
