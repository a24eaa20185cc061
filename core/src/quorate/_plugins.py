"""Finding plugins and keeping broken ones from breaking the host."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
import threading
import time
import types
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

import pluggy

from quorate import hookspecs
from quorate._metadata import Installed, installed_plugins
from quorate._names import is_name, normalized
from quorate.errors import InvalidPlugin, PluginWarning
from quorate.records import (
    CodeExecutorRecord,
    ConfigLoaderRecord,
    ModelClientRecord,
    PriceSourceRecord,
    Record,
    ReplyFunctionRecord,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

Status: TypeAlias = Literal["active", "disabled", "broken"]
Kind: TypeAlias = Literal["model client", "config loader", "reply function", "code executor", "price source"]

KINDS: dict[Kind, tuple[str, type[Record]]] = {
    "model client": ("quorate_model_clients", ModelClientRecord),
    "config loader": ("quorate_config_loaders", ConfigLoaderRecord),
    "reply function": ("quorate_reply_functions", ReplyFunctionRecord),
    "code executor": ("quorate_code_executors", CodeExecutorRecord),
    "price source": ("quorate_price_sources", PriceSourceRecord),
}
"""Each kind of record: the hook that yields it, and its type."""

REFERENCE = re.compile(r"\w+(\.\w+)*(\s*:\s*\w+(\.\w+)*)?\s*(\[.*\])?")
"""What an entry point may lead to: ``module`` or ``module:attribute``, with extras that are not ours to read.

https://packaging.python.org/en/latest/specifications/entry-points/
"""

FACTORY = re.compile(r"\w+(\.\w+)*:\w+")
"""A factory that is imported when it is first used: ``module:attribute``."""


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
        self._pending = autoload
        self._infos: list[PluginInfo] = []
        # Several threads may need a plugin first; a plugin may ask for others while it is imported.
        self._lock = threading.RLock()

    def register(self, plugin: object, name: str, *, builtin: bool = False) -> None:
        """Add a plugin by hand.

        Raises:
            InvalidPlugin: it breaks the contract, or the name is taken; it was not added.
        """
        start = time.perf_counter()
        with self._lock:
            try:
                offers = self._admit(plugin, name)
            except Exception as error:
                msg = f"the plugin {name!r} cannot be registered: {_cause(error)}"
                raise InvalidPlugin(msg) from error
            origin: Literal["built-in", "registered"] = "built-in" if builtin else "registered"
            spent = 1000 * (time.perf_counter() - start)
            self._infos.append(PluginInfo(name, None, None, origin, "active", offers=offers, load_ms=spent))

    def unregister(self, name: str) -> None:
        """Take out a plugin that was registered by hand.

        Raises:
            InvalidPlugin: no such plugin was registered.
        """
        with self._lock:
            mine = [info for info in self._infos if info.name == name and info.origin == "registered"]
            if not mine:
                msg = f"no plugin is registered by hand as {name!r}; disable an installed one instead"
                raise InvalidPlugin(msg)
            self._manager.unregister(name=name)
            self._infos.remove(mine[0])

    def infos(self) -> tuple[PluginInfo, ...]:
        """Every plugin, built-in ones first, then by name."""
        self._discover()
        return tuple(sorted(self._infos, key=lambda info: (info.origin != "built-in", info.name)))

    def offers(self, kind: Kind) -> Iterator[tuple[PluginInfo, Record]]:
        """Every record of a kind, with the plugin that offers it."""
        for info in self.infos():
            yield from ((info, record) for offered, record in info.offers if offered == kind)

    def _discover(self) -> None:
        with self._lock:
            if not self._pending:
                return
            self._pending = False
            before = len(self._infos)
            try:
                broken = self._find()
            except BaseException:  # strict mode, or Ctrl-C: the next use begins anew
                self._forget_from(before)
                self._pending = True
                raise
        for info in broken:
            warnings.warn(_skipped(info), PluginWarning, stacklevel=5)

    def _find(self) -> list[PluginInfo]:
        """Load every installed plugin and give the broken ones."""
        broken: list[PluginInfo] = []
        for found in installed_plugins():
            info = self._load(found)
            self._infos.append(info)
            if info.status == "broken":
                broken.append(info)
        if broken and os.environ.get("QUORATE_STRICT_PLUGINS", "") not in ("", "0"):
            msg = "QUORATE_STRICT_PLUGINS is set, and plugins are broken: " + "; ".join(map(_skipped, broken))
            raise InvalidPlugin(msg)
        return broken

    def _forget_from(self, before: int) -> None:
        for info in self._infos[before:]:
            if info.status == "active":
                self._manager.unregister(name=info.name)
        del self._infos[before:]

    def _load(self, found: Installed) -> PluginInfo:
        """Import one plugin and ask it what it offers; nothing it does wrong leaves here but a warning."""
        if self._disabled & {"all", normalized(found.name), normalized(found.distribution)}:
            return PluginInfo(found.name, found.distribution, found.version, "entry point", "disabled")
        start = time.perf_counter()
        offers: tuple[tuple[Kind, Record], ...] = ()
        error = None
        try:
            _check_reference(found.value)
            offers = self._admit(found.load(), found.name)
        except KeyboardInterrupt:
            raise
        except BaseException as exc:  # noqa: BLE001 - SystemExit too; reported in the info, and as a warning
            error = _cause(exc)
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
        if (other := self._manager.get_name(plugin)) is not None:
            msg = f"the same object is already registered as {other!r}"
            raise InvalidPlugin(msg)
        _check_marks(plugin)
        try:
            self._manager.register(plugin, name)
            offers = tuple(self._records(plugin, name))
            _check_unique(offers)
        except BaseException:
            if self._manager.has_plugin(name):
                self._manager.unregister(name=name)
            raise
        return offers

    def _records(self, plugin: object, name: str) -> Iterator[tuple[Kind, Record]]:
        callers = self._manager.get_hookcallers(plugin)
        kinds: dict[str, Kind] = {hook: kind for kind, (hook, _) in KINDS.items()}
        if not callers:
            msg = f"it implements no hook; quorate's are {', '.join(sorted(kinds))}, marked with @quorate.hookimpl"
            raise InvalidPlugin(msg)
        for caller in callers:
            impl = next(impl for impl in caller.get_hookimpls() if impl.plugin_name == name)
            if caller.name not in kinds:
                if impl.optionalhook:
                    continue
                msg = f"unknown hook {caller.name!r}; this quorate knows {', '.join(sorted(kinds))}"
                raise InvalidPlugin(msg)
            _check_hook(caller.name, impl)
            kind = kinds[caller.name]
            records: object = impl.function() or ()
            if not isinstance(records, Iterable):
                msg = f"{caller.name} gave {type(records).__name__}; it must yield records"
                raise InvalidPlugin(msg)
            for record in cast("Iterable[object]", records):
                yield kind, _checked(caller.name, kind, record)


def _check_reference(value: str) -> None:
    """Say what an entry point must look like: versions of importlib-metadata say it each in its own way, or not at all."""
    if value and not REFERENCE.fullmatch(value):  # without a value, loading it says why
        msg = f"its entry point is {value!r}; write 'module' or 'module:attribute'"
        raise InvalidPlugin(msg)


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
    _check_fields(hook, record)
    for name in (record.name, *record.aliases):
        if not is_name(name):
            msg = f"{hook}: {name!r} cannot name a record: lower-case letters and digits, joined by single '-', '_' or '.'"
            raise InvalidPlugin(msg)
    if not callable(record.factory) and not FACTORY.fullmatch(str(record.factory)):
        msg = f"{hook}: the factory of {record.name!r} is {record.factory!r}; write 'module:attribute'"
        raise InvalidPlugin(msg)
    return record


def _check_fields(hook: str, record: Record) -> None:
    """The fields whose wrong type would go unnoticed: ``aliases="x"`` for ``("x",)``, a summary that is no text."""
    for each in dataclasses.fields(record):
        value: Any = getattr(record, each.name)
        if isinstance(each.default, tuple):
            wanted = "a tuple of texts"
            fits = isinstance(value, tuple) and all(isinstance(item, str) for item in cast("tuple[Any]", value))
        else:
            wanted = "a text"
            fits = isinstance(value, str) or not isinstance(each.default, str)
        if not fits:
            msg = f"{hook}: {each.name} of {record.name!r} is {value!r}; it must be {wanted}"
            raise InvalidPlugin(msg)


def _check_unique(offers: Iterable[tuple[Kind, Record]]) -> None:
    """Between plugins, ``name@plugin`` chooses; within one, nothing could."""
    seen: set[tuple[Kind, str]] = set()
    for kind, record in offers:
        for name in {record.name, *record.aliases}:
            if (kind, name) in seen:
                msg = f"it offers the {kind} {name!r} twice"
                raise InvalidPlugin(msg)
            seen.add((kind, name))


def _cause(error: BaseException) -> str:
    """An error on one line."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - an error that cannot be shown is still an error
        text = "(it cannot be shown)"
    return text if isinstance(error, InvalidPlugin) else f"{type(error).__name__}: {text}"


def _skipped(info: PluginInfo) -> str:
    return f"quorate plugin {info.name!r} ({info.distribution} {info.version}) was skipped: {info.error}"
