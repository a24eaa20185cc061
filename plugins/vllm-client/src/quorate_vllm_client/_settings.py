"""What a configuration means for this client: where requests go, with which headers, and what goes into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from quorate.config.keys import is_secret
from quorate.models.wire import Endpoint
from quorate_vllm_client import RECORD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from quorate.config import ModelConfig
    from quorate.errors import FailureKind

_CLIENT_KEYS = frozenset({"default_headers", "http_client", "model_info", "shape_messages"})


@dataclass(frozen=True, slots=True)
class Settings:
    """A configuration, taken apart.

    Attributes:
        base_url: the server's address, without a slash at its end.
        timeout: seconds for each of connecting, sending and waiting for bytes; None for the default.
        headers: headers of every request.
        http_client: the user's HTTP client, or what makes one for each event loop; None for ours.
        shapes: whether messages are shaped to the model's template.
        params: request parameters.
        endpoint: what errors name.
    """

    base_url: str
    timeout: float | None
    headers: Mapping[str, str] = field(repr=False)
    http_client: httpx2.AsyncClient | Callable[[], httpx2.AsyncClient] | None
    shapes: bool
    params: Mapping[str, Any]
    endpoint: Endpoint

    @property
    def root(self) -> str:
        """The address of what vLLM serves beside the OpenAI routes: ``/version`` and ``/tokenize``."""
        return self.base_url.removesuffix("/v1")


def settings_of(config: ModelConfig) -> Settings:
    """Take a resolved configuration apart."""
    base_url = (config.base_url or RECORD.base_url or "").rstrip("/")
    key = config.api_key.get_secret_value() if config.api_key else None
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    given: Mapping[str, str] = config.params.get("default_headers") or {}
    if any(name.lower() == "authorization" for name in given):
        headers = {}
    headers |= given
    return Settings(
        base_url=base_url,
        timeout=config.timeout,
        headers=headers,
        http_client=config.params.get("http_client"),
        shapes=config.params.get("shape_messages") is not False,
        params={name: value for name, value in config.params.items() if name not in _CLIENT_KEYS},
        endpoint=_endpoint(config, base_url, key, headers),
    )


def _endpoint(config: ModelConfig, base_url: str, key: str | None, headers: Mapping[str, str]) -> Endpoint:
    secrets = [value for name, value in headers.items() if is_secret(name) or "key" in name.lower()]
    bare = [value.partition(" ")[2] for value in secrets]  # "Bearer x": an endpoint may echo x alone
    why = config.sources.get("api_key", "").partition("none: ")[2] or "give api_key in the entry"
    advice: dict[FailureKind, str] = {"network": "check base_url, and that the server is up (vllm serve MODEL)"}
    if not secrets:
        advice["auth"] = f"the server wants the key that it was started with (--api-key), and none was sent: {why}"
    return Endpoint(
        url=base_url,
        model=config.model or "that the server serves",
        secrets=tuple(sorted(filter(None, (key, *secrets, *bare)), key=len, reverse=True)),
        advice=advice,
    )
