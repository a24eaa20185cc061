"""Which endpoint a configuration talks to and which key goes there: a credential belongs to an origin."""

from __future__ import annotations

import os
import warnings
from typing import TYPE_CHECKING, Any

from quorate.config.origins import check_url, is_loopback, origin, shown
from quorate.errors import ConfigError, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.config.model_config import ModelConfig
    from quorate.config.origins import Origin
    from quorate.records import ModelClientRecord


def resolve(config: ModelConfig, record: ModelClientRecord, environ: Mapping[str, str] | None = None) -> ModelConfig:
    """The configuration with its endpoint and key filled in from the client's record and the environment.

    A key from the environment is used for two origins (scheme, host and port) only: that of the record's default
    endpoint, and that of the endpoint the user named in the environment beside it. A configuration with any other
    ``base_url`` names its own key, or has none. A key of the entry that means ``base_url`` at this client
    (``base_url_keys`` of the record) becomes that, and is no longer among ``params``.

    Args:
        config: the configuration; it is not changed.
        record: the model client's record.
        environ: the environment; ``os.environ`` when None.

    Returns:
        The completed configuration; its ``sources`` say where ``base_url`` and ``api_key`` came from, and for a
        missing ``api_key`` why there is none.

    Raises:
        ConfigError: the entry names two endpoints, or it or an environment variable holds no usable endpoint or key;
            the value is not told.
    """
    config = with_own_endpoint(config, record)
    environ = os.environ if environ is None else environ
    named = _first(environ, record.base_url_env)
    from_env = _checked_url(f"environment variable {named[0]}", named[1]) if named else None
    found: dict[str, Any] = {}
    sources = dict(config.sources)
    if config.base_url is None and (from_env or record.base_url):
        found["base_url"] = from_env or check_url(record.base_url)
        sources["base_url"] = f"environment variable {named[0]}" if named else f"default of {record.name}"
    if config.api_key is None:
        key, sources["api_key"] = _key(found.get("base_url", config.base_url), from_env, record, environ)
        if key is not None:
            found["api_key"] = key
    return config.model_copy(update={**found, "sources": sources})


def with_own_endpoint(config: ModelConfig, record: ModelClientRecord) -> ModelConfig:
    """The configuration with the endpoint that it names under another key of its client as ``base_url``.

    Raises:
        ConfigError: it names two endpoints, or one is none.
    """
    named = [key for key in record.base_url_keys if config.params.get(key) is not None]
    url, sources = config.base_url, dict(config.sources)
    for key in named:
        own = _checked_url(f"{config.place}.{key}", config.params[key])
        if url is not None and url.rstrip("/") != own.rstrip("/"):
            msg = f"{config.place}.{key}: says something else than base_url, which means the same; leave one out"
            raise ConfigError(msg)
        url, sources["base_url"] = own, f"{sources.get(key, config.place)}, as {key}"
    if not named:
        return config
    params = type(config.params)({key: value for key, value in config.params.items() if key not in named})
    return config.model_copy(update={"base_url": url, "params": params, "sources": sources})


def _key(
    endpoint: str | None, from_env: str | None, record: ModelClientRecord, environ: Mapping[str, str]
) -> tuple[Any, str]:
    """The key from the environment for this endpoint, and where it came from; or None, and why."""
    if not record.api_key_env:
        return None, f"none: {record.name} reads no key from the environment"
    named = _first(environ, record.api_key_env)
    if named is None:
        return None, f"none: set {' or '.join(record.api_key_env)}, or give api_key in the entry"
    variable, value = named
    if not _belongs(endpoint, from_env, record):
        homes = " and ".join(str(origin(url)) for url in dict.fromkeys((from_env, record.base_url)) if url)
        goes = f"goes to {homes} only" if homes else "goes to no endpoint that is named elsewhere"
        return None, f"none: {variable} {goes}; give api_key in the entry that names {_origin_text(endpoint)}"
    _warn_if_open(endpoint, variable)
    return _checked_key(variable, value), f"environment variable {variable}"


def _belongs(endpoint: str | None, from_env: str | None, record: ModelClientRecord) -> bool:
    if endpoint is None:  # no default that we know of, none named: the client talks to the one it is made for
        return True
    homes: set[Origin] = {origin(url) for url in (from_env, record.base_url) if url}
    return origin(endpoint) in homes


def _warn_if_open(endpoint: str | None, variable: str) -> None:
    """Both were named by the user, so it is sent; but others on the way can read it."""
    if endpoint is None:
        return
    at = origin(endpoint)
    if at.scheme == "http" and not is_loopback(at.host):
        msg = f"{variable} goes to {at} without encryption; use https, or unset it if that endpoint needs no key"
        warnings.warn(msg, ConfigWarning, stacklevel=4)


def _first(environ: Mapping[str, str], names: Sequence[str]) -> tuple[str, str] | None:
    """The first of these variables that is set to something, and its value."""
    return next(((name, environ[name]) for name in names if environ.get(name, "").strip()), None)


def _checked_url(place: str, value: object) -> str:
    try:
        return check_url(value)
    except ValueError as error:
        problem = str(error)
    msg = f"{place}: {problem}"
    raise ConfigError(msg)


def _checked_key(variable: str, value: str) -> Any:
    from quorate.config.model_config import ModelConfig

    # Validated as any key is; the variable's name stands for the place.
    return ModelConfig.parse({"api_key": value}, place=f"environment variable {variable}").api_key


def _origin_text(endpoint: str | None) -> str:
    return shown(endpoint) if endpoint else "the endpoint"
