"""``llm_config``, as agents take it: a config list with shared defaults, and what belongs to the whole list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorate.config.credentials import with_own_endpoint
from quorate.config.entries import ConfigEntry
from quorate.config.guards import is_list, is_mapping, is_number
from quorate.config.keys import OLD_NAMES
from quorate.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from quorate.config.model_config import ModelConfig
    from quorate.records import ModelClientRecord

_WHOLE = (
    "cache_seed",
    "cache",
    "tools",
    "functions",
    "filter_func",
    "deadline",
    "context",
    "allow_format_str_template",
)
_EXAMPLE = '{"config_list": [{"model": "...", "api_key": "..."}]}'


@dataclass(frozen=True, slots=True, kw_only=True)
class LLMConfig:
    """A parsed ``llm_config``.

    Attributes:
        configs: the configurations in order; the first that works answers.
        cache_seed: names the response cache to use; None for no cache.
        cache: a response cache to use instead.
        tools: tool schemas that go with every call.
        functions: function schemas of the older form.
        deadline: seconds that one call may take in all, with every retry, wait and fall-back; None for no limit.
        filter_func: ``filter_func(context=, response=) -> bool``; a refused answer moves on to the next configuration.
        context: values for message templates.
        allow_format_str_template: whether message texts are ``str.format`` templates.
    """

    configs: tuple[ModelConfig, ...]
    cache_seed: int | str | None = None
    cache: Any = None
    tools: tuple[Mapping[str, Any], ...] = ()
    functions: tuple[Mapping[str, Any], ...] = ()
    filter_func: Callable[..., bool] | None = None
    deadline: float | None = None
    context: Mapping[str, Any] | None = None
    allow_format_str_template: bool = False


def parse_llm_config(llm_config: Mapping[str, Any], *, place: str = "llm_config") -> LLMConfig:
    """Validate an ``llm_config``. Neither it nor its entries are changed or copied deeply.

    Keys beside ``config_list`` are defaults under each entry; an entry's own value wins. Without ``config_list`` the
    mapping is itself the one entry. Whether an entry must name a model is for its client to say: :func:`check_entry`.

    Raises:
        ConfigError: no entry, or a wrong value; names the place and what to do.
    """
    from quorate.config.model_config import ModelConfig

    if not is_mapping(llm_config):
        msg = f"{place}: must be a dict such as {_EXAMPLE}, not {type(llm_config).__name__}"
        raise ConfigError(msg)
    if not llm_config:
        msg = f"{place}: is empty; name a model, as in {_EXAMPLE}, or give False for an agent without a model"
        raise ConfigError(msg)
    whole = {key: llm_config[key] for key in _WHOLE if key in llm_config}
    entries = _entries(llm_config, place)
    configs = tuple(ModelConfig.parse(_hoisted(entry, whole), place=place_of) for entry, place_of in entries)
    _check_whole(whole, place)
    for key in ("tools", "functions"):
        whole[key] = tuple(whole.get(key) or ())
    return LLMConfig(configs=configs, **{key: value for key, value in whole.items() if value is not None})


def check_entry(config: ModelConfig, record: ModelClientRecord) -> None:
    """Check what only the client can say of a configuration: whether it must name a model, and where its endpoint is.

    Raises:
        ConfigError: it names no model and the client needs one, or an endpoint is malformed or named twice.
    """
    if record.model_required and not config.model:
        msg = (
            f'{config.place}: names no model, and {record.name} needs one; add "model": "..." here or beside config_list '
            '(or "model_client_cls" for a client class of your own)'
        )
        raise ConfigError(msg)
    with_own_endpoint(config, record)


def _entries(llm_config: Mapping[str, Any], place: str) -> list[tuple[ConfigEntry, str]]:
    """Each entry with the shared values under it, and its place."""
    if "config_list" not in llm_config:
        own = getattr(llm_config, "place", "") or place
        return [(ConfigEntry(llm_config, place=own, sources=_sources(llm_config, place)), own)]
    listed = llm_config["config_list"]
    if isinstance(listed, str):
        msg = f"{place}.config_list: is text; read the list with config_list_from_json(...) and give what it returns"
        raise ConfigError(msg)
    if not is_list(listed):
        msg = f"{place}.config_list: must be a list of entries such as {_EXAMPLE}, not {type(listed).__name__}"
        raise ConfigError(msg)
    if not listed:
        msg = (
            f"{place}.config_list: is empty; add an entry such as {{'model': '...'}}, and if it was filtered, see "
            "which entries the filter dropped with: quorate config explain SOURCE --filter KEY=VALUE"
        )
        raise ConfigError(msg)
    shared = {key: value for key, value in llm_config.items() if key != "config_list" and key not in _WHOLE}
    return [_merged(entry, shared, f"{place}.config_list[{index}]", place) for index, entry in enumerate(listed)]


def _merged(entry: object, shared: Mapping[str, Any], at: str, place: str) -> tuple[ConfigEntry, str]:
    if not is_mapping(entry):
        msg = f"{at}: must be a dict such as {{'model': '...'}}, not {type(entry).__name__}"
        raise ConfigError(msg)
    at = getattr(entry, "place", "") or at
    # A shared base_url must not stand beside an entry's api_base, which is the same key.
    own = {OLD_NAMES.get(key, key) for key in entry}
    below = {key: value for key, value in shared.items() if OLD_NAMES.get(key, key) not in own}
    sources = dict.fromkeys(below, place) | _sources(entry, at)
    return ConfigEntry({**below, **entry}, place=at, sources=sources), at


def _sources(values: Mapping[str, Any], place: str) -> dict[str, str]:
    return dict.fromkeys(values, place) | getattr(values, "sources", {})


def _hoisted(entry: ConfigEntry, whole: dict[str, Any]) -> ConfigEntry:
    """Take what belongs to the whole list out of an entry; 0.2 lets it stand in either place."""
    for key in _WHOLE:
        if key not in entry:
            continue
        value = entry.pop(key)
        if key in whole and whole[key] != value:
            msg = f"{entry.place}.{key}: is one for the whole list, and another is given; put one beside config_list"
            raise ConfigError(msg)
        whole[key] = value
    return entry


def _check_whole(whole: Mapping[str, Any], place: str) -> None:
    for key in ("tools", "functions"):
        value = whole.get(key) or ()
        if not is_list(value) or not all(is_mapping(each) for each in value):
            msg = f"{place}.{key}: must be a list of schemas (dicts)"
            raise ConfigError(msg)
    deadline = whole.get("deadline")
    if deadline is not None and not (is_number(deadline) and deadline > 0):
        msg = f"{place}.deadline: must be a number of seconds above 0, not {deadline!r}"
        raise ConfigError(msg)
    if whole.get("filter_func") is not None and not callable(whole["filter_func"]):
        msg = f"{place}.filter_func: must be a function, not {type(whole['filter_func']).__name__}"
        raise ConfigError(msg)
    seed = whole.get("cache_seed")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int | str)):
        msg = f"{place}.cache_seed: must be a number or a name, or None for no cache, not {type(seed).__name__}"
        raise ConfigError(msg)
