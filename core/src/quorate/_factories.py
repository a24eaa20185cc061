"""Making what records and registered classes stand for, with errors that say which plugin is at fault."""

from __future__ import annotations

import importlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from quorate.errors import ConfigError, InvalidPlugin, MissingDependency

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from quorate._plugins import PluginInfo
    from quorate.config import ModelConfig
    from quorate.records import ModelClientRecord, Record


def factory_of(info: PluginInfo, record: Record) -> Any:
    """The object behind a record's factory, imported now if it is named by text.

    Raises:
        MissingDependency: importing it failed because a library is not installed.
        InvalidPlugin: importing it failed otherwise.
    """
    if callable(record.factory):
        return record.factory
    module, _, attribute = record.factory.partition(":")
    with _needs(info, record, module):
        try:
            return getattr(importlib.import_module(module), attribute)
        except (Exception, SystemExit) as error:
            if _foreign(error, module):
                raise
            msg = f"the factory {record.factory!r} of the plugin {info.label} cannot be imported: {type(error).__name__}: {error}"
            raise InvalidPlugin(msg) from error


@contextmanager
def _needs(info: PluginInfo, record: Record, module: str) -> Generator[None]:
    """Say which plugin needs a library that cannot be found in here."""
    try:
        yield
    except ModuleNotFoundError as error:
        if not _foreign(error, module):
            raise
        msg = f"{record.name!r} of the plugin {info.label} needs the library {error.name!r}, which is not installed"
        hint = f"; pip install --force-reinstall {info.distribution}" if info.distribution else ""
        raise MissingDependency(msg + hint, name=error.name) from error


def _foreign(error: BaseException, module: str) -> bool:
    """Whether a library is missing, and not a part of the package that asks for it."""
    top = module.partition(".")[0]
    return isinstance(error, ModuleNotFoundError) and (error.name or top).partition(".")[0] != top


def make_client(info: PluginInfo, record: ModelClientRecord, config: ModelConfig) -> Any:
    """The client of a record for a configuration, with endpoint and key filled in."""
    from quorate.config.credentials import resolve

    make = factory_of(info, record)
    with _needs(info, record, make.__module__):
        return make(resolve(config, record))


def make_executor(info: PluginInfo, record: Record, options: Mapping[str, Any]) -> Any:
    """The executor of a record.

    Raises:
        ConfigError: it does not take these options.
    """
    make = factory_of(info, record)
    with _needs(info, record, make.__module__):
        try:
            return make(**options)
        except TypeError as error:
            msg = f"code_execution_config: the executor {record.name!r} does not take these options: {error}"
            raise ConfigError(msg) from error


def make_own_client(cls: Callable[..., Any], kwargs: Mapping[str, Any], config: ModelConfig) -> Any:
    """The client of a class that the program registered."""
    from quorate.models.legacy import adapt

    return adapt(cls, config, kwargs)
