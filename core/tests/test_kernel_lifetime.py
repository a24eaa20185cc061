"""A kernel closes what it made: every client on its own loop, every executor; and can be used again after."""

from __future__ import annotations

import asyncio
import threading

import pytest

from quorate import CodeExecutorRecord, DoorError, ModelClientRecord, hookimpl
from quorate.config import ModelConfig
from quorate.testing import ScriptedClient, ScriptedExecutor, isolated_kernel


class Client:
    """Remembers on which loop it was closed."""

    def __init__(self, config):
        self.fails = config.params.get("fails", False)
        self.closed_on = []

    async def close(self):
        self.closed_on.append(asyncio.get_running_loop())
        if self.fails:
            msg = f"{self.fails} cannot be closed"
            raise RuntimeError(msg)


class Executor:
    """One with a plain method, as 0.2's executors have it."""

    def __init__(self, fails=False):
        self.fails = fails
        self.stopped_in = []

    def stop(self):
        self.stopped_in.append(threading.current_thread())
        if self.fails:
            msg = f"{self.fails} cannot be stopped"
            raise RuntimeError(msg)


class Plugin:
    @hookimpl
    def quorate_model_clients(self):
        yield ModelClientRecord(name="closing", factory=Client, default=True)

    @hookimpl
    def quorate_code_executors(self):
        yield CodeExecutorRecord(name="stopping", factory=Executor)
        yield CodeExecutorRecord(name="endless", factory=lambda **_: object())  # has no stop


def config(**fields):
    return ModelConfig.parse({"model": "m", **fields}, place="here")


@pytest.fixture
def kernel():
    return isolated_kernel(Plugin())


def test_closing_closes_clients_and_stops_executors_once(kernel):
    clients = [kernel.model_client(config(n=number)) for number in range(3)]
    executor = kernel.code_executor("stopping", {})
    kernel.code_executor("endless", {})
    kernel.close()
    kernel.close()
    assert [len(client.closed_on) for client in clients] == [1, 1, 1]
    assert executor.stopped_in == [threading.current_thread()]


def test_with_closes(kernel):
    with kernel as same:
        assert same is kernel
        client = kernel.model_client(config())
        assert client.closed_on == []
    assert len(client.closed_on) == 1


def test_with_closes_after_an_error_and_hides_nothing(kernel):
    def use():
        with kernel:
            made.append(kernel.model_client(config()))
            raise KeyError("mine")

    made = []
    with pytest.raises(KeyError, match="mine"):
        use()
    assert len(made[0].closed_on) == 1


def test_async_with_closes_on_the_loop_that_made_it(kernel):
    async def main():
        async with kernel as same:
            assert same is kernel
            client = kernel.model_client(config())
            executor = kernel.code_executor("stopping", {})
        assert client.closed_on == [asyncio.get_running_loop()]
        assert len(executor.stopped_in) == 1

    asyncio.run(main())


def test_after_closing_everything_is_made_anew(kernel):
    client, executor = kernel.model_client(config()), kernel.code_executor("stopping", {})
    kernel.close()
    assert kernel.model_client(config()) is not client
    assert kernel.code_executor("stopping", {}) is not executor
    assert kernel.names("model client") == ["closing"]
    kernel.close()
    assert len(client.closed_on) == 1


def test_clients_of_blocking_code_are_closed_from_a_loop_too(kernel):
    blocking = kernel.model_client(config())

    async def main():
        native = kernel.model_client(config())
        await kernel.aclose()
        return native, asyncio.get_running_loop()

    native, loop = asyncio.run(main())
    assert native.closed_on == [loop]
    [elsewhere] = blocking.closed_on
    assert elsewhere is not loop


def test_clients_of_a_loop_in_another_thread_are_closed_over_there(kernel):
    made, go_on = threading.Event(), threading.Event()
    told = {}

    async def work():
        told["client"], told["loop"] = kernel.model_client(config()), asyncio.get_running_loop()
        made.set()
        await asyncio.to_thread(go_on.wait)

    thread = threading.Thread(target=asyncio.run, args=(work(),))
    thread.start()
    made.wait()
    kernel.close()
    go_on.set()
    thread.join()
    assert told["client"].closed_on == [told["loop"]]


def test_clients_of_a_loop_that_has_ended_are_let_go(kernel):
    async def work():
        return kernel.model_client(config())

    client = asyncio.run(work())
    kernel.close()
    assert client.closed_on == []


def test_a_blocking_close_on_a_loop_that_has_clients_says_what_to_do(kernel):
    async def main():
        client = kernel.model_client(config())
        with pytest.raises(DoorError, match=r"await kernel\.aclose\(\)"):
            kernel.close()
        assert client.closed_on == []
        await kernel.aclose()
        assert len(client.closed_on) == 1

    asyncio.run(main())


def test_a_failure_keeps_nothing_else_open(kernel):
    executors = [kernel.code_executor("stopping", {"fails": fails}) for fails in ("A", "", "B")]
    clients = [kernel.model_client(config(fails=fails)) for fails in ("C", "", "D")]
    with pytest.raises(RuntimeError, match=r"^A cannot be stopped$"):
        kernel.close()
    assert [len(executor.stopped_in) for executor in executors] == [1, 1, 1]
    assert [len(client.closed_on) for client in clients] == [1, 1, 1]
    kernel.close()  # what failed is not asked again


def test_closing_one_kernel_leaves_another_alone(kernel):
    other = isolated_kernel(Plugin())
    client = other.model_client(config())
    kernel.model_client(config())
    kernel.close()
    assert client.closed_on == []


def test_scripted_parts_are_closed_with_their_kernel():
    model, executor = ScriptedClient(script=[]), ScriptedExecutor(script=[])
    with isolated_kernel(model, executor) as kernel:
        kernel.model_client(config())
        kernel.code_executor("scripted", {})
    assert (model.closed, executor.stopped) == (True, True)
