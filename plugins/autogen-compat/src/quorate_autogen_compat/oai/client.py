"""``OpenAIWrapper``: a config list as one client, asked as 0.2's programs ask it; the core's client does the work."""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Self, cast

from quorate._drive import drive, kernel_code, perform
from quorate.agents.templates import filled
from quorate.config.keys import KNOWN, OLD_NAMES
from quorate.errors import ConfigError
from quorate.kernel import default_kernel
from quorate_autogen_compat._missing import refusing
from quorate_autogen_compat.oai._configs import DEFAULT_CACHE_SEED, NOT_SENT, Judge, for_core, limiter_of
from quorate_autogen_compat.oai.model_client import ModelClient
from quorate_autogen_compat.oai.responses import ChatCompletion, completion_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from quorate.kernel import Kernel
    from quorate.messages import Message
    from quorate.models import CreateResult
    from quorate.models.fallback import FallbackClient

MISSING = {
    "OpenAIClient": "the plugin quorate-openai-client talks to OpenAI; agents and OpenAIWrapper find it by themselves",
    "PlaceHolderClient": "nothing stands for a class that is not registered yet; a chat that needs it says which it is",
}

__getattr__ = refusing(__name__, MISSING)

__all__ = ["LEGACY_CACHE_DIR", "LEGACY_DEFAULT_CACHE_SEED", "TOOL_ENABLED", "ModelClient", "OpenAIWrapper"]

LEGACY_DEFAULT_CACHE_SEED = DEFAULT_CACHE_SEED
LEGACY_CACHE_DIR = ".cache"
TOOL_ENABLED = True
"""Whether models may be offered tools; 0.2 asked the version of the openai package."""

_WHOLE = ("cache_seed", "filter_func", "context", "allow_format_str_template", "functions", "config_list")


class OpenAIWrapper:
    """A config list as one client: the first entry that works answers.

    ``create(messages=...)`` is 0.2's: it blocks, and gives a :class:`ChatCompletion`. Agents call ``create(messages)``,
    as kernel code does; that gives a coroutine. All else is :class:`quorate.models.fallback.FallbackClient`'s.

    Args:
        config_list: the entries; without them the keywords are the one entry.
        **base_config: values under each entry, and what belongs to the whole list (``cache_seed``, ``filter_func``, ...).

    Raises:
        ConfigError: it cannot be used.
    """

    def __init__(self, *, config_list: Sequence[Mapping[str, Any]] | None = None, **base_config: Any) -> None:
        given = base_config if config_list is None else {**base_config, "config_list": list(config_list)}
        self._kernel = default_kernel()
        self._client = self._kernel.chat_client(for_core(given), place="OpenAIWrapper")
        self._given: Mapping[str, Any] = given
        self._limiter = limiter_of(given)

    @classmethod
    def around(cls, client: FallbackClient, llm_config: Mapping[str, Any], kernel: Kernel) -> Self:
        """A wrapper around the client of an agent, so that ``agent.client`` can be asked in either way."""
        wrapper = cls.__new__(cls)
        vars(wrapper).update(_client=client, _given=llm_config, _limiter=limiter_of(llm_config), _kernel=kernel)
        return wrapper

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            msg = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise AttributeError(msg)
        return getattr(self._client, name)

    @kernel_code
    def create(self, *messages: Sequence[Message], **config: Any) -> Any:
        """Ask, and wait for the answer.

        Args:
            *messages: from kernel code only; see the class.
            **config: exactly one of ``messages`` and ``prompt``; ``tools``, ``context``, ``cache``, ``cache_seed``,
                ``filter_func``, ``allow_format_str_template``; keys of entries, such as ``model``, which win over the
                entries' own; request parameters.

        Returns:
            A :class:`ChatCompletion`.

        Raises:
            ConfigError: both or neither of messages and prompt, or a configuration cannot be used.
            ModelsExhausted: no entry answered.
        """
        if messages:
            return self._asked(self._client, *messages, **config)
        return drive(self._created(config))

    @kernel_code
    async def create_stream(self, messages: Sequence[Message], **request: Any) -> AsyncIterator[str | CreateResult]:
        """The answer in parts; see :meth:`quorate.ChatCompletionClient.create_stream`."""
        await self._waited()
        async for part in self._client.create_stream(messages, **request):
            yield part

    async def _asked(self, client: FallbackClient, messages: Sequence[Message], **request: Any) -> CreateResult:
        await self._waited()
        return await client.create(messages, **request)

    async def _waited(self) -> None:
        if self._limiter is not None:
            await perform(self._limiter.sleep)

    async def _created(self, config: dict[str, Any]) -> ChatCompletion:
        messages, prompt = config.pop("messages", None), config.pop("prompt", None)
        if (messages is None) == (prompt is None):
            msg = "OpenAIWrapper.create: give either messages or prompt"
            raise ConfigError(msg)
        asked: list[Message] = [{"role": "user", "content": prompt}] if messages is None else list(messages)
        cache = config.pop("cache", None)
        client, request, judge = self._client_for(config)
        if client.allow_format_str_template:
            asked = filled(asked, client.context)
        with cache or nullcontext():
            result = await self._asked(client, asked, **request)
        accepted = judge is None or judge.accepted
        return completion_of(result, [f"{one.place} ({one.label})" for one in client.configs], accepted=accepted)

    def _client_for(self, config: dict[str, Any]) -> tuple[FallbackClient, dict[str, Any], Judge | None]:
        """The client for one call, which may name other values; the parameters of the request; and who judges it."""
        keys = KNOWN | OLD_NAMES.keys() | set(_WHOLE)
        changed = {key: value for key, value in config.items() if key in keys}
        request = {key: value for key, value in config.items() if key not in (*keys, *NOT_SENT)}
        merged = {**self._given, **{key: changed.pop(key) for key in _WHOLE if key in changed}}
        judge = Judge(merged["filter_func"]) if merged.get("filter_func") else None
        if not changed and judge is None and merged == self._given:
            return self._client, request, None
        if "config_list" in merged:
            entries = cast("list[dict[str, Any]]", merged["config_list"])
            merged["config_list"] = [{**entry, **changed} for entry in entries]
        else:
            merged |= changed
        if judge is not None:
            merged["filter_func"] = judge
        client = self._kernel.chat_client(for_core(merged), place="OpenAIWrapper")
        client.usage = self._client.usage
        return client, request, judge

    @classmethod
    def extract_text_or_completion_object(cls, response: Any) -> list[Any]:
        """The answers of a response: texts, or messages where they call something."""
        found: list[Any] = response.message_retrieval_function(response)
        return found

    @classmethod
    def instantiate(
        cls, template: Any, context: Mapping[str, Any] | None = None, allow_format_str_template: bool | None = False
    ) -> Any:
        """A template filled: text where that is allowed, or what a function makes of the context."""
        if not context or template is None:
            return template
        if isinstance(template, str):
            return template.format(**context) if allow_format_str_template else template
        return template(context)

    def register_model_client(self, model_client_cls: Callable[..., Any], **kwargs: Any) -> None:
        """Register a client class that a configuration names in ``model_client_cls``.

        Raises:
            ConfigError: none of the configurations names it.
        """
        named = [config.model_client_cls for config in self._client.configs if config.model_client_cls]
        if model_client_cls.__name__ not in named:
            msg = (
                f"no entry of the config list names {model_client_cls.__name__} in model_client_cls; "
                f"those that are named: {', '.join(named) or 'none'}"
            )
            raise ConfigError(msg)
        self._kernel.register_model_client(model_client_cls, **kwargs)
