"""Plugins registered by hand: the contract is checked, a refused one leaves no trace, and threads do not mind."""

from __future__ import annotations

import threading
import types

import pytest

from quorate import (
    CodeExecutorRecord,
    ConfigLoaderRecord,
    InvalidPlugin,
    Kernel,
    ModelClientRecord,
    ReplyFunctionRecord,
    UnknownName,
    hookimpl,
)

BUILT_IN = ["quorate-agents", "quorate-coding", "quorate-config"]


def offering(*records):
    """A plugin that offers model clients."""

    class Plugin:
        @hookimpl
        def quorate_model_clients(self):
            yield from records

    return Plugin()


def client(name="parrot", **fields):
    return ModelClientRecord(name=name, **{"factory": "nowhere:Client", **fields})


@pytest.fixture
def kernel():
    with Kernel(autoload=False) as made:
        yield made


def test_the_built_in_plugins_come_first_and_use_the_same_hooks(kernel):
    kernel.register(offering(client()), "a-plugin")
    assert [info.name for info in kernel.plugins()] == [*BUILT_IN, "a-plugin"]
    assert {info.origin for info in kernel.plugins()[:3]} == {"built-in"}
    assert kernel.names("reply function") == [
        "code-execution",
        "function-call",
        "model",
        "termination-and-human",
        "tool-calls",
    ]
    assert kernel.names("code executor") == ["local"]


def test_an_instance_is_registered_with_its_records(kernel):
    record = client(summary="Says it again")
    kernel.register(offering(record), "parrots")
    info = kernel.plugins()[-1]
    assert (info.name, info.origin, info.status, info.error) == ("parrots", "registered", "active", None)
    assert (info.distribution, info.version) == (None, None)
    assert info.offers == (("model client", record),)
    assert info.label == "parrots"
    assert kernel.record("model client", "parrot") is record
    assert kernel.offer("model client", "parrot") == (info, record)


def test_a_module_is_registered_with_records_of_every_kind(kernel):
    module = types.ModuleType("everything")
    records = {
        "model client": ("quorate_model_clients", client("all")),
        "config loader": ("quorate_config_loaders", ConfigLoaderRecord(name="all", factory=list)),
        "reply function": ("quorate_reply_functions", ReplyFunctionRecord(name="all", factory=print)),
        "code executor": ("quorate_code_executors", CodeExecutorRecord(name="all", factory=dict, isolation="vm")),
    }
    for hook, record in records.values():
        setattr(module, hook, hookimpl(lambda record=record: [record]))
    kernel.register(module, "everything")
    for kind, (_, record) in records.items():
        assert kernel.record(kind, "all") is record


def test_a_hook_may_offer_nothing(kernel):
    class Empty:
        @hookimpl
        def quorate_model_clients(self):
            return None

    kernel.register(Empty(), "empty")
    assert kernel.plugins()[-1].offers == ()


# -- what is refused leaves no trace


def _raising():
    yield client("first")
    msg = "no second\none"
    raise RuntimeError(msg)


BAD = {
    "type": (
        [CodeExecutorRecord(name="a", factory=dict)],
        "yielded CodeExecutorRecord; it must yield ModelClientRecord",
    ),
    "name": ([client("UPPER")], "quorate_model_clients: 'UPPER' cannot name a record: lower-case letters and digits"),
    "no name": ([client("")], "'' cannot name a record"),
    "alias": ([client(aliases=("a b",))], "'a b' cannot name a record"),
    "aliases that are a text": ([client(aliases="abc")], "aliases of 'parrot' is 'abc'; it must be a tuple of texts"),
    "keys that are a text": (
        [client(api_key_env="KEY")],
        "api_key_env of 'parrot' is 'KEY'; it must be a tuple of texts",
    ),
    "summary": ([client(summary=None)], "summary of 'parrot' is None; it must be a text"),
    "factory": ([client(factory="module.attribute")], "is 'module.attribute'; write 'module:attribute'"),
    "no factory": ([client(factory=None)], "the factory of 'parrot' is None; write 'module:attribute'"),
    "half a factory": ([client(factory="module:")], "write 'module:attribute'"),
    "one name twice": ([client(), client()], "it offers the model client 'parrot' twice"),
    "a name as alias": ([client(), client("other", aliases=("parrot",))], "it offers the model client 'parrot' twice"),
    "second one raises": (_raising(), "RuntimeError: no second one"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_plugin_that_breaks_the_contract_is_refused_without_a_trace(kernel, case):
    records, message = BAD[case]
    before = kernel.plugins()
    plugin = offering(*records) if isinstance(records, list) else offering_from(records)
    with pytest.raises(InvalidPlugin) as caught:
        kernel.register(plugin, "bad")
    assert str(caught.value).startswith("the plugin 'bad' cannot be registered: ")
    assert message in str(caught.value)
    assert kernel.plugins() == before
    assert kernel.names("model client") == []
    kernel.register(offering(client()), "bad")  # the name is free
    assert kernel.names("model client") == ["parrot"]


def offering_from(records):
    class Plugin:
        @hookimpl
        def quorate_model_clients(self):
            return records

    return Plugin()


def test_the_cause_of_a_refusal_is_chained(kernel):
    with pytest.raises(InvalidPlugin) as caught:
        kernel.register(offering_from(_raising()), "bad")
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize("name", ["", "Upper", "a--b", "-a", "a/b", "a@b", "ä", 7])
def test_a_bad_plugin_name_is_refused(kernel, name):
    with pytest.raises(InvalidPlugin, match="cannot name a plugin"):
        kernel.register(offering(client()), name)


def test_a_taken_name_is_refused_and_its_owner_stays(kernel):
    kernel.register(offering(client()), "mine")
    with pytest.raises(InvalidPlugin, match=r"'mine' is already taken by mine"):
        kernel.register(offering(client("other")), "mine")
    with pytest.raises(InvalidPlugin, match=r"is already taken by quorate-coding"):
        kernel.register(offering(client("other")), "quorate-coding")
    assert kernel.names("model client") == ["parrot"]


def test_one_object_is_registered_once(kernel):
    plugin = offering(client())
    kernel.register(plugin, "first")
    with pytest.raises(InvalidPlugin, match="the same object is already registered as 'first'"):
        kernel.register(plugin, "second")
    assert kernel.names("model client") == ["parrot"]
    kernel.unregister("first")
    kernel.register(plugin, "second")


@pytest.mark.parametrize("plugin", [None, object(), types.ModuleType("empty"), 3])
def test_something_without_hooks_is_refused(kernel, plugin):
    with pytest.raises(InvalidPlugin, match=r"it implements no hook.*@quorate\.hookimpl"):
        kernel.register(plugin, "nothing")


# -- unregistering


def test_an_unregistered_plugin_is_gone(kernel):
    before = kernel.plugins()
    kernel.register(offering(client()), "mine")
    kernel.unregister("mine")
    assert kernel.plugins() == before
    with pytest.raises(UnknownName):
        kernel.record("model client", "parrot")


@pytest.mark.parametrize("name", ["never-there", "quorate-coding"])
def test_only_what_was_registered_by_hand_is_unregistered(kernel, name):
    before = kernel.plugins()
    with pytest.raises(InvalidPlugin, match=f"no plugin is registered by hand as '{name}'"):
        kernel.unregister(name)
    assert kernel.plugins() == before


# -- beside installed ones


def test_registering_by_hand_wins_over_an_installed_plugin_of_that_name(env, client_code):
    env.add("quorate-rival", client_code("rival"), version="3.0")
    program = """
import json, warnings
from quorate import Kernel, ModelClientRecord, hookimpl
class Plugin:
    @hookimpl
    def quorate_model_clients(self):
        yield ModelClientRecord(name="mine", factory=dict)
warnings.simplefilter("ignore")
kernel = Kernel()
kernel.register(Plugin(), "rival")
told = [[info.label, info.status, info.error] for info in kernel.plugins() if info.name == "rival"]
kernel.unregister("rival")
told += [[info.label, info.status, info.error] for info in kernel.plugins() if info.name == "rival"]
late = Kernel()
late.plugins()
try:
    late.register(Plugin(), "rival")
except Exception as error:
    told.append(str(error))
print(json.dumps(told))
"""
    error = "the plugin name 'rival' is already taken by rival"
    assert env.run(program) == [
        ["rival", "active", None],
        ["rival (quorate-rival 3.0)", "broken", error],
        ["rival (quorate-rival 3.0)", "broken", error],
        "the plugin 'rival' cannot be registered: the plugin name 'rival' is already taken by rival (quorate-rival 3.0)",
    ]


def test_many_threads_that_need_plugins_first_find_each_once(env, client_code):
    for number in range(5):
        env.add(f"quorate-p{number}", f"import time\ntime.sleep(0.02)\n{client_code(f'p{number}')}")
    program = """
import json, threading, warnings
warnings.simplefilter("error")
from quorate import Kernel
kernel, told, together = Kernel(), [], threading.Barrier(16)
def ask():
    together.wait()
    told.append([[info.name, info.status] for info in kernel.plugins() if info.distribution])
threads = [threading.Thread(target=ask) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(json.dumps(told))
"""
    assert env.run(program) == [[[f"p{number}", "active"] for number in range(5)]] * 16


def test_threads_register_side_by_side(kernel):
    together = threading.Barrier(8)

    def register(number):
        together.wait()
        for each in range(10):
            kernel.register(offering(client(f"c{number}-{each}")), f"p{number}-{each}")

    threads = [threading.Thread(target=register, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(kernel.names("model client")) == 80


def test_two_kernels_share_nothing(kernel):
    with Kernel(autoload=False) as other:
        kernel.register(offering(client()), "mine")
        assert other.names("model client") == []
        other.register(offering(client()), "mine")
        assert kernel.record("model client", "parrot") is not other.record("model client", "parrot")
