"""Which credential a configuration sends: a key, an Entra ID token, or a provider of tokens asked for each request."""

from __future__ import annotations

import inspect
import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import anyio.to_thread

from quorate.config.origins import origin
from quorate.errors import ConfigError, ModelError, QuorateError
from quorate.models.failures import excerpt, failure
from quorate_azure_client import RECORD
from quorate_azure_client._identity import default_provider

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from quorate.config import ModelConfig
    from quorate.models.wire import Endpoint

TOKEN_ENV = "AZURE_OPENAI_AD_TOKEN"  # noqa: S105 - a variable's name
"""Holds an Entra ID token for the endpoint that ``AZURE_OPENAI_ENDPOINT`` names; as in the SDK it wins over a key."""

_ROLE = 'check that the identity has the role "Cognitive Services OpenAI User" on this resource'
_JWT = re.compile(r"eyJ[\w-]+\.[\w.-]+")
_TRANSPORT = {"ServiceRequestError", "ServiceResponseError"}  # azure-core's, when the identity service is out of reach


@dataclass(frozen=True, slots=True)
class Credential:
    """What proves who asks; at most one of its first three is set.

    Attributes:
        key: a key of the resource.
        token: an Entra ID token.
        provider: gives a token whenever it is called; sync or async.
        advice: what to do when the endpoint refuses it.
    """

    key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    provider: Callable[[], str | Awaitable[str]] | None = field(default=None, repr=False)
    advice: str = ""


def credential_of(config: ModelConfig, environ: Mapping[str, str] | None = None) -> Credential:
    """The credential of a completed configuration: its own, else the environment's for this origin.

    Args:
        config: the configuration, with its ``base_url``.
        environ: the environment; ``os.environ`` when None.

    Raises:
        ConfigError: it names several credentials, or one of a wrong type.
        MissingDependency: ``azure_ad_token_provider`` is ``DEFAULT``, and azure-identity is not installed.
    """
    named = _named(config)
    if len(named) > 1:
        msg = f"{config.place}: names {' and '.join(named)}; give one credential, and leave the others out"
        raise ConfigError(msg)
    if "azure_ad_token_provider" in named:
        return Credential(provider=_provider(config.params["azure_ad_token_provider"], config.place), advice=_ROLE)
    environ = os.environ if environ is None else environ
    if "azure_ad_token" in named:
        return _of_token(config.params["azure_ad_token"], f"{config.place}.azure_ad_token")
    if not named and environ.get(TOKEN_ENV, "").strip() and _is_home(config, environ):
        return _of_token(environ[TOKEN_ENV], f"environment variable {TOKEN_ENV}")
    if config.api_key:
        return Credential(
            key=config.api_key.get_secret_value(),
            advice="check that the key is one of this very resource (each resource has its own)",
        )
    return Credential(advice=_missing(config, environ))


def _named(config: ModelConfig) -> list[str]:
    """The credentials that the entry itself names."""
    variables = {f"environment variable {name}" for name in RECORD.api_key_env}
    own_key = config.api_key is not None and config.sources.get("api_key") not in variables
    others = [name for name in ("azure_ad_token", "azure_ad_token_provider") if config.params.get(name)]
    return [*(["api_key"] if own_key else []), *others]


def _is_home(config: ModelConfig, environ: Mapping[str, str]) -> bool:
    """Whether the endpoint has the origin that the environment names."""
    homes = [value.strip() for name in RECORD.base_url_env if (value := environ.get(name, "")).strip()]
    return bool(config.base_url and homes) and origin(config.base_url or "") == origin(homes[0])


def _missing(config: ModelConfig, environ: Mapping[str, str]) -> str:
    why = config.sources.get("api_key", "").partition("none: ")[2]
    why = why or "set AZURE_OPENAI_API_KEY and AZURE_OPENAI_ENDPOINT, or give api_key in the entry"
    held = (
        f" ({TOKEN_ENV} goes to the endpoint that AZURE_OPENAI_ENDPOINT names only)" if environ.get(TOKEN_ENV) else ""
    )
    return f'{why}{held}; or give azure_ad_token_provider, such as "DEFAULT"'


def _provider(value: object, place: str) -> Callable[[], str | Awaitable[str]]:
    if isinstance(value, str) and value.upper() == "DEFAULT":
        return default_provider()
    if callable(value):
        return cast("Callable[[], str | Awaitable[str]]", value)
    hint = "; wrap a credential with azure.identity.get_bearer_token_provider" if hasattr(value, "get_token") else ""
    given = "another text" if isinstance(value, str) else type(value).__name__
    msg = f'{place}.azure_ad_token_provider: must be a function that gives a token, or "DEFAULT", not {given}{hint}'
    raise ConfigError(msg)


def _of_token(value: object, place: str) -> Credential:
    credential = Credential(token=_clean(value), advice=_ROLE)
    if credential.token is not None:
        return credential
    del value  # so that no traceback holds it
    msg = f"{place}: must be the text of an Entra ID token, without line breaks"
    raise ConfigError(msg)


def _clean(value: object) -> str | None:
    """A token that can stand in a header; None when it is none."""
    token = value.strip() if isinstance(value, str) else ""
    return token if token and token.isascii() and token.isprintable() else None


async def token_from(provider: Callable[[], str | Awaitable[str]], endpoint: Endpoint) -> str:
    """Ask for a token; a sync provider is asked in a thread, for it may visit the network.

    Raises:
        ModelError: it gave none (kind ``auth``, or ``network`` when the identity service is out of reach).
        QuorateError: what the provider itself raised.
    """
    token = await _token_or_failure(provider, endpoint)
    # Here, where nothing that the provider gave or raised is in a local variable or behind the error.
    if isinstance(token, ModelError):
        raise token
    return token


async def _token_or_failure(provider: Callable[[], str | Awaitable[str]], endpoint: Endpoint) -> str | ModelError:
    try:
        given = await _asked(provider)
    except QuorateError:
        raise
    except Exception as error:  # noqa: BLE001 - anyone's code; told as what it is, a failure to authenticate
        return _refused(error, endpoint)
    token = _clean(given)
    return token or failure(endpoint, "auth", f"azure_ad_token_provider gave {type(given).__name__} that is no token")


async def _asked(provider: Callable[[], str | Awaitable[str]]) -> object:
    if inspect.iscoroutinefunction(provider):
        return await cast("Awaitable[str]", provider())
    given = await anyio.to_thread.run_sync(provider, abandon_on_cancel=True)
    return await given if inspect.isawaitable(given) else given


def _refused(error: Exception, endpoint: Endpoint) -> ModelError:
    names = {cls.__name__ for cls in type(error).__mro__}
    unreachable = isinstance(error, OSError) or bool(names & _TRANSPORT)
    said = _JWT.sub("***", excerpt(str(error)))
    what = f"no token from azure_ad_token_provider ({type(error).__name__}: {said})"
    return failure(endpoint, "network" if unreachable else "auth", what)
