"""What a client has found out about its server, asked once and kept until the server says otherwise."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from quorate.errors import ModelError
from quorate.models.shaping import Shaped, shaping
from quorate_vllm_client._server import TEMPLATE_KEYS, Served, in_body
from quorate_vllm_client._template import has, learned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from quorate.models.loops import PerLoop
    from quorate.models.shaping import Feature
    from quorate_vllm_client._loops import Loop
    from quorate_vllm_client._server import Prompt, Server

_log = logging.getLogger("quorate.vllm")
_UNREACHED = ("network", "timeout", "auth")


class Knowledge:
    """The model that is served, the server's version, and what its chat templates can do.

    Args:
        server: whom to ask.
        loops: the event loops that ask; in each, one question is asked at a time.
        model: the configured model; empty for the one that is served.
        system_role: whether the template takes system messages, when the user has said so.
    """

    def __init__(self, server: Server, loops: PerLoop[Loop], model: str, *, system_role: bool | None = None) -> None:
        self._server = server
        self._loops = loops
        self._model = model
        self._served: Served | None = None
        self._version: tuple[int, ...] | None = None
        self._asked_version = False
        self._declared: dict[Feature, bool] = {} if system_role is None else {"system": system_role}
        self._features: dict[str, dict[Feature, bool]] = {}
        self._told: set[str] = set()

    def forget(self) -> None:
        """The server is not what it was: ask again."""
        self._served, self._asked_version = None, False
        self._features.clear()

    async def served(self) -> Served:
        """The model that requests go to.

        A server without a list of models is asked nothing more when the configuration names the model.

        Raises:
            ModelError: the server cannot be reached, or no model was named and it is not clear which it is.
        """
        if self._served is None:
            async with (await self._loops.here()).asking:
                if self._served is None:
                    self._served = await self._ask_served()
        return self._served

    async def _ask_served(self) -> Served:
        try:
            return await self._server.served(self._model)
        except ModelError as error:
            if not self._model or error.kind in _UNREACHED:
                raise
            _log.debug("the list of models cannot be had: %s", error)
            return Served(self._model)

    async def version(self) -> tuple[int, ...] | None:
        """The server's version; None when it does not say, as behind a gateway.

        Raises:
            ModelError: the server cannot be reached.
        """
        if not self._asked_version:
            async with (await self._loops.here()).asking:
                if not self._asked_version:
                    self._version = await self._ask_version()
                    self._asked_version = True
        return self._version

    async def _ask_version(self) -> tuple[int, ...] | None:
        try:
            return await self._server.version()
        except ModelError as error:
            if error.kind in _UNREACHED:
                raise
            _log.debug("the version cannot be had: %s", error)
            return None

    async def prompt(self, messages: Sequence[Mapping[str, Any]], params: Mapping[str, Any], **more: Any) -> Prompt:
        """The prompt that these messages become.

        Raises:
            ModelError: the template refuses them, or the server cannot be reached or has no ``/tokenize``.
        """
        await self.served()
        return await self._server.prompt(messages, self._model_of(params), params, **more)

    async def shape(self, messages: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> Shaped:
        """The messages as the chat template takes them; each kind of change is logged once.

        Raises:
            ModelError: the server cannot be reached.
        """
        features = self.features(params)
        shaper = shaping(messages)
        try:
            asked = next(shaper)
            while True:
                asked = shaper.send(await self._has(asked, features, params))
        except StopIteration as done:
            shaped: Shaped = done.value
            self._tell(shaped.notes)
            return shaped

    async def _has(self, asked: Feature, features: dict[Feature, bool], params: Mapping[str, Any]) -> bool:
        if asked not in features:
            async with (await self._loops.here()).asking:
                if asked not in features:
                    features[asked] = await has(asked, lambda given: self._render(given, params))
        return features[asked]

    async def _render(self, messages: Sequence[Mapping[str, Any]], params: Mapping[str, Any]) -> Prompt:
        return await self._server.prompt(messages, self._model_of(params), params)

    def features(self, params: Mapping[str, Any]) -> dict[Feature, bool]:
        """What is known of the template that these parameters choose."""
        given = in_body(params)
        key = json.dumps(
            [self._model_of(params), *(given.get(key) for key in TEMPLATE_KEYS)], sort_keys=True, default=repr
        )
        return self._features.setdefault(key, dict(self._declared))

    def _model_of(self, params: Mapping[str, Any]) -> str:
        return str(in_body(params).get("model") or (self._served.model if self._served else self._model))

    def learn(self, error: ModelError, params: Mapping[str, Any]) -> bool:
        """Take what an error of the chat route says about the template; whether it was news."""
        features = self.features(params)
        news: set[Feature] = {name for name in learned(str(error)) if features.get(name, True)}
        for name in news:
            features[name] = False
        return bool(news) and error.kind == "bad_request"

    def _tell(self, notes: Sequence[str]) -> None:
        for note in notes:
            if note not in self._told:
                self._told.add(note)
                _log.info("%s: %s", self._model or "vLLM", note)
