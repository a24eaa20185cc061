"""The client: Azure OpenAI deployments through the openai SDK's raw responses, decoded by quorate.

The SDK's ``chat.completions.create`` walks every message of a request and builds a model object for every
streamed token; ``post`` with a raw response type is the SDK's public way around both.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpx2
from openai import AsyncStream, Omit

from quorate.config import resolve
from quorate.config.keys import MASK
from quorate.errors import ModelError
from quorate.models.failures import failure
from quorate.models.transport import ResponseAnswer
from quorate.models.wire_client import WireClient
from quorate_azure_client import RECORD
from quorate_azure_client._credentials import token_from
from quorate_azure_client._failures import CAUGHT, failure_of
from quorate_azure_client._sdk import sdk_clients
from quorate_azure_client._settings import CREDENTIAL_HEADERS, headers_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.config import ModelConfig
    from quorate.models.wire import Endpoint


class AzureOpenAIChatCompletionClient(WireClient):
    """Chat completions at a deployment of an Azure OpenAI resource.

    ``model`` is the deployment's name, as written. Beside the common keys a configuration may hold
    ``azure_endpoint`` (the same as ``base_url``), ``azure_deployment`` (when ``model`` is to be another name),
    ``azure_ad_token``, ``azure_ad_token_provider`` (a function, sync or async, asked before each request, or
    ``"DEFAULT"`` for azure-identity's ``DefaultAzureCredential``), ``http_client``, ``default_headers``,
    ``default_query``, ``organization`` and ``project``; ``extra_headers``, ``extra_query``, ``extra_body`` and
    ``timeout`` may be given there or per call, as in the SDK. Everything else is sent as a request parameter.

    ``AZURE_OPENAI_API_KEY`` and ``AZURE_OPENAI_AD_TOKEN`` go to the endpoint that ``AZURE_OPENAI_ENDPOINT``
    names alone. Redirects are refused. It may be used from several event loops; each has connections of its own.

    Args:
        config: the configuration; or give its fields as keywords.

    Raises:
        ConfigError: endpoint, deployment or API version is missing, or something is named twice.
        MissingDependency: it asks for azure-identity, which is not installed.
    """

    transport_params = frozenset({"extra_headers", "extra_query", "timeout"})

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        super().__init__(config, **fields)
        self.config = resolve(self.config, RECORD)
        self._settings = settings_of(self.config)
        # What is asked for is the deployment, whatever the entry calls it.
        self.config = self.config.model_copy(update={"model": self._settings.route.deployment})
        self._clients = sdk_clients(self._settings)

    @property
    def endpoint(self) -> Endpoint:
        """What errors name."""
        return self._settings.endpoint

    def request_params(self) -> Mapping[str, Any]:
        """The configuration's own request parameters; those of a call win over them."""
        return self._settings.params

    async def close(self) -> None:
        """Close the connections of every event loop that used the client; closing twice is fine."""
        await self._clients.close()

    async def _open(self, body: bytes, params: Mapping[str, Any], *, stream: bool) -> ResponseAnswer:
        answer = await self._asked(body, params, stream=stream)
        # Here, where neither a local variable nor the SDK's own error behind it holds the credential.
        if isinstance(answer, ModelError):
            raise answer
        return answer

    async def _asked(self, body: bytes, params: Mapping[str, Any], *, stream: bool) -> ResponseAnswer | ModelError:
        route = self._settings.route
        try:
            headers, endpoint = await self._headers(params.get("extra_headers"))
        except ModelError as error:
            return error.with_traceback(None)
        client = await self._clients.here()
        try:
            response = await client.post(
                route.path,
                content=body,
                cast_to=httpx2.Response,
                options=_options(params, headers),
                stream=stream,
                stream_cls=AsyncStream[Any],
            )
        except CAUGHT as error:
            return failure_of(error, endpoint, route.version)
        translate = partial(failure_of, endpoint=endpoint, version=route.version)
        return ResponseAnswer(cast("httpx2.Response", response), CAUGHT, translate)

    async def _headers(self, extra: Mapping[str, str] | None) -> tuple[dict[str, str | Omit], Endpoint]:
        """The headers of one request, its credential among them, and what its errors must not show."""
        own, credential, endpoint = self._settings.headers, self._settings.credential, self.endpoint
        # Each is stated or left out: the SDK's 3.0 adds the environment's token where none is stated.
        stated: dict[str, str | Omit] = {name: own.get(name, Omit()) for name in CREDENTIAL_HEADERS}
        stated |= headers_of(extra)
        if any(isinstance(stated[name], str) for name in CREDENTIAL_HEADERS):
            return stated, endpoint
        if credential.key is not None:
            return stated | {"api-key": _Hidden(credential.key)}, endpoint
        token = credential.token
        if credential.provider is not None:
            token = await token_from(credential.provider, endpoint)
            endpoint = replace(endpoint, secrets=(token, *endpoint.secrets))
        if token is None:
            raise failure(endpoint, "auth", "this endpoint needs a key or a token")
        return stated | {"Authorization": _Hidden(f"Bearer {token}")}, endpoint


def _options(params: Mapping[str, Any], headers: Mapping[str, str | Omit]) -> Any:
    options: dict[str, Any] = {"follow_redirects": False, "headers": headers}
    if params.get("extra_query"):
        options["params"] = params["extra_query"]
    if params.get("timeout") is not None:
        options["timeout"] = params["timeout"]
    return options


class _Hidden(str):
    """Text that shows itself to nobody who prints the SDK's local variables; its 3.0 logs errors with theirs."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(MASK)
