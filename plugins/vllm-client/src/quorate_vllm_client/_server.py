"""What the server says about itself: the models it serves, its version, and how it tokenises."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.models.failures import excerpt, failure
from quorate.models.wire import encode_request
from quorate.models.wire_json import is_array, is_object

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.models.wire import Endpoint
    from quorate_vllm_client._settings import Settings
    from quorate_vllm_client._transport import Transport

TEMPLATE_KEYS = ("chat_template", "chat_template_kwargs", "add_generation_prompt", "continue_final_message")
"""Request parameters that decide how a prompt is rendered."""


@dataclass(frozen=True, slots=True)
class Served:
    """The model that requests go to.

    Attributes:
        model: its name.
        context_length: tokens that prompt and answer may have together; None when the server does not say.
    """

    model: str
    context_length: int | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A rendered prompt.

    Attributes:
        tokens: its token ids.
        context_length: tokens that prompt and answer may have together.
    """

    tokens: tuple[int, ...]
    context_length: int


class Server:
    """Asks the server about itself; every question is one request.

    Args:
        settings: where it is.
        transport: how it is reached.
    """

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self._settings = settings
        self._transport = transport

    async def served(self, wanted: str) -> Served:
        """The model of this name, or the one that the server serves when the name is empty.

        Raises:
            ModelError: the server could not be asked, or serves several and none was named.
        """
        listed = await self._ask("GET", f"{self._settings.base_url}/models", "its list of models")
        return served(listed, wanted, self._settings.endpoint)

    async def version(self) -> tuple[int, ...]:
        """The server's version: ``(0, 32, 0)``.

        Raises:
            ModelError: the server could not be asked.
        """
        answer = await self._ask("GET", f"{self._settings.root}/version", "its version")
        return version_of(answer, self._settings.endpoint)

    async def prompt(
        self, messages: Sequence[Mapping[str, Any]], model: str, params: Mapping[str, Any], **more: Any
    ) -> Prompt:
        """The prompt that the server's chat template makes of these messages.

        Args:
            messages: messages in wire format.
            model: the model's name.
            params: request parameters; those of the template count.
            more: ``tools``.

        Raises:
            ModelError: the template refuses the messages (kind ``bad_request``), or the server could not be asked.
        """
        body = {key: value for key, value in in_body(params).items() if key in TEMPLATE_KEYS and value is not None}
        body |= {"model": model, "messages": list(messages), **more}
        answer = await self._ask("POST", f"{self._settings.root}/tokenize", "a tokenisation", body)
        tokens = answer.get("tokens")
        if not is_array(tokens) or not isinstance(length := answer.get("max_model_len"), int):
            raise _odd(answer, self._settings.endpoint, "a tokenisation")
        return Prompt(tuple(tokens), length)

    async def _ask(self, method: str, url: str, what: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        endpoint = self._settings.endpoint
        sent = None if body is None else encode_request(body)
        answer = await self._transport.open(method, url, sent, endpoint)
        outcome = _object(await answer.read(), endpoint, what)
        if isinstance(outcome, ModelError):
            raise outcome
        return outcome


def _object(content: bytes, endpoint: Endpoint, what: str) -> dict[str, Any] | ModelError:
    """The JSON object that a body holds; a failure, to be raised where no local variable holds the body."""
    try:
        value = json.loads(content)
    except ValueError:
        value = None
    return value if is_object(value) else _odd(content, endpoint, what)


def in_body(params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters as they stand in a request's body: what is in ``extra_body`` wins."""
    extra: Mapping[str, Any] = params.get("extra_body") or {}
    return {**params, **extra}


def served(listed: Mapping[str, Any], wanted: str, endpoint: Endpoint) -> Served:
    """The model of this name, or the only one, in what ``/v1/models`` lists; adapters count only when named.

    Raises:
        ModelError: there is none, or several and no name was given.
    """
    models = {str(each["id"]): each for each in listed.get("data") or () if is_object(each) and each.get("id")}
    if wanted:
        return Served(wanted, _length(models, wanted))
    bases = [name for name, each in models.items() if not each.get("parent")]
    if len(bases) == 1:
        return Served(bases[0], _length(models, bases[0]))
    what = f"it serves {', '.join(bases) or 'no model'}, and the configuration names none"
    raise failure(endpoint, "bad_request", f"{what}: name one as model")


def _length(models: Mapping[str, Mapping[str, Any]], name: str) -> int | None:
    each = models.get(name, {})
    length = each.get("max_model_len") or models.get(str(each.get("parent")), {}).get("max_model_len")
    return length if isinstance(length, int) else None


def version_of(answer: Mapping[str, Any], endpoint: Endpoint) -> tuple[int, ...]:
    """The version's numbers; what follows them (``rc1``, ``.dev3``, ``+cpu``) does not count.

    Raises:
        ModelError: it holds none.
    """
    found = re.match(r"v?(\d+(?:\.\d+)*)", str(answer.get("version") or ""))
    if found is None:
        raise _odd(answer, endpoint, "its version")
    return tuple(map(int, found[1].split(".")))


def _odd(answer: Any, endpoint: Endpoint, what: str) -> ModelError:
    shown = excerpt(answer if isinstance(answer, bytes) else json.dumps(answer))
    return failure(endpoint, "bad_response", f"asked for {what}, the server sent something else: {shown}")
