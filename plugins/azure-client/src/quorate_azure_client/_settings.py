"""What a configuration means for this client: where requests go, with which headers, and what goes into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.config.keys import is_secret
from quorate.models.wire import Endpoint
from quorate_azure_client._credentials import credential_of
from quorate_azure_client._route import route_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from quorate.config import ModelConfig
    from quorate_azure_client._credentials import Credential
    from quorate_azure_client._route import Route

_CLIENT_KEYS = frozenset(
    "azure_ad_token azure_ad_token_provider azure_deployment default_headers default_query http_client model_info "
    "organization project".split()
)

CREDENTIAL_HEADERS = ("Authorization", "api-key")
"""The headers that carry a credential."""

_SPELLING = {name.lower(): name for name in CREDENTIAL_HEADERS}


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, taken apart.

    Attributes:
        route: where requests go.
        credential: what they are allowed in with.
        timeout: seconds for each of connecting, sending and waiting for bytes; None for the SDK's default.
        headers: headers of every request, without the credential.
        query: query parameters of every request.
        http_client: the user's HTTP client, or what makes one for each event loop; None for the SDK's.
        params: request parameters.
        endpoint: what errors name.
    """

    route: Route
    credential: Credential
    timeout: float | None
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, object] = field(repr=False)
    http_client: httpx2.AsyncClient | Callable[[], httpx2.AsyncClient] | None
    params: Mapping[str, Any]
    endpoint: Endpoint


def settings_of(config: ModelConfig) -> Settings:
    """Take a completed configuration apart.

    Raises:
        ConfigError: endpoint, deployment, API version or credential is missing where it is needed, or named twice.
        MissingDependency: it asks for azure-identity, which is not installed.
    """
    route = route_of(config)
    credential = credential_of(config)
    headers = _headers(config.params)
    params = {key: value for key, value in config.params.items() if key not in _CLIENT_KEYS}
    return Settings(
        route=route,
        credential=credential,
        timeout=config.timeout,
        headers=headers,
        query={**(config.params.get("default_query") or {}), **route.query},
        http_client=config.params.get("http_client"),
        params=params if route.streams_usage else {"stream_options": None, **params},
        endpoint=_endpoint(route, credential, headers),
    )


def _headers(params: Mapping[str, Any]) -> dict[str, str]:
    named = {"OpenAI-Organization": params.get("organization"), "OpenAI-Project": params.get("project")}
    return {name: value for name, value in named.items() if value} | headers_of(params.get("default_headers"))


def headers_of(given: Mapping[str, str] | None) -> dict[str, str]:
    """Headers of the user's; those that carry a credential under one spelling, so that none is sent twice."""
    return {_SPELLING.get(name.lower(), name): value for name, value in (given or {}).items()}


def _endpoint(route: Route, credential: Credential, headers: Mapping[str, str]) -> Endpoint:
    secrets = [value for name, value in headers.items() if is_secret(name) or "key" in name.lower()]
    bare = [value.partition(" ")[2] for value in secrets]  # "Bearer x": an endpoint may echo x alone
    named = (credential.key, credential.token, *secrets, *bare)
    return Endpoint(
        url=route.base_url,
        model=route.deployment,
        secrets=tuple(sorted(filter(None, named), key=len, reverse=True)),
        advice={
            "auth": credential.advice,
            "bad_request": f"check it against what this deployment and api_version {route.version} accept",
            "bad_response": "check that base_url is the endpoint of an Azure OpenAI resource",
        },
    )
