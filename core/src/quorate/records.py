"""Records: what a plugin's hooks yield. A name, a lazy factory, a summary; frozen and typed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Factory: TypeAlias = str | Callable[..., Any]
"""``"module:attribute"``, imported when the record is first used, or the object itself."""

Isolation: TypeAlias = Literal["none", "process", "container", "vm"]
"""What stands between executed code and the machine; each level is stronger than the one before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record has.

    Attributes:
        name: what users type; lower-case letters, digits, ``-``, ``_`` and ``.``.
        factory: makes the object; ``"module:attribute"`` is imported on first use only.
        summary: one line for ``quorate plugins``.
        aliases: other names that mean this record.
    """

    name: str
    factory: Factory
    summary: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelClientRecord(Record):
    """A model client: ``factory(config: ModelConfig) -> ChatCompletionClient``.

    Attributes:
        default: whether it answers a configuration that names no client.
        model: the model that commands ask for when nothing names one.
        base_url: the endpoint it talks to when the configuration names none.
        model_required: whether a configuration must name a model; False for a client that finds one out by itself.
        base_url_env: environment variables that may name that endpoint instead, the first set one wins.
        base_url_keys: keys of an entry that mean ``base_url`` at this client; it gets their value as ``base_url``.
        api_key_env: environment variables that may hold the key **for that endpoint only**: a
            configuration with a ``base_url`` of another origin never gets this key.
    """

    default: bool = False
    model: str | None = None
    model_required: bool = True
    base_url: str | None = None
    base_url_env: tuple[str, ...] = ()
    base_url_keys: tuple[str, ...] = ()
    api_key_env: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigLoaderRecord(Record):
    """A config loader: ``factory(**arguments) -> list[ConfigEntry]``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFunctionRecord(Record):
    """A reply function: ``factory`` *is* the function ``(recipient, messages, sender, config) -> (final, reply)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSourceRecord(Record):
    """A price source: ``factory`` *is* the function ``(result, config, client) -> Price | None``.

    It is asked of an answer whose cost nobody has said: ``result`` is the :class:`quorate.CreateResult` with its usage
    and the model that answered, ``config`` the :class:`quorate.ModelConfig` with the endpoint that was asked, ``client``
    the model client's name. It gives a :class:`quorate.Price`, or None when it does not know. It is called where the
    answer arrives, so it looks its prices up and does not fetch them.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeExecutorRecord(Record):
    """A code executor: ``factory(**options) -> CodeExecutor``.

    Attributes:
        isolation: what stands between executed code and the machine.
        network: whether executed code reaches the network unless an option says otherwise.
    """

    isolation: Isolation = "none"
    network: bool = True
