"""Takes down what the default kernel's agents do, in a database or a file, until it is stopped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorate import default_kernel
from quorate.errors import ConfigError
from quorate_autogen_compat.logger._observing import Recorder
from quorate_autogen_compat.logger.logger_factory import LoggerFactory

if TYPE_CHECKING:
    import sqlite3
    import uuid
    from collections.abc import Callable, Mapping

    from quorate_autogen_compat.logger.base_logger import BaseLogger

__all__ = [
    "get_connection",
    "log_chat_completion",
    "log_event",
    "log_function_use",
    "log_new_agent",
    "log_new_client",
    "log_new_wrapper",
    "logging_enabled",
    "start",
    "stop",
]


@dataclass(frozen=True)
class _Session:
    logger: BaseLogger
    take_out: Callable[[], None]


_session: list[_Session] = []


def start(
    logger: BaseLogger | None = None, logger_type: str = "sqlite", config: Mapping[str, Any] | None = None
) -> str:
    """Begin a session; one that is under way ends first.

    Args:
        logger: takes it down; else one is made.
        logger_type: ``sqlite`` or ``file``.
        config: ``dbname`` or ``filename``.

    Returns:
        The session's name, as the tables have it.

    Raises:
        ConfigError: no such type.
        OSError: the file cannot be written.
        sqlite3.Error: the database cannot be written.
    """
    stop()
    made = logger if logger is not None else LoggerFactory.get_logger(logger_type, config)
    session_id = made.start()
    _session.append(_Session(made, default_kernel().observers.add(Recorder(made))))
    return session_id


def stop() -> None:
    """End the session, if there is one."""
    while _session:
        ended = _session.pop()
        ended.take_out()
        ended.logger.stop()


def logging_enabled() -> bool:
    """Whether a session is under way."""
    return bool(_session)


def get_connection() -> sqlite3.Connection | None:
    """The session's database; None without one."""
    return _session[-1].logger.get_connection() if _session else None


def _logger() -> BaseLogger:
    if not _session:
        msg = "runtime_logging: no session is under way; call runtime_logging.start() first"
        raise ConfigError(msg)
    return _session[-1].logger


def log_chat_completion(
    invocation_id: uuid.UUID,
    client_id: int,
    wrapper_id: int,
    agent: Any,
    request: Mapping[str, Any],
    response: Any,
    is_cached: int,
    cost: float | None,
    start_time: str,
) -> None:
    """Take down a model call of the program's own; those of agents are taken down without this.

    Raises:
        ConfigError: no session is under way.
    """
    _logger().log_chat_completion(
        invocation_id, client_id, wrapper_id, agent, request, response, is_cached, cost, start_time
    )


def log_new_agent(agent: Any, init_args: Mapping[str, Any]) -> None:
    """Take down an agent; raises as :func:`log_chat_completion`."""
    _logger().log_new_agent(agent, init_args)


def log_event(source: Any, name: str, **kwargs: Any) -> None:
    """Take down something that happened; raises as :func:`log_chat_completion`."""
    _logger().log_event(source, name, **kwargs)


def log_function_use(agent: Any, function: Any, args: Mapping[str, Any], returns: Any) -> None:
    """Take down a call of a function; raises as :func:`log_chat_completion`."""
    _logger().log_function_use(agent, function, args, returns)


def log_new_wrapper(wrapper: Any, init_args: Mapping[str, Any]) -> None:
    """Take down an OpenAIWrapper; raises as :func:`log_chat_completion`."""
    _logger().log_new_wrapper(wrapper, init_args)


def log_new_client(client: Any, wrapper: Any, init_args: Mapping[str, Any]) -> None:
    """Take down a model client; raises as :func:`log_chat_completion`."""
    _logger().log_new_client(client, wrapper, init_args)
