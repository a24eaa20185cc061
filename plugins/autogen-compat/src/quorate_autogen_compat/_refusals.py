"""Refusals of quorate's that are errors of the types that AutoGen 0.2 raised, too."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from quorate.errors import AgentError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator


class Refused(AgentError, AssertionError):
    """An agent cannot do what it is asked; an ``AssertionError`` too."""


class RefusedConfig(ConfigError, AssertionError):
    """A configuration cannot be used; an ``AssertionError`` too."""


class UnknownPartner(AgentError, KeyError):
    """An agent never talked with another; a ``KeyError`` too."""

    __str__ = Exception.__str__  # a KeyError shows its text in quotes


@contextmanager
def raised_as(kind: type[AgentError | ConfigError]) -> Generator[None]:
    """Raise an AgentError or ConfigError from below as this kind, with the same words."""
    try:
        yield
    except (AgentError, ConfigError) as error:
        if isinstance(error, kind):
            raise
        raise kind(str(error)) from error
