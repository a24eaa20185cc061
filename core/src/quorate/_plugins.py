"""Finding plugins and keeping broken ones from breaking the host."""

from __future__ import annotations

import inspect
import os
import time
import types
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import pluggy

from quorate import hookspecs
from quorate._metadata import Installed, installed_plugins
from quorate._names import is_name, normalized
from quorate.errors import InvalidPlugin, PluginWarning
from quorate.records import CodeExecutorRecord, ConfigLoaderRecord, ModelClientRecord, Record, ReplyFunctionRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Status: TypeAlias = Literal["active", "disabled", "broken"]
Kind: TypeAlias = Literal["model client", "config loader", "reply function", "code executor"]

KINDS: dict[Kind, tuple[str, type[Record]]] = {
    "model client": ("quorate_model_clients", ModelClientRecord),
    "config loader": ("quorate_config_loaders", ConfigLoaderRecord),
    "reply function": ("quorate_reply_functions", ReplyFunctionRecord),
    "code executor": ("quorate_code_executors", CodeExecutorRecord),
}
"""Each kind of record: the hook that yields it, and its type."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """What is known of one plugin.

    Attributes:
        name: its entry-point name, or the name it was registered under.
        distribution: the distribution that brings it; None when it was registered by hand.
        version: that distribution's version.
        origin: ``built-in``, ``entry point`` or ``registered``.
        status: whether it is in use.
        error: why it is broken.
        offers: its records, as (kind, record).
        load_ms: milliseconds that importing and asking it took.
    """

    name: str
    distribution: str | None
    version: str | None
    origin: Literal["built-in", "entry point", "registered"]
    status: Status
    error: str | None = None
    offers: tuple[tuple[Kind, Record], ...] = field(default=(), repr=False)
    load_ms: float = 0.0

    @property
    def label(self) -> str:
        """The plugin as messages name it: ``rival (quorate-rival 1.2)``."""
        return f"{self.name} ({self.distribution} {self.version})" if self.distribution else self.name


class Plugins:
    """The plugins of one kernel: found on first use, each guarded.

    Args:
        autoload: whether to look for installed plugins at all.
        disabled: entry-point or distribution names to leave out, before they are imported. The environment
            variable ``QUORATE_DISABLE_PLUGINS`` (comma-separated, or ``all``) adds to them.
    """

    def __init__(self, *, autoload: bool = True, disabled: Iterable[str] = ()) -> None:
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        named = os.environ.get("QUORATE_DISABLE_PLUGINS", "").split(",")
        self._disabled = {normalized(name.strip()) for name in (*disabled, *named) if name.strip()}
        self._pending = autoload and "all" not in self._disabled
        self._infos: list[PluginInfo] = []

    def register(self, plugin: object, name: str, *, builtin: bool = False) -> None:
        """Add a plugin by hand.

        Raises:
            InvalidPlugin: it breaks the contract, or the name is taken; it was not added.
        """
        start = time.perf_counter()
        offers = self._admit(plugin, name)
        origin: Literal["built-in", "registered"] = "built-in" if builtin else "registered"
        spent = 1000 * (time.perf_counter() - start)
        self._infos.append(PluginInfo(name, None, None, origin, "active", offers=offers, load_ms=spent))

    def unregister(self, name: str) -> None:
        """Take out a plugin that was registered by hand.

        Raises:
            InvalidPlugin: no such plugin was registered.
        """
        if self._manager.unregister(name=name) is None:
            msg = f"no plugin is registered as {name!r}"
            raise InvalidPlugin(msg)
        self._infos = [info for info in self._infos if info.name != name]

    def infos(self) -> tuple[PluginInfo, ...]:
        """Every plugin, built-in ones first, then by name."""
        self._discover()
        return tuple(sorted(self._infos, key=lambda info: (info.origin != "built-in", info.name)))

    def offers(self, kind: Kind) -> Iterator[tuple[PluginInfo, Record]]:
        """Every record of a kind, with the plugin that offers it."""
        for info in self.infos():
            yield from ((info, record) for offered, record in info.offers if offered == kind)

    def _discover(self) -> None:
        if not self._pending:
            return
        before = len(self._infos)
        for found in installed_plugins():
            self._infos.append(self._load(found))
        broken = [info for info in self._infos[before:] if info.status == "broken"]
        if broken and os.environ.get("QUORATE_STRICT_PLUGINS", "") not in ("", "0"):
            for info in self._infos[before:]:
                if info.status == "active":
                    self._manager.unregister(name=info.name)
            del self._infos[before:]
            msg = "QUORATE_STRICT_PLUGINS is set, and plugins are broken: " + "; ".join(map(_skipped, broken))
            raise InvalidPlugin(msg)
        self._pending = False
        for info in broken:
            warnings.warn(_skipped(info), PluginWarning, stacklevel=5)

    def _load(self, found: Installed) -> PluginInfo:
        """Import one plugin and ask it what it offers; nothing it does wrong leaves here but a warning."""
        if self._disabled & {normalized(found.name), normalized(found.distribution)}:
            return PluginInfo(found.name, found.distribution, found.version, "entry point", "disabled")
        start = time.perf_counter()
        offers: tuple[tuple[Kind, Record], ...] = ()
        error = None
        try:
            offers = self._admit(found.load(), found.name)
        except (Exception, SystemExit) as exc:  # noqa: BLE001 - reported in the info, and as a warning
            error = f"{type(exc).__name__}: {exc}"
        spent = 1000 * (time.perf_counter() - start)
        status: Status = "broken" if error else "active"
        return PluginInfo(found.name, found.distribution, found.version, "entry point", status, error, offers, spent)

    def _admit(self, plugin: object, name: str) -> tuple[tuple[Kind, Record], ...]:
        """Check a plugin, register it, and list its records; a refused one leaves no trace."""
        if not is_name(name):
            msg = f"{name!r} cannot name a plugin: lower-case letters and digits, joined by single '-', '_' or '.'"
            raise InvalidPlugin(msg)
        if self._manager.has_plugin(name):
            owner = next((info.label for info in self._infos if info.name == name), name)
            msg = f"the plugin name {name!r} is already taken by {owner}"
            raise InvalidPlugin(msg)
        _check_marks(plugin)
        try:
            self._manager.register(plugin, name)
            return tuple(self._records(plugin, name))
        except BaseException:
            if self._manager.is_registered(plugin):
                self._manager.unregister(plugin)
            raise

    def _records(self, plugin: object, name: str) -> Iterator[tuple[Kind, Record]]:
        callers = self._manager.get_hookcallers(plugin) or []
        kinds = {hook: kind for kind, (hook, _) in KINDS.items()}
        for caller in callers:
            impl = next(impl for impl in caller.get_hookimpls() if impl.plugin_name == name)
            if caller.name not in kinds:
                if impl.optionalhook:
                    continue
                msg = f"unknown hook {caller.name!r}; this quorate knows {', '.join(sorted(kinds))}"
                raise InvalidPlugin(msg)
            _check_hook(caller.name, impl)
            kind = kinds[caller.name]
            records: Iterable[object] = impl.function() or ()  # type: ignore[assignment]
            for record in records:
                yield kind, _checked(caller.name, kind, record)


def _check_marks(plugin: object) -> None:
    """A hook without the mark would be passed over in silence: say so instead."""
    for hook, _ in KINDS.values():
        func = getattr(plugin, hook, None)
        if isinstance(func, types.FunctionType | types.MethodType) and not hasattr(func, "quorate_impl"):
            msg = f"{hook} is not marked: write @quorate.hookimpl above it"
            raise InvalidPlugin(msg)


def _check_hook(hook: str, impl: pluggy.HookImpl) -> None:
    if impl.hookwrapper or impl.wrapper:
        msg = f"{hook} is a hook wrapper; quorate's hooks yield records and are not wrapped"
        raise InvalidPlugin(msg)
    if inspect.iscoroutinefunction(impl.function) or inspect.isasyncgenfunction(impl.function):
        msg = f"{hook} is async; quorate's hooks are plain functions that yield records"
        raise InvalidPlugin(msg)


def _checked(hook: str, kind: Kind, record: object) -> Record:
    expected = KINDS[kind][1]
    if not isinstance(record, expected):
        msg = f"{hook} yielded {type(record).__name__}; it must yield {expected.__name__}"
        raise InvalidPlugin(msg)
    for name in (record.name, *record.aliases):
        if not is_name(name):
            msg = f"{hook}: {name!r} cannot name a record: lower-case letters and digits, joined by single '-', '_' or '.'"
            raise InvalidPlugin(msg)
    if not callable(record.factory) and ":" not in record.factory:
        msg = f"{hook}: the factory of {record.name!r} is {record.factory!r}; write 'module:attribute'"
        raise InvalidPlugin(msg)
    return record


def _skipped(info: PluginInfo) -> str:
    return f"quorate plugin {info.name!r} ({info.distribution} {info.version}) was skipped: {info.error}"
