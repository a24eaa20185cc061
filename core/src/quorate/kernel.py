"""The kernel: resolves names to objects through the plugins, and owns those objects' lifetime."""

from __future__ import annotations

import importlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Self, cast

from quorate._drive import drive, perform
from quorate._factories import factory_of, make_client, make_executor, make_own_client
from quorate._names import no_default, split_owner, unknown_name
from quorate._owned import OwnedByLoop
from quorate._plugins import Kind, PluginInfo, Plugins
from quorate.errors import ConfigError, NameConflict, UnknownName
from quorate.events import Observers
from quorate.models.ladder import Health
from quorate.models.prices import Prices
from quorate.tools.names import SharedNames

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping
    from pathlib import Path
    from types import TracebackType

    from quorate.coding import CodeExecutor
    from quorate.config import ConfigEntry, ModelConfig
    from quorate.events import Observer
    from quorate.models import ChatCompletionClient
    from quorate.models.cache import Cache
    from quorate.models.fallback import FallbackClient
    from quorate.records import CodeExecutorRecord, ModelClientRecord, Record

BUILTINS = ("quorate.config.builtin", "quorate.coding.builtin", "quorate.agents.builtin")
"""Modules of ours that implement hooks as any plugin does."""


class Kernel:
    """One set of plugins, observers and open objects. Kernels share nothing.

    Args:
        autoload: whether to use installed plugins; the built-in ones are always there.
        disabled: plugins to leave out, by entry-point or distribution name, before they are imported.
        observers: who is told of events.
    """

    def __init__(
        self, *, autoload: bool = True, disabled: Iterable[str] = (), observers: Iterable[Observer] = ()
    ) -> None:
        self.observers = Observers(observers)
        self.tool_names = SharedNames()
        self._plugins = Plugins(autoload=autoload, disabled=disabled)
        for module in BUILTINS:
            name = module.split(".")[1]
            self._plugins.register(importlib.import_module(module), f"quorate-{name}", builtin=True)
        self._clients = OwnedByLoop()
        self._health = Health()
        self._prices = Prices(lambda: self._plugins.offers("price source"), factory_of, self._client_name)
        self._caches: dict[tuple[Path, str], Cache] = {}
        self._client_classes: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {}
        self._executors: dict[Hashable, CodeExecutor] = {}
        self._lock = threading.RLock()

    # -- names

    def register(self, plugin: object, name: str) -> None:
        """Add a plugin by hand: any object or module with functions marked ``@hookimpl``.

        Raises:
            InvalidPlugin: it breaks the contract, or the name is taken.
        """
        self._plugins.register(plugin, name)

    def unregister(self, name: str) -> None:
        """Take out a plugin that was registered by hand."""
        self._plugins.unregister(name)

    def plugins(self) -> tuple[PluginInfo, ...]:
        """Every plugin, found ones and registered ones, with its status."""
        return self._plugins.infos()

    def names(self, kind: Kind) -> list[str]:
        """The names (no aliases) on offer for a kind of record."""
        return sorted({record.name for _, record in self._plugins.offers(kind)})

    def offer(self, kind: Kind, name: str) -> tuple[PluginInfo, Record]:
        """The record that a name means, and its plugin. ``name@plugin`` chooses among several.

        Raises:
            UnknownName: nobody offers it; the message lists what is there.
            NameConflict: several plugins offer it.
        """
        wanted, owner = split_owner(name)
        offers = list(self._plugins.offers(kind))
        found = [
            (info, record)
            for info, record in offers
            if wanted in (record.name, *record.aliases) and owner in ("", info.name)
        ]
        if not found:
            raise UnknownName(unknown_name(kind, name, (record.name for _, record in offers), self._left_out()))
        if len(found) > 1:
            by = " and ".join(info.label for info, _ in found)
            msg = f"the {kind} {name!r} is offered by {by}; write {wanted}@{found[0][0].name} to choose"
            raise NameConflict(msg)
        return found[0]

    def _left_out(self) -> list[str]:
        return [f"{info.label} is {info.status}" for info in self._plugins.infos() if info.status != "active"]

    def record(self, kind: Kind, name: str) -> Any:
        """The record that a name means; see :meth:`offer` for the errors."""
        return self.offer(kind, name)[1]

    def factory(self, kind: Kind, name: str) -> Any:
        """The object behind a record's factory, imported when it is first used.

        Raises:
            MissingDependency: importing it failed because a library is not installed.
            InvalidPlugin: importing it failed otherwise.
        """
        return factory_of(*self.offer(kind, name))

    # -- models

    def model_record(self, config: ModelConfig) -> ModelClientRecord:
        """The record of the client that a configuration names, or the default one.

        Raises:
            UnknownName: no such client, or none is installed that answers by default.
        """
        if config.client is not None:
            return cast("ModelClientRecord", self.record("model client", config.client))
        return cast("ModelClientRecord", self._default_offer()[1])

    def _default_offer(self) -> tuple[PluginInfo, Record]:
        offers = cast("list[tuple[PluginInfo, ModelClientRecord]]", list(self._plugins.offers("model client")))
        defaults = [(info, record) for info, record in offers if record.default]
        if len(defaults) == 1:
            return defaults[0]
        if not defaults:
            raise UnknownName(no_default((record.name for _, record in offers), self._left_out()))
        by = " and ".join(info.label for info, _ in defaults)
        msg = f'this configuration names no model client, and {by} each answer by default; write "client": NAME'
        raise NameConflict(msg)

    def default_config_list(self) -> list[ConfigEntry]:
        """The config list of somebody who named none; see :func:`quorate.config.default_entries`."""
        from quorate.config import default_entries

        return default_entries(cast("ModelClientRecord", record) for _, record in self._plugins.offers("model client"))

    def register_model_client(self, model_client_cls: Callable[..., Any], **kwargs: Any) -> None:
        """Register a client class of the program's own, seen by every agent of this kernel.

        A configuration asks for it with ``"model_client_cls": "<class name>"``. The class has either the
        typed protocol (:class:`quorate.ChatCompletionClient`) or AutoGen 0.2's four methods
        (``create``, ``message_retrieval``, ``cost``, ``get_usage``).

        Args:
            model_client_cls: the class; it is called as ``cls(config, **kwargs)``.
            **kwargs: further arguments for it.
        """
        self._client_classes[model_client_cls.__name__] = (model_client_cls, kwargs)

    def missing_client_classes(self, configs: Iterable[ModelConfig]) -> list[str]:
        """The classes that configurations name and nobody has registered."""
        named = {config.model_client_cls for config in configs if config.model_client_cls}
        return sorted(named - self._client_classes.keys())

    def model_client(self, config: ModelConfig) -> ChatCompletionClient:
        """The client for one configuration: made on first use, one per event loop, closed with the kernel.

        Its endpoint and key are those of the environment when it is made; after :meth:`close` they are read again.

        Raises:
            ConfigError: its ``model_client_cls`` is not registered.
            UnknownName: no plugin offers the client that it names, or one by default.
            MissingDependency: the client needs a library that is not installed.
        """
        from quorate.config.frozen import Same

        if config.model_client_cls is not None:
            if missing := self.missing_client_classes([config]):
                raise ConfigError(unregistered_class(config, missing))
            registered = self._client_classes[config.model_client_cls]
            make = partial(make_own_client, *registered, config)
            return cast("ChatCompletionClient", self._clients.get((Same(registered), config.cache_key()), make))
        info, record = self.offer("model client", config.client) if config.client else self._default_offer()
        make = partial(make_client, info, cast("ModelClientRecord", record), config)
        return cast("ChatCompletionClient", self._clients.get((Same(record), config.cache_key()), make))

    def chat_client(self, llm_config: Mapping[str, Any], *, place: str = "llm_config") -> FallbackClient:
        """A config list as one client: the first configuration that works answers.

        Args:
            llm_config: as agents take it: ``{"config_list": [...], **shared}``, or one configuration.
            place: what to call it in errors.

        Raises:
            ConfigError: it cannot be used, or names no model for a client that needs one.
            UnknownName: it names a model client that no plugin offers.
        """
        from quorate.config import parse_llm_config
        from quorate.config.llm_config import check_entry
        from quorate.models.fallback import FallbackClient

        parsed = parse_llm_config(llm_config, place=place)
        for config in parsed.configs:
            if config.model_client_cls is None:
                check_entry(config, self.model_record(config))
        return FallbackClient(
            parsed,
            self.model_client,
            self._prices,
            health=self._health,
            cache=parsed.cache or self._response_cache(parsed.cache_seed),
            observers=self.observers,
        )

    def _client_name(self, config: ModelConfig) -> str:
        return config.model_client_cls or self.model_record(config).name

    def _response_cache(self, seed: int | str | None) -> Cache | None:
        if seed is None:
            return None
        from quorate.models.cache import Cache

        cache = Cache.disk(seed)
        with self._lock:
            return self._caches.setdefault((cache.path, cache.seed), cache)

    # -- code

    def code_executor(self, name: str, options: Mapping[str, Any]) -> CodeExecutor:
        """The executor of this name and these options: made on first use, stopped with the kernel.

        Raises:
            UnknownName: no plugin offers it.
            ConfigError: it does not take these options.
        """
        from quorate.config.frozen import Same, freeze

        info, record = self.offer("code executor", name)
        key = (Same(record), freeze(options))
        with self._lock:
            if key not in self._executors:
                self._executors[key] = make_executor(info, record, options)
            return self._executors[key]

    def executor_record(self, name: str) -> CodeExecutorRecord:
        """The record of an executor, which declares its isolation."""
        return cast("CodeExecutorRecord", self.record("code executor", name))

    # -- lifetime

    async def aclose(self) -> None:
        """Close every client and cache and stop every executor that this kernel made; it can be used again after.

        Raises:
            DoorError: a blocking :meth:`close` on an event loop that has clients open; await this instead.
            Exception: the first failure, after everything has been closed.
        """
        with self._lock:
            executors, self._executors = self._executors, {}
            caches = list(self._caches.values())
        failures: list[Exception] = []
        stops = [stop for executor in executors.values() if (stop := getattr(executor, "stop", None)) is not None]
        closings: list[Callable[[], Awaitable[Any]]] = [
            *(partial(perform, stop) for stop in stops),
            self._clients.close,
            *(partial(perform, cache.close) for cache in caches),
        ]
        for close in closings:
            try:
                await close()
            except Exception as error:  # noqa: BLE001 - raised once the rest is closed
                failures.append(error)
        if failures:
            raise failures[0]

    def close(self) -> None:
        """The blocking form of :meth:`aclose`."""
        drive(self.aclose())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def unregistered_class(config: ModelConfig, missing: Iterable[str]) -> str:
    """What to say of classes that a configuration names and nobody has registered."""
    names = ", ".join(missing)
    return (
        f"{config.place}.model_client_cls: {names} is not registered; call "
        f"agent.register_model_client({names.split(', ')[0]}) before the chat starts"
    )


_lock = threading.Lock()
_default: list[Kernel] = []


def default_kernel() -> Kernel:
    """The kernel that agents use unless they are given one; it shows chats in the terminal."""
    with _lock:
        if not _default:
            from quorate.console import Console

            _default.append(Kernel(observers=[Console()]))
        return _default[0]


def create_model_client(config: Mapping[str, Any], *, kernel: Kernel | None = None) -> FallbackClient:
    """A model client for use without agents, with retries and fall-back.

    Args:
        config: one configuration, or ``{"config_list": [...], **shared}``.
        kernel: finds and owns the clients; the default kernel by default.

    Raises:
        ConfigError: the configuration cannot be used.
        UnknownName: it names a model client that no plugin offers.
    """
    return (kernel or default_kernel()).chat_client(config, place="config")
