"""The client: a Hugging Face model in this process. Neither torch nor transformers is imported before its first call."""

from __future__ import annotations

import asyncio
import logging
import threading
import weakref
from contextlib import aclosing
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from anyio import to_thread

from quorate.errors import ConfigError, MissingDependency, ModelError
from quorate.models import BaseChatCompletionClient, CreateResult
from quorate.models.deciding import checked, conversation, demanded
from quorate_hf_local_client._answers import (
    begun_call,
    check_calls,
    decision_of,
    merged_info,
    refuse_format,
    result_of,
    room_for,
)
from quorate_hf_local_client._engine import Job
from quorate_hf_local_client._loading import Lease
from quorate_hf_local_client._parameters import Plan, plan_of
from quorate_hf_local_client._settings import settings_of
from quorate_hf_local_client._template import Beginning, Template
from quorate_hf_local_client._waiting import Line

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence

    from quorate.config import ModelConfig
    from quorate.messages import Message
    from quorate_hf_local_client._engine import Engine
    from quorate_hf_local_client._settings import Settings
    from quorate_hf_local_client._template import Prompt


_SHORT = 4_000  # characters that are rendered and encoded in about a millisecond
_log = logging.getLogger(__package__)


class HFLocalClient(BaseChatCompletionClient):
    """A causal language model of Hugging Face transformers in this process, on a CPU or a GPU.

    ``model`` is a folder or a name on the hub. Beside it a configuration may hold ``device``, ``dtype``,
    ``params`` (parameters of transformers' ``generate()``, such as ``{"max_length": 1000}``), the request
    parameters ``max_tokens``, ``temperature``, ``top_p``, ``top_k``, ``min_p``, ``seed``, ``stop`` and ``n``,
    ``chat_template`` (text or file), ``chat_template_kwargs``, ``model_kwargs`` (for ``from_pretrained``),
    ``max_batch_size`` and ``model_info``.

    The model is loaded by the first call, in a thread, and shared by all clients in this process that ask for
    the same; the last one that is closed lets it go. Requests that wait at the same time are generated as one
    batch. ``model_info`` is known after the first call; what the configuration declares in it wins.

    Args:
        config: the configuration; or give its fields as keywords.

    Raises:
        ConfigError: the configuration cannot be used.
        MissingDependency: torch or transformers is not installed.
    """

    def __init__(self, config: ModelConfig | None = None, /, **fields: Any) -> None:
        super().__init__(config, **fields)
        self._settings = settings_of(self.config, self.model_info)
        try:
            plan_of({}, self._settings.layers)
        except ModelError as error:
            msg = f"{self._settings.load.place}.{error}"
            raise ConfigError(msg) from None
        for library in ("torch", "transformers"):
            if find_spec(library) is None:
                msg = f"the model client hf-local needs the library {library!r}; pip install {library}"
                raise MissingDependency(msg, name=library)
        self._reported: set[str] = set()
        self._guard = threading.Lock()
        self._lease: Lease | None = None
        self._template: tuple[Engine, Template] | None = None

    async def create(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> CreateResult:
        """Give the complete answer. Being cancelled ends the generation at its next token.

        Raises:
            ModelError: the request cannot be answered (``bad_request``, ``context_overflow``), or failed.
            MessageError: something is not a message.
            ConfigError: the model cannot be loaded.
        """
        async with aclosing(self._answer(messages, tools, tool_choice, response_format, params, stream=False)) as parts:
            async for part in parts:
                if not isinstance(part, str):
                    return part
        msg = "an answer ended without a result"
        raise ModelError(msg, kind="bug")

    async def create_stream(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        tool_choice: str = "auto",
        response_format: Any = None,
        **params: Any,
    ) -> AsyncIterator[str | CreateResult]:
        """Give the answer as it is written: text parts, then the complete result.

        Leaving the loop early ends the generation at its next token. With ``n`` above 1 the parts are those of
        the first answer. Raises what :meth:`create` raises.
        """
        async with aclosing(self._answer(messages, tools, tool_choice, response_format, params, stream=True)) as parts:
            async for part in parts:
                yield part

    async def choose(self, question: str | Sequence[Message], choices: Sequence[str], **_params: Any) -> CreateResult:
        """Do what :meth:`decide` does, and give the whole result.

        The choice is the most likely answer, its end included; parameters change nothing in that. ``raw`` has the
        natural logarithm of each choice's probability (``likelihoods``).

        Raises:
            ModelError: the choices are no choices (``bad_request``), do not fit (``context_overflow``), or it failed.
            MessageError: something is not a message.
            ConfigError: the model cannot be loaded.
        """
        options = checked(choices)
        asked = demanded(conversation(question), options)
        engine, template = await self._ready()
        line = Line()
        with engine.expecting():
            prompt = await _encoded(template, asked, (), Beginning())
            words = [template.words(option) for option in options]
            room_for(Plan(), len(prompt.ids) + max(map(len, words)), self.model_info.context_length, engine.name)
            rows = engine.choices(words)
            job = Job(prompt.ids, rows, line.tell)
            engine.submit(job)
        async with aclosing(line.parts(job)) as parts:
            async for _ in parts:
                pass
        result = decision_of(options, rows, prompt, self.config.model, job.batch)
        if self.config.price is not None:
            result.cost = None  # the kernel prices it
        return result

    async def count_tokens(
        self,
        messages: Sequence[Message],
        *,
        tools: Sequence[Mapping[str, Any]] = (),
        **params: Any,  # noqa: ARG002 - none of them changes the prompt
    ) -> int:
        """How many tokens the prompt of these messages has, the template's marks included.

        Raises:
            ModelError: the template cannot write these messages or tools (kind ``bad_request``).
            MessageError: something is not a message.
            ConfigError: the model cannot be loaded.
        """
        _, template = await self._ready()
        return len((await _encoded(template, messages, tools, None)).ids)

    async def close(self) -> None:
        """Let the model go; closing twice is fine, and a later call loads it again."""
        with self._guard:
            lease, self._lease, self._template = self._lease, None, None
        if lease is not None:
            await to_thread.run_sync(lease.release)

    async def _answer(
        self,
        messages: Sequence[Message],
        tools: Sequence[Mapping[str, Any]],
        tool_choice: str,
        response_format: Any,
        params: Mapping[str, Any],
        *,
        stream: bool,
    ) -> AsyncGenerator[str | CreateResult]:
        refuse_format(response_format)
        begun = begun_call(tools, tool_choice)
        offered = () if tool_choice == "none" else tools
        given = {key: value for key, value in params.items() if key != "params"}
        below: Mapping[str, Any] = params.get("params") or {}
        layers = (*self._settings.layers, below, given)
        plan_of({}, layers)  # what cannot be done is refused before a model is loaded for it
        engine, template = await self._ready()
        line = Line()
        with engine.expecting():
            plan = plan_of(engine.loaded.defaults, layers)
            prompt = await _encoded(template, messages, offered, begun)
            limit = room_for(plan, len(prompt.ids), self.model_info.context_length, engine.name)
            tell = line.tell if stream else None
            rows = engine.answers(plan, prompt, limit=limit, tools=bool(offered), tell=tell)
            job = Job(prompt.ids, rows, line.tell, plan.others)
            engine.submit(job)
        async with aclosing(line.parts(job)) as parts:
            async for part in parts:
                yield part
        self._report(prompt.notes, engine.name)
        result = result_of(rows, prompt, self.config.model, job.batch)
        if self.config.price is not None:
            result.cost = None  # the kernel prices it
        check_calls(result, begun, engine.name)
        yield result

    def _report(self, notes: Sequence[str], name: str) -> None:
        """Log each change to the messages once; every result has its own."""
        for note in notes:
            if note not in self._reported:
                self._reported.add(note)
                _log.info("%s: %s", name, note)

    async def _ready(self) -> tuple[Engine, Template]:
        """The loaded model and its template; loads them when this client has none."""
        with self._guard:
            if self._template is not None:
                return self._template
            if self._lease is None:
                self._lease = Lease(self._settings.load)
                weakref.finalize(self, self._lease.release, wait=False)
            lease = self._lease
        engine, template = await to_thread.run_sync(_open, lease, self._settings, abandon_on_cancel=True)
        with self._guard:
            self.model_info = merged_info(self._settings.info, template.abilities, engine.loaded.context)
            if self._lease is lease:
                self._template = (engine, template)
        return engine, template


async def _encoded(
    template: Template, messages: Sequence[Message], tools: Sequence[Mapping[str, Any]], begun: Beginning | None
) -> Prompt:
    """The prompt; a long one is made in a thread, a short one here, for less than a thread costs."""
    await asyncio.sleep(0)  # others that were started together with this one enter the queue together with it
    if len(str(messages)) + len(str(tools)) > _SHORT:
        return await to_thread.run_sync(template.encode, messages, tools, begun)
    return template.encode(messages, tools, begun)


def _open(lease: Lease, settings: Settings) -> tuple[Engine, Template]:
    engine = lease.engine()
    return engine, Template(engine.loaded.tokenizer, settings)
