"""Where a configuration's requests go: endpoint, deployment and API version, as one URL.

Azure has two routes: ``/openai/deployments/{deployment}/chat/completions?api-version=2024-10-21``, and since 2025
``/openai/v1/chat/completions`` with the deployment in the body
(https://learn.microsoft.com/azure/foundry/openai/api-version-lifecycle).
"""

from __future__ import annotations

import os
import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from quorate.errors import ConfigError, ConfigWarning

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.config import ModelConfig

VERSION_ENV = ("AZURE_OPENAI_API_VERSION", "OPENAI_API_VERSION")
"""Variables that may hold the API version; the first set one wins."""

_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})(-[a-z0-9]+)?")
_V1_WORDS = ("v1", "preview", "latest")
_PATH = re.compile(
    r"(?P<front>.*?)(/openai(/(?P<v1>v1)|/deployments/(?P<deployment>[^/]+))?)?(/chat/completions)?", re.DOTALL
)
# The first specification that has it is 2024-09-01-preview (https://github.com/Azure/azure-rest-api-specs/issues/30810);
# older ones refuse the request.
_STREAM_USAGE_SINCE = "2024-09-01"


@dataclass(frozen=True, slots=True)
class Route:
    """Where requests go.

    Attributes:
        base_url: the SDK's base URL: ``https://r.openai.azure.com/openai``, or that with ``/v1``.
        path: the request's path under it.
        query: the query parameters of every request, ``api-version`` among them where the route has one.
        deployment: the deployment's name.
        version: the API version, for people; ``v1`` for the route without dates.
    """

    base_url: str
    path: str
    query: Mapping[str, str]
    deployment: str
    version: str

    @property
    def streams_usage(self) -> bool:
        """Whether this API version knows ``stream_options``."""
        dated = _DATED.fullmatch(self.version)
        return dated is None or dated[1] >= _STREAM_USAGE_SINCE


def route_of(config: ModelConfig, environ: Mapping[str, str] | None = None) -> Route:
    """The route of a resolved configuration.

    The endpoint may be the resource's (``https://r.openai.azure.com``), the SDK's base URL (``.../openai``,
    ``.../openai/v1``, ``.../openai/deployments/NAME``), or the whole target URI that Azure's portal shows.

    Args:
        config: the configuration, with its ``base_url``.
        environ: the environment; ``os.environ`` when None.

    Raises:
        ConfigError: no endpoint, deployment or API version is named, or two of them contradict each other.
    """
    if config.base_url is None:
        msg = (
            f"{config.place}: names no endpoint; give base_url (or azure_endpoint) such as "
            "https://RESOURCE.openai.azure.com, or set AZURE_OPENAI_ENDPOINT"
        )
        raise ConfigError(msg)
    parts = urlsplit(config.base_url)
    path = _PATH.fullmatch(parts.path.rstrip("/"))
    front, in_v1, in_url = (path["front"], path["v1"], path["deployment"]) if path else (parts.path, None, None)
    query = dict(parse_qsl(parts.query))
    deployment = _deployment(config, unquote(in_url) if in_url else None)
    version = _version(config, query.pop("api-version", None), os.environ if environ is None else environ)
    dated = version is not None and _DATED.fullmatch(version)
    base = parts._replace(path=f"{front}/openai", query="", fragment="").geturl()
    if in_v1 or (version is not None and not dated):
        if dated:
            _check_v1(config)
            version = None
        more = {"api-version": version} if version not in (None, "v1") else {}
        return Route(f"{base}/v1", "/chat/completions", query | more, deployment, version or "v1")
    if version is None:
        raise ConfigError(_no_version(config))
    own_path = f"/deployments/{quote(deployment, safe='')}/chat/completions"
    return Route(base, own_path, query | {"api-version": version}, deployment, version)


def _deployment(config: ModelConfig, in_url: str | None) -> str:
    """The deployment's name, exactly as written."""
    given = config.params.get("azure_deployment")
    if given is not None and not isinstance(given, str):
        msg = f"{config.place}.azure_deployment: must be text, not {type(given).__name__}"
        raise ConfigError(msg)
    if given and in_url and given != in_url:
        msg = (
            f"{config.place}.azure_deployment: says {given!r}, and the endpoint's URL {in_url!r}; leave one of them out"
        )
        raise ConfigError(msg)
    name = given or in_url or config.model
    if not name or name in (".", ".."):
        msg = f"{config.place}: names no deployment; give its name as model (or azure_deployment)"
        raise ConfigError(msg)
    return name


def _version(config: ModelConfig, in_url: str | None, environ: Mapping[str, str]) -> str | None:
    named = {name: value for name in VERSION_ENV if (value := environ.get(name, "").strip())}
    given = config.api_version or in_url
    if not given and len(set(named.values())) > 1:
        warnings.warn(f"{' and '.join(named)} differ; {next(iter(named))} is used", ConfigWarning, stacklevel=6)
    version = given or next(iter(named.values()), None)
    if version is None or version in _V1_WORDS or _DATED.fullmatch(version):
        return version
    where = f"{config.place}.api_version" if given else f"environment variable {next(iter(named))}"
    msg = f'{where}: must be a date such as 2024-10-21 or 2025-04-01-preview, or "v1" for the endpoint without dates'
    raise ConfigError(msg)


def _check_v1(config: ModelConfig) -> None:
    """A dated version at the v1 endpoint is an error when this entry says so, and else meant for others."""
    source = config.sources.get("api_version", "")
    if config.api_version and source != "default" and not source.startswith("environment variable"):
        msg = (
            f"{config.place}.api_version: the endpoint's URL names the v1 route, which knows no dated version; "
            "leave api_version out, or take /v1 off the URL"
        )
        raise ConfigError(msg)


def _no_version(config: ModelConfig) -> str:
    return (
        f'{config.place}: names no API version; give api_version a date such as "2024-10-21", or "v1" for the endpoint '
        f"without dates, or set {' or '.join(VERSION_ENV)}"
    )
