"""The kernel makes clients and executors: one per record, configuration and loop; and says what is missing."""

from __future__ import annotations

import asyncio
import threading

import pytest

import quorate
from quorate import (
    AssistantAgent,
    CodeExecutorRecord,
    ConfigError,
    InvalidPlugin,
    Kernel,
    MissingDependency,
    ModelClientRecord,
    UserProxyAgent,
    default_kernel,
    hookimpl,
)
from quorate.config import ModelConfig
from quorate.testing import ScriptedClient, isolated_kernel


class Client:
    """Remembers what it was made with."""

    def __init__(self, config):
        self.config = config


class Executor:
    def __init__(self, **options):
        self.options = options


class Plugin:
    @hookimpl
    def quorate_model_clients(self):
        yield ModelClientRecord(name="one", factory=Client, aliases=("uno",), default=True, api_key_env=("ONE_KEY",))
        yield ModelClientRecord(name="two", factory=Client)

    @hookimpl
    def quorate_code_executors(self):
        yield CodeExecutorRecord(name="moon", factory=Executor, isolation="vm", network=False)
        yield CodeExecutorRecord(name="strict", factory=lambda *, depth=1: depth)


def config(**fields):
    return ModelConfig.parse({"model": "m", **fields}, place="config_list[0]")


@pytest.fixture
def kernel():
    return isolated_kernel(Plugin())


# -- clients


def test_equal_configurations_share_a_client(kernel):
    made = kernel.model_client(config(client="one"))
    assert kernel.model_client(config(client="one")) is made
    assert kernel.model_client(config(client="two")) is not made
    assert kernel.model_client(config(client="one", temperature=0)) is not made


def test_every_way_to_name_a_record_counts_as_its_own_configuration_but_gives_that_record(kernel):
    for name in ("one", "uno", "one@plugin-1", None):
        fields = {"client": name} if name else {}
        assert kernel.model_client(config(**fields)).config.model == "m"
        assert kernel.model_record(config(**fields)).name == "one"


def test_each_loop_has_a_client_of_its_own(kernel):
    async def ask():
        first = kernel.model_client(config())
        await asyncio.sleep(0)
        assert kernel.model_client(config()) is first
        return first

    blocking, one, other = kernel.model_client(config()), asyncio.run(ask()), asyncio.run(ask())
    assert len({id(blocking), id(one), id(other)}) == 3


def test_two_kernels_have_clients_of_their_own(kernel):
    assert kernel.model_client(config()) is not isolated_kernel(Plugin()).model_client(config())


def test_a_client_is_made_with_the_key_that_belongs_to_it(kernel, monkeypatch):
    monkeypatch.setenv("ONE_KEY", "secret")
    assert kernel.model_client(config()).config.api_key.get_secret_value() == "secret"
    assert kernel.model_client(config(client="two")).config.api_key is None


def test_a_client_of_a_plugin_that_was_replaced_is_not_used_again(kernel):
    before = kernel.model_client(config(client="one"))
    kernel.unregister("plugin-1")
    kernel.register(Plugin(), "plugin-1")
    assert kernel.model_client(config(client="one")) is not before


def test_threads_share_one_client(kernel):
    together, made = threading.Barrier(8), []

    def ask():
        together.wait()
        made.append(kernel.model_client(config()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(each) for each in made}) == 1


# -- client classes of the program's own


def test_a_registered_class_is_seen_by_every_agent_of_the_kernel(kernel):
    own = {"model": "m", "model_client_cls": "ScriptedClient"}
    agents = [AssistantAgent(name, llm_config=own, kernel=kernel) for name in ("one", "two")]
    agents[0].register_model_client(ScriptedClient, script=["first TERMINATE", "second TERMINATE"])
    user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, kernel=kernel)
    said = [user.initiate_chat(agent, message="Hello", silent=True).chat_history[-1]["content"] for agent in agents]
    assert said == ["first TERMINATE", "second TERMINATE"]


def test_an_unregistered_class_says_how_to_register_it(kernel):
    own = config(model_client_cls="Mine")
    assert kernel.missing_client_classes([own, config()]) == ["Mine"]
    with pytest.raises(ConfigError) as caught:
        kernel.model_client(own)
    assert str(caught.value) == (
        "config_list[0].model_client_cls: Mine is not registered; "
        "call agent.register_model_client(Mine) before the chat starts"
    )


def test_registering_a_class_again_gives_a_new_client(kernel):
    own = config(model_client_cls="ScriptedClient")
    kernel.register_model_client(ScriptedClient, script=["old"])
    before = kernel.model_client(own)
    kernel.register_model_client(ScriptedClient, script=["new"])
    assert kernel.model_client(own) is not before
    assert kernel.model_client(own) is kernel.model_client(own)


def test_a_class_of_one_kernel_is_unknown_to_another(kernel):
    kernel.register_model_client(ScriptedClient, script=[])
    with pytest.raises(ConfigError, match="is not registered"):
        isolated_kernel().model_client(config(model_client_cls="ScriptedClient"))


# -- executors


def test_equal_options_share_an_executor(kernel):
    made = kernel.code_executor("moon", {"a": 1, "b": [2]})
    assert made.options == {"a": 1, "b": [2]}
    assert kernel.code_executor("moon", {"b": [2], "a": 1}) is made
    assert kernel.code_executor("moon", {"a": 1, "b": [3]}) is not made
    thing = object()
    assert kernel.code_executor("moon", {"a": thing}) is kernel.code_executor("moon", {"a": thing})
    assert kernel.code_executor("moon", {"a": thing}) is not kernel.code_executor("moon", {"a": object()})
    assert kernel.executor_record("moon").isolation == "vm"


def test_options_that_an_executor_does_not_take(kernel):
    assert kernel.code_executor("strict", {"depth": 3}) == 3
    with pytest.raises(ConfigError, match=r"code_execution_config: the executor 'strict' .*'height'") as caught:
        kernel.code_executor("strict", {"height": 3})
    assert isinstance(caught.value.__cause__, TypeError)


# -- factories that cannot be imported

SDK = """
import importlib, json, warnings
warnings.simplefilter("error")
from quorate import Kernel, QuorateError
kernel = Kernel()
assert [info.status for info in kernel.plugins() if info.distribution] == ["active"]
told = []
try:
    kernel.chat_client({"model": "m", "client": "x"})
    from quorate.config import ModelConfig
    kernel.model_client(ModelConfig.parse({"model": "m", "client": "x"}, place="p"))
except QuorateError as error:
    cause = error.__cause__
    told = [type(error).__name__, str(error), type(cause).__name__, getattr(error, "name", None)]
print(json.dumps(told))
"""

MISSING = (
    "MissingDependency",
    (
        "'x' of the plugin x (quorate-x 1.4) needs the library {!r}, which is not installed; "
        "pip install --force-reinstall quorate-x"
    ),
    "ModuleNotFoundError",
)


@pytest.mark.parametrize(
    ("client", "library"),
    [
        ("import no_such_sdk", "no_such_sdk"),
        ("from no_such_sdk.chat import Client", "no_such_sdk"),
        ("import quorate_x_sdk", "quorate_x_sdk"),
        ("import quorate_", "quorate_"),  # the plugin's own name begins with it
        ("import json.no_such_part", "json.no_such_part"),
        ("def Client(config):\n    import no_such_sdk", "no_such_sdk"),
    ],
)
def test_a_missing_library_is_told_at_first_use(env, client_code, client, library):
    env.add("quorate-x", client_code("x", "quorate_x"), version="1.4", modules={"_client.py": client})
    kind, text, cause = MISSING
    assert env.run(SDK) == [kind, text.format(library), cause, library]


@pytest.mark.parametrize(
    ("modules", "cause"),
    [
        ({}, "ModuleNotFoundError: No module named 'quorate_x._client'"),
        ({"_client.py": "from quorate_x import _parts.none"}, "SyntaxError: "),
        ({"_client.py": "import quorate_x._lost"}, "ModuleNotFoundError: No module named 'quorate_x._lost'"),
        ({"_client.py": ""}, "AttributeError: module 'quorate_x._client' has no attribute 'Client'"),
        ({"_client.py": "from json import no_such_thing"}, "ImportError: cannot import name 'no_such_thing'"),
        ({"_client.py": "1 / 0"}, "ZeroDivisionError: division by zero"),
        ({"_client.py": "raise SystemExit(2)"}, "SystemExit: 2"),
    ],
)
def test_a_factory_that_cannot_be_imported_is_the_plugins_fault(env, client_code, modules, cause):
    env.add("quorate-x", client_code("x", "quorate_x"), version="1.4", modules=modules)
    kind, text, chained, _ = env.run(SDK)
    assert kind == "InvalidPlugin"
    assert text.startswith(
        f"the factory 'quorate_x._client:Client' of the plugin x (quorate-x 1.4) cannot be imported: {cause}"
    )
    assert cause.startswith(chained)


def test_the_errors_of_a_missing_library_are_import_errors_too():
    assert issubclass(MissingDependency, ImportError)
    assert not issubclass(InvalidPlugin, ImportError)


# -- the default kernel


def test_the_default_kernel_is_one_for_all_threads(env):
    told = env.run(
        "import json, threading; from quorate import default_kernel\n"
        "together, made = threading.Barrier(16), []\n"
        "def ask():\n    together.wait()\n    made.append(default_kernel())\n"
        "threads = [threading.Thread(target=ask) for _ in range(16)]\n"
        "[thread.start() for thread in threads], [thread.join() for thread in threads]\n"
        "print(json.dumps([len(made), len(set(map(id, made)))]))"
    )
    assert told == [16, 1]


def test_agents_use_the_default_kernel_unless_they_are_given_one(kernel):
    assert AssistantAgent("a").kernel is default_kernel()
    assert AssistantAgent("a", kernel=kernel).kernel is kernel


def test_a_model_client_without_agents(kernel):
    scripted = ScriptedClient(script=["Hello"], name="scripted")
    with Kernel(autoload=False) as own:
        own.register(scripted, "scripted")
        client = quorate.create_model_client({"model": "m"}, kernel=own)
        result = asyncio.run(client.create([quorate.UserMessage("Hi")]))
    assert (result.content, result.model) == ("Hello", "scripted")
    assert [attempt.config for attempt in result.attempts] == ["config (m)"]
