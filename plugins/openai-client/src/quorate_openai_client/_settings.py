"""What a configuration means for this client: where requests go, with which headers, and what goes into them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.config.keys import is_secret
from quorate.config.origins import origin
from quorate.models.wire import Endpoint
from quorate_openai_client import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from quorate.config import ModelConfig

_CLIENT_KEYS = frozenset({"default_headers", "default_query", "http_client", "model_info", "organization", "project"})
_HOME = RECORD.base_url or ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, taken apart.

    Attributes:
        base_url: where requests go.
        key: the key, in clear; None to send none.
        timeout: seconds for each of connecting, sending and waiting for bytes; None for the SDK's default.
        headers: headers of every request.
        query: query parameters of every request.
        http_client: the user's HTTP client, or what makes one for each event loop; None for the SDK's.
        params: request parameters.
        endpoint: what errors name.
    """

    base_url: str
    key: str | None = field(repr=False)
    timeout: float | None
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, object] = field(repr=False)
    http_client: httpx2.AsyncClient | Callable[[], httpx2.AsyncClient] | None
    params: Mapping[str, Any]
    endpoint: Endpoint

    @property
    def sends_credentials(self) -> bool:
        """Whether requests carry a key, or an ``Authorization`` header of the user's own."""
        return self.key is not None or "Authorization" in self.headers

    @property
    def must_send_credentials(self) -> bool:
        """Whether the endpoint answers nobody without them: OpenAI's own."""
        return origin(self.base_url) == origin(_HOME)


def settings_of(config: ModelConfig) -> Settings:
    """Take a resolved configuration apart."""
    params = {key: value for key, value in config.params.items() if key not in _CLIENT_KEYS}
    base_url = config.base_url or _HOME
    key = config.api_key.get_secret_value() if config.api_key else None
    headers = _headers(config.params, base_url)
    return Settings(
        base_url=base_url,
        key=key,
        timeout=config.timeout,
        headers=headers,
        query=config.params.get("default_query") or {},
        http_client=config.params.get("http_client"),
        params=params,
        endpoint=_endpoint(config, base_url, key, headers),
    )


def _headers(params: Mapping[str, Any], base_url: str) -> dict[str, str]:
    """The configured headers; OpenAI's organization and project come from the environment for OpenAI alone."""
    environ: Mapping[str, str] = os.environ if origin(base_url) == origin(_HOME) else {}
    organization = params.get("organization") or environ.get("OPENAI_ORG_ID")
    project = params.get("project") or environ.get("OPENAI_PROJECT_ID")
    named = {"OpenAI-Organization": organization, "OpenAI-Project": project}
    return {name: value for name, value in named.items() if value} | headers_of(params.get("default_headers"))


def headers_of(given: Mapping[str, str] | None) -> dict[str, str]:
    """Headers of the user's, with ``Authorization`` so written: SDKs before 3.20 would send it beside their own."""
    return {
        "Authorization" if name.lower() == "authorization" else name: value for name, value in (given or {}).items()
    }


def _endpoint(config: ModelConfig, base_url: str, key: str | None, headers: Mapping[str, str]) -> Endpoint:
    secrets = [value for name, value in headers.items() if is_secret(name) or "key" in name.lower()]
    bare = [value.partition(" ")[2] for value in secrets]  # "Bearer x": an endpoint may echo x alone
    named = (key, *secrets, *bare)
    why = config.sources.get("api_key", "").partition("none: ")[2] or "give api_key in the entry"
    advice = f"no key was sent: {why}" if key is None and not secrets else None
    return Endpoint(
        url=base_url,
        model=config.model,
        secrets=tuple(sorted(filter(None, named), key=len, reverse=True)),
        advice={"auth": advice} if advice else {},
    )
