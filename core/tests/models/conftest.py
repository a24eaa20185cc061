"""Models that answer by a script behind a config list, and the four ways of asking them."""

from __future__ import annotations

import asyncio

import pytest

from quorate import BaseChatCompletionClient, CreateResult, Usage, iterate
from quorate._drive import drive
from quorate.testing import isolated_kernel

HELLO = [{"role": "user", "content": "hello"}]


class Scripted(BaseChatCompletionClient):
    """Answers by the script of its model, one step for each call.

    A step is a text, or a list of what happens: texts to stream, seconds to wait, an error to raise, a result.
    """

    def __init__(self, config, *, world):
        super().__init__(config)
        self.world = world

    async def create(self, messages, **request):
        *_, last = [part async for part in self.create_stream(messages, **request)]
        return last

    async def create_stream(self, messages, **request):
        model = self.config.model
        self.world.asked.append(model)
        self.world.requests.append(request)
        step = self.world.scripts[model].pop(0)
        try:
            for part in step if isinstance(step, list) else [step]:
                if isinstance(part, Exception):
                    raise part
                if isinstance(part, float):
                    await asyncio.sleep(part)
                else:
                    yield part
            if isinstance(step, str):
                yield CreateResult(step, usage=Usage(10, 2), model=model)
        finally:
            self.world.ended.append(model)


class World:
    """A kernel whose clients answer by scripts.

    Attributes:
        scripts: what each model still has to say.
        asked: the models that were asked, in order.
        requests: what they were asked beside the messages.
        ended: the models whose answer came to its end or was broken off.
    """

    def __init__(self, kernel):
        self.kernel = kernel
        self.scripts, self.asked, self.requests, self.ended = {}, [], [], []
        kernel.register_model_client(Scripted, world=self)

    def __call__(self, *entries, whole=None, **scripts):
        """A client over a config list: models or entries, in order; scripts as keywords."""
        self.scripts |= scripts
        return self.kernel.chat_client(self.config(*(entries or scripts), **(whole or {})))

    def config(self, *entries, **whole):
        """The same as an ``llm_config``."""
        listed = [entry if isinstance(entry, dict) else {"model": entry} for entry in entries]
        return {"config_list": [{"model_client_cls": "Scripted", **entry} for entry in listed], **whole}


@pytest.fixture
def kernel():
    with isolated_kernel() as kernel:
        yield kernel


@pytest.fixture
def world(kernel):
    return World(kernel)


@pytest.fixture
def new_world():
    """Make further worlds, each with a kernel of its own."""
    kernels = []

    def make():
        kernels.append(isolated_kernel())
        return World(kernels[-1])

    yield make
    for each in kernels:
        each.close()


def whole(client, messages=HELLO, **request):
    return drive(client.create(messages, **request)), []


def whole_async(client, messages=HELLO, **request):
    return asyncio.run(client.create(messages, **request)), []


def in_parts(client, messages=HELLO, **request):
    *parts, result = iterate(client.create_stream(messages, **request))
    return result, parts


def in_parts_async(client, messages=HELLO, **request):
    async def collect():
        return [part async for part in client.create_stream(messages, **request)]

    *parts, result = asyncio.run(collect())
    return result, parts


@pytest.fixture(params=[whole, whole_async, in_parts, in_parts_async])
def ask(request):
    """Ask a client in each of the four ways; gives the result and the parts before it."""
    return request.param


@pytest.fixture(params=[in_parts, in_parts_async])
def stream(request):
    """Ask for a stream in both modes."""
    return request.param
