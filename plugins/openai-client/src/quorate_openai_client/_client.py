"""The client: chat completions through the openai SDK's raw responses, decoded by quorate.

The SDK's ``chat.completions.create`` walks every message of a request and builds a model object for every
streamed token; ``post`` with a raw response type is the SDK's public way around both.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

import httpx2
from openai import AsyncStream, Omit

from quorate.config import resolve
from quorate.models.failures import failure
from quorate.models.transport import ResponseAnswer
from quorate.models.wire_client import WireClient
from quorate_openai_client import RECORD
from quorate_openai_client._failures import CAUGHT, failure_of
from quorate_openai_client._sdk import sdk_clients
from quorate_openai_client._settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from quorate.config import ModelConfig
    from quorate.models.wire import Endpoint


class OpenAIChatCompletionClient(WireClient):
    """Chat completions at OpenAI or any endpoint that speaks its wire format.

    Beside the common keys a configuration may hold ``http_client`` (an ``httpx2.AsyncClient``, or what makes
    one for each event loop, such as ``openai.DefaultAioHttpClient``), ``default_headers``, ``default_query``,
    ``organization`` and ``project``; ``extra_headers``, ``extra_query``, ``extra_body`` and ``timeout`` may be
    given there or per call, as in the SDK. Everything else is sent as a request parameter.

    ``OPENAI_API_KEY`` goes to the default endpoint (``OPENAI_BASE_URL``, or OpenAI's) alone. Without a key no
    ``Authorization`` header is sent. Redirects are refused. It may be used from several event loops; each has
    connections of its own.

    Args:
        config: the configuration; or give its fields as keywords.
    """

    transport_params = frozenset({"extra_headers", "extra_query", "timeout"})

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        super().__init__(config, **fields)
        if config is None:
            self.config = resolve(self.config, RECORD)
        self._settings = settings_of(self.config)
        self._clients = sdk_clients(self._settings)

    async def close(self) -> None:
        """Close the connections of every event loop that used the client; closing twice is fine."""
        await self._clients.close()

    @property
    def endpoint(self) -> Endpoint:
        """What errors name."""
        return self._settings.endpoint

    def request_params(self) -> Mapping[str, Any]:
        """The configuration's request parameters, without what is the SDK client's."""
        return self._settings.params

    async def _open(self, body: bytes, params: Mapping[str, Any], *, stream: bool) -> ResponseAnswer:
        options = self._options(params)
        client = await self._clients.here()
        try:
            response = await client.post(
                "/chat/completions",
                content=body,
                cast_to=httpx2.Response,
                options=options,
                stream=stream,
                stream_cls=AsyncStream[Any],
            )
        except CAUGHT as error:
            failed = failure_of(error, self.endpoint)
        else:
            return ResponseAnswer(
                cast("httpx2.Response", response), CAUGHT, partial(failure_of, endpoint=self.endpoint)
            )
        # Outside the handler: the SDK's error holds the request, and with it the key.
        raise failed

    def _options(self, params: Mapping[str, Any]) -> Any:
        settings = self._settings
        headers = dict(params.get("extra_headers") or {})
        if not settings.sends_credentials and not any(name.lower() == "authorization" for name in headers):
            if settings.must_send_credentials:
                raise failure(settings.endpoint, "auth", "this endpoint needs a key")
            headers["Authorization"] = Omit()
        options: dict[str, Any] = {"follow_redirects": False, "headers": headers}
        if params.get("extra_query"):
            options["params"] = params["extra_query"]
        if params.get("timeout") is not None:
            options["timeout"] = params["timeout"]
        return options
