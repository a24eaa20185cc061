"""The contract with plugins: five hooks, each yields records.

A plugin is a module (or object) with some of these functions, marked ``@hookimpl``, named by an
entry point in the group ``quorate``. Importing it must be light: the SDK is imported by the
record's factory. Hooks take no arguments; they are called once per kernel, in no promised order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable

    from quorate.records import (
        CodeExecutorRecord,
        ConfigLoaderRecord,
        ModelClientRecord,
        PriceSourceRecord,
        ReplyFunctionRecord,
    )

PROJECT = "quorate"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a function as the implementation of one of quorate's hooks."""


@hookspec
def quorate_model_clients() -> Iterable[ModelClientRecord]:  # type: ignore[empty-body]
    """Yield the model clients that this plugin brings.

    Example:
        >>> from quorate import Kernel, ModelClientRecord, hookimpl
        >>> class Parrots:
        ...     @hookimpl
        ...     def quorate_model_clients(self):
        ...         yield ModelClientRecord(name="parrot", factory="parrots:Parrot", summary="Says it again")
        >>> kernel = Kernel(autoload=False)
        >>> kernel.register(Parrots(), "parrots")
        >>> kernel.record("model client", "parrot").summary
        'Says it again'
    """


@hookspec
def quorate_config_loaders() -> Iterable[ConfigLoaderRecord]:  # type: ignore[empty-body]
    """Yield the config loaders that this plugin brings.

    Example:
        >>> from quorate import ConfigLoaderRecord, Kernel, hookimpl
        >>> class Constants:
        ...     @hookimpl
        ...     def quorate_config_loaders(self):
        ...         yield ConfigLoaderRecord(name="constant", factory=lambda: [{"model": "m"}])
        >>> kernel = Kernel(autoload=False)
        >>> kernel.register(Constants(), "constants")
        >>> kernel.factory("config loader", "constant")()
        [{'model': 'm'}]
    """


@hookspec
def quorate_reply_functions() -> Iterable[ReplyFunctionRecord]:  # type: ignore[empty-body]
    """Yield the reply functions that this plugin brings; an agent uses one only when asked by name.

    Example:
        >>> from quorate import Kernel, ReplyFunctionRecord, hookimpl
        >>> def shout(recipient, messages, sender, config):
        ...     return True, messages[-1]["content"].upper()
        >>> class Shouting:
        ...     @hookimpl
        ...     def quorate_reply_functions(self):
        ...         yield ReplyFunctionRecord(name="shout", factory=shout)
        >>> kernel = Kernel(autoload=False)
        >>> kernel.register(Shouting(), "shouting")
        >>> kernel.factory("reply function", "shout")(None, [{"content": "hi"}], None, None)
        (True, 'HI')
    """


@hookspec
def quorate_code_executors() -> Iterable[CodeExecutorRecord]:  # type: ignore[empty-body]
    """Yield the code executors that this plugin brings.

    Example:
        >>> from quorate import CodeExecutorRecord, Kernel, hookimpl
        >>> class Moon:
        ...     @hookimpl
        ...     def quorate_code_executors(self):
        ...         yield CodeExecutorRecord(name="moon", factory="moon:Executor", isolation="vm", network=False)
        >>> kernel = Kernel(autoload=False)
        >>> kernel.register(Moon(), "moon")
        >>> kernel.record("code executor", "moon").isolation
        'vm'
    """


@hookspec
def quorate_price_sources() -> Iterable[PriceSourceRecord]:  # type: ignore[empty-body]
    """Yield the price sources that this plugin brings.

    A source is asked what an answer cost when neither its configuration has a ``price`` nor its client says it is free;
    sources are asked in the order of their names, and the first that knows is believed.

    Example:
        >>> from quorate import CreateResult, Kernel, ModelConfig, Price, PriceSourceRecord, Usage, hookimpl
        >>> def flat(result, config, client):
        ...     return Price(0.001 * result.usage.total_tokens, "our contract of 2026-01-01")
        >>> class Contract:
        ...     @hookimpl
        ...     def quorate_price_sources(self):
        ...         yield PriceSourceRecord(name="contract", factory=flat, summary="What we agreed on")
        >>> kernel = Kernel(autoload=False)
        >>> kernel.register(Contract(), "contract")
        >>> answer = CreateResult("Hello", usage=Usage(2, 1))
        >>> kernel.factory("price source", "contract")(answer, ModelConfig(model="m"), "openai").usd
        0.003
    """
