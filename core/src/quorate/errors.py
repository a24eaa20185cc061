"""The one error tree.

::

    QuorateError
    ├── ConfigError (ValueError)            a configuration that cannot be used; names file, entry and key
    │   └── ConfigFileNotFound (FileNotFoundError)  it names a file that is not there
    ├── MessageError (ValueError)           something that is not a chat message
    ├── AgentError (ValueError)             an agent, trigger or chat that cannot work as asked
    │   ├── AgentNameConflict               two agents of a group have one name
    │   ├── NoEligibleSpeaker               nobody in a group may speak next
    │   └── UndefinedNextAgent              nobody follows an agent in a list of them
    ├── ToolError (ValueError)              a function that cannot be a tool, or a call of one that does not fit
    ├── ChatStopped                         a stop condition allows no further model call; ``reason`` says which
    ├── DoorError (RuntimeError)            kernel code awaited something other than the door
    ├── PluginError
    │   ├── UnknownName (LookupError)       no plugin offers this name
    │   ├── NameConflict                    several plugins offer this name
    │   ├── InvalidPlugin                   a plugin breaks its contract
    │   └── MissingDependency (ImportError) a plugin needs a library that is not installed
    ├── ExecutorError                       a code executor cannot run at all
    ├── JournalError                        a journal cannot be used, or a step cannot be recorded or read back
    │   ├── RunInUse                        somebody else records this run now
    │   ├── StepDiffers                     a program asks for another step than was recorded
    │   └── StepInterrupted                 a step was under way when the run broke off, and is not to run twice
    └── ModelError                          a model call failed; ``kind`` says how
        └── ModelsExhausted                 every configuration of a config list failed

A message says what happened, to which plugin, configuration entry or step, and what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from quorate.models import Attempt
    from quorate.stopping.reason import StopReason

FailureKind = Literal[
    "rate_limit",
    "quota",
    "auth",
    "timeout",
    "network",
    "overload",
    "context_overflow",
    "content_filter",
    "bad_request",
    "bad_response",
    "bug",
]
"""How a model call can fail (DESIGN section 8)."""


class QuorateError(Exception):
    """Anything that quorate raises on purpose."""


class ConfigError(QuorateError, ValueError):
    """A configuration that cannot be used; the message names file, entry and key."""


class ConfigFileNotFound(ConfigError, FileNotFoundError):
    """A configuration names a file that is not there; a ``FileNotFoundError`` too, as AutoGen 0.2 raises."""


class MessageError(QuorateError, ValueError):
    """Something that is not a chat message."""


class AgentError(QuorateError, ValueError):
    """An agent, trigger or chat that cannot work as asked."""


class AgentNameConflict(AgentError):
    """Two agents of a group have one name, so that nobody could say which is meant."""


class NoEligibleSpeaker(AgentError):
    """Nobody in a group may speak next; raised by a speaker selection, it ends the group chat."""


class UndefinedNextAgent(AgentError):
    """Nobody follows an agent: none of the agents to choose from is in the group."""


class ChatStopped(QuorateError):
    """A stop condition of a chat allows no further model call; the chat ends with it.

    A program meets it only where it asks a model client itself, inside a chat.

    Args:
        reason: which condition, and why.
    """

    def __init__(self, reason: StopReason) -> None:
        super().__init__(f"the chat is to end, so no model is asked any more: {reason}")
        self.reason = reason


class ToolError(QuorateError, ValueError):
    """A function that cannot be a tool, or a call of one that does not fit it."""


class DoorError(QuorateError, RuntimeError):
    """Kernel code awaited something other than the door, or blocked where it must not."""


class PluginError(QuorateError):
    """A plugin, or a name that plugins provide, cannot be used."""


class UnknownName(PluginError, LookupError):
    """No plugin offers this name."""


class NameConflict(PluginError):
    """Several plugins offer this name; ``name@plugin`` chooses one."""


class InvalidPlugin(PluginError):
    """A plugin breaks its contract."""


class MissingDependency(PluginError, ImportError):
    """A plugin needs a library that is not installed; chained to the import error."""


class ExecutorError(QuorateError):
    """A code executor cannot run at all (a failing block is a ``CodeResult``, not an error)."""


class JournalError(QuorateError):
    """A journal cannot be used, or a step of a run cannot be recorded or read back."""


class RunInUse(JournalError):
    """Somebody else records this run now: a run has one owner at a time."""


class StepDiffers(JournalError):
    """A program asks for another step than was recorded, for more of them, or for fewer; shows the difference."""


class StepInterrupted(JournalError):
    """A step was under way when the run broke off, it may have had effects, and it is not to be performed twice."""


class ModelError(QuorateError):
    """A model call failed.

    Args:
        message: what happened, where, and what to do next.
        kind: how it failed; decides whether the kernel retries, falls back or gives up.
        retry_after: seconds the endpoint asked us to wait, when it said so.
        output_started: whether part of the answer had already been streamed.
        status: the HTTP status, when there was one.
        elsewhere: whether a request that was refused as such (``bad_request``) may be right for another configuration.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: FailureKind,
        retry_after: float | None = None,
        output_started: bool = False,
        status: int | None = None,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.retry_after = retry_after
        self.output_started = output_started
        self.status = status
        self.elsewhere = elsewhere


class ModelsExhausted(ModelError):
    """Every configuration of a config list failed; ``attempts`` lists each try in order."""

    def __init__(
        self, message: str, *, kind: FailureKind, attempts: Sequence[Attempt], output_started: bool = False
    ) -> None:
        super().__init__(message, kind=kind, output_started=output_started)
        self.attempts = tuple(attempts)


class PluginWarning(UserWarning):
    """A plugin was skipped."""


class ConfigWarning(UserWarning):
    """A configuration was understood, but something in it is old, unused or in conflict."""
