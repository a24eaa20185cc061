"""One model configuration, validated. The only module of the core that imports pydantic for configurations."""

from __future__ import annotations

import math
import warnings
from collections.abc import Hashable, Mapping
from typing import Annotated, Any, NoReturn, Self, TypeGuard

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_serializer,
)

from quorate.config.entries import PROGRAM, SecretDict, masked
from quorate.config.frozen import freeze, secret_digest
from quorate.config.guards import is_collection, is_list, is_mapping, is_number, is_text
from quorate.config.keys import KNOWN, OLD_NAMES, is_secret, nearest
from quorate.config.origins import check_url, shown
from quorate.errors import ConfigError, ConfigWarning


class ApiKey(SecretStr):
    """A ``SecretStr`` that also refuses to be pickled: a pickle would hold the key in clear."""

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        msg = "a key cannot be pickled; load the configuration again where it is needed"
        raise TypeError(msg)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self


def _is_finite(value: object) -> TypeGuard[int | float]:
    return is_number(value) and math.isfinite(value)


def _refuse(wanted: str, value: object) -> NoReturn:
    # Only the type is told: any value can be a key that was pasted into the wrong place.
    given = repr(value) if _is_finite(value) else type(value).__name__
    msg = f"must be {wanted}, not {given}"
    raise ValueError(msg)


def _text(value: object) -> object:
    if value is None or isinstance(value, str):
        return value.strip() or None if value else None
    _refuse("text", value)


def _key(value: object) -> object:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None or not isinstance(value, str):
        return None if value is None else _refuse("text", value)
    key = value.strip()
    if not (key.isascii() and key.isprintable()):
        msg = "holds a character that cannot be part of a key (a line break, or one outside ASCII)"
        raise ValueError(msg)
    return ApiKey(key) if key else None


def _url(value: object) -> object:
    return check_url(value) if _text(value) is not None else None


def _seconds(value: object) -> object:
    if value is None or (_is_finite(value) and value > 0):
        return value
    _refuse("a number of seconds above 0", value)


def _count(value: object) -> object:
    if value is None or (_is_finite(value) and value >= 0 and value == int(value)):
        return value
    _refuse("a whole number, 0 or more", value)


def _pair(value: object) -> object:
    if value is None:
        return None
    pair = [value, value] if _is_finite(value) else value
    if is_list(pair) and len(pair) == 2 and all(_is_finite(each) and each >= 0 for each in pair):
        return tuple(pair)
    _refuse("US dollars per 1000 tokens: [prompt, completion], or one number for both", value)


def _names(value: object) -> object:
    if isinstance(value, str):
        return (value,)
    if not is_collection(value) or not all(isinstance(each, str) for each in value):
        _refuse("a list of texts", value)
    return tuple(value if is_list(value) else sorted(value))


def _flag(value: object) -> object:
    return value if value is None or isinstance(value, bool) else _refuse("true or false", value)


class ModelConfig(BaseModel):
    """One model at one endpoint, and how to ask it. Frozen; equal and hashable by what it says.

    Attributes:
        model: the model's name, as the endpoint knows it; empty only for a client class of the program's own.
        client: the model client's name, ``openai`` or ``openai@plugin``; None for the default one.
        model_client_cls: the name of a client class that the program registers instead.
        api_key: the key, never shown.
        base_url: the endpoint, http(s).
        api_version: the endpoint's protocol version, where it has one.
        timeout: seconds that one request may take.
        max_retries: how many times a failed request is tried again.
        price: US dollars per 1000 tokens read and written.
        tags: names to filter by; they are never sent.
        stream: whether to ask for the answer piece by piece.
        params: every other key; it goes to the client (``temperature``, ``http_client``, ``device``, ...).
        place: where the entry stands, as messages name it.
        sources: where each value came from, for people.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", arbitrary_types_allowed=True, hide_input_in_errors=True, protected_namespaces=()
    )

    model: Annotated[str, BeforeValidator(lambda value: _text(value) or "")] = ""
    client: Annotated[str | None, BeforeValidator(_text)] = None
    model_client_cls: Annotated[str | None, BeforeValidator(_text)] = None
    api_key: Annotated[ApiKey | None, BeforeValidator(_key)] = None
    base_url: Annotated[str | None, BeforeValidator(_url)] = None
    api_version: Annotated[str | None, BeforeValidator(_text)] = None
    timeout: Annotated[float | None, BeforeValidator(_seconds)] = None
    max_retries: Annotated[int | None, BeforeValidator(_count)] = None
    price: Annotated[tuple[float, float] | None, BeforeValidator(_pair)] = None
    tags: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    stream: Annotated[bool | None, BeforeValidator(_flag)] = None
    params: Annotated[dict[str, Any], AfterValidator(SecretDict)] = Field(default_factory=SecretDict)
    place: str = Field(default="", exclude=True)
    sources: Mapping[str, str] = Field(default_factory=dict, exclude=True)

    @classmethod
    def parse(cls, entry: Mapping[str, Any], *, place: str) -> ModelConfig:
        """Validate an entry of a config list; the entry itself is not changed, nor are its values copied.

        Args:
            entry: the entry; AutoGen 0.2's ``api_type`` and openai<1's ``api_base`` are understood.
            place: where it stands, for messages: ``OAI_CONFIG_LIST[2]``.

        Raises:
            ConfigError: a value is wrong, or a key is probably mistyped; names place and key, never a value.
        """
        values = _renamed(entry, place)
        extra = {key: _clear(value) for key, value in values.items() if key not in KNOWN}
        _check_spelling(extra, place)
        known = {key: value for key, value in values.items() if key in KNOWN and value is not None}
        sources = getattr(entry, "sources", {})
        sources = {OLD_NAMES.get(key, key): sources.get(key, place or PROGRAM) for key in entry}
        try:
            return cls(**known, params=extra, place=place, sources=sources)
        except ValidationError as error:
            problems = [_problem(place, each["loc"], each["msg"]) for each in error.errors(include_input=False)]
        # Outside the handler, so that no traceback or logger finds the input behind the error.
        raise ConfigError("\n".join(problems))

    @property
    def label(self) -> str:
        """The configuration for people: ``openai, gpt-5``."""
        return ", ".join(part for part in (self.model_client_cls or self.client, self.model) if part) or "no model"

    def cache_key(self) -> Hashable:
        """Equal for equal configurations. The key is in it as a digest; objects that are not data count by identity."""
        return (
            *(getattr(self, name) for name in sorted(KNOWN - {"api_key", "base_url"})),
            self.api_key and secret_digest(self.api_key.get_secret_value()),
            self.base_url and secret_digest(self.base_url),  # its query can hold a key
            freeze(self.params),
        )

    def __eq__(self, other: object) -> bool:
        return self.cache_key() == other.cache_key() if isinstance(other, ModelConfig) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.cache_key())

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Self:
        return self

    def __repr_args__(self) -> Any:
        for name in sorted(KNOWN):
            value = getattr(self, name)
            if value not in (None, "", ()):
                yield name, shown(value) if name == "base_url" else value
        if self.params:
            yield "params", sorted(self.params)  # names only: a client's own keys may hold secrets we cannot know

    def __str__(self) -> str:
        return repr(self)

    @field_serializer("base_url", when_used="json")
    def _dump_url(self, base_url: str | None) -> str | None:
        return base_url and shown(base_url)

    @field_serializer("params", when_used="json")
    def _dump_params(self, params: dict[str, Any]) -> dict[str, Any]:
        return {key: _dumped(key, value) for key, value in params.items()}


def _renamed(entry: Mapping[str, Any], place: str) -> dict[str, Any]:
    """The entry under today's key names; nothing else is changed."""
    values: dict[str, Any] = {}
    for key in entry:
        if not is_text(key):
            msg = f"{place}: a key must be text, not {type(key).__name__}"
            raise ConfigError(msg)
    for key, value in entry.items():
        name = OLD_NAMES.get(key, key)
        if name != key and entry.get(name) is not None and value is not None and entry[name] != value:
            msg = f"{place}.{key}: says something else than {name}, whose old name it is; leave one of them out"
            raise ConfigError(msg)
        if key == "api_base":
            warnings.warn(f"{place}.api_base: write base_url, its name since openai 1.0", ConfigWarning, stacklevel=3)
        if name == key or values.get(name) is None:
            values[name] = value if value is not None else values.get(name)
    return values


def _check_spelling(extra: Mapping[str, Any], place: str) -> None:
    for key in extra:
        if near := nearest(key, KNOWN | OLD_NAMES.keys()):
            msg = f"{place}.{key}: no such key; did you mean {near!r}?"
            raise ConfigError(msg)


def _dumped(key: str, value: Any) -> Any:
    """A parameter as it may be shown; of an object its type only."""
    is_data = value is None or isinstance(value, str | int | float) or is_list(value) or is_mapping(value)
    return masked(key, value) if is_data or is_secret(key) else f"<{type(value).__name__}>"


def _clear(value: Any) -> Any:
    """What a client gets for a secret of its own: the text, for SDKs take no ``SecretStr``."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def _problem(place: str, loc: tuple[int | str, ...], text: str) -> str:
    return f"{place}.{'.'.join(map(str, loc[:1]))}: {text.removeprefix('Value error, ')}"
