"""Names: what they may be, what happens when two plugins offer one, and what is said of one that nobody offers."""

from __future__ import annotations

import pytest

from quorate import ConfigError, Kernel, ModelClientRecord, NameConflict, UnknownName, hookimpl
from quorate._names import is_name, normalized, split_owner


def client(name, **fields):
    return ModelClientRecord(name=name, **{"factory": dict, **fields})


def kernel_with(**plugins):
    """A kernel with these model clients, by plugin; underscores stand for hyphens."""
    kernel = Kernel(autoload=False)
    for name, records in plugins.items():

        class Plugin:
            offered = records

            @hookimpl
            def quorate_model_clients(self):
                return self.offered

        kernel.register(Plugin(), name.replace("_", "-"))
    return kernel


# -- what a name may be


@pytest.mark.parametrize("name", ["a", "0", "openai", "hf-local", "a_b", "a.b", "a1-b2.c3_d4", "commandline-local"])
def test_names(name):
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", " ", "A", "a ", "a b", "-a", "a-", "a--b", "a-_b", "a@b", "a:b", "ä", "٣", "a\n", None, 1, b"a"]
)
def test_no_names(name):
    assert not is_name(name)


def test_a_name_and_its_owner():
    assert split_owner("openai") == ("openai", "")
    assert split_owner("openai@rival") == ("openai", "rival")


@pytest.mark.parametrize("name", ["Quorate_Tiny.Model", "quorate-tiny-model", "quorate--tiny__model"])
def test_distributions_are_compared_as_indexes_compare_them(name):
    assert normalized(name) == "quorate-tiny-model"


# -- two plugins, one name


def test_a_clash_is_an_error_only_when_the_name_is_used():
    kernel = kernel_with(one=[client("same"), client("other")], rival=[client("same")])
    assert kernel.names("model client") == ["other", "same"]
    assert [info.status for info in kernel.plugins()] == ["active"] * 5
    assert kernel.record("model client", "other").name == "other"
    with pytest.raises(NameConflict) as caught:
        kernel.record("model client", "same")
    assert str(caught.value) == ("the model client 'same' is offered by one and rival; write same@one to choose")


def test_naming_the_plugin_chooses():
    mine, theirs = client("same"), client("same", summary="theirs")
    kernel = kernel_with(mine=[mine], rival=[theirs])
    assert kernel.record("model client", "same@mine") is mine
    assert kernel.record("model client", "same@rival") is theirs
    assert kernel.model_record(_config("same@rival")) is theirs


@pytest.mark.parametrize("first", [client("same"), client("first", aliases=("same",))])
@pytest.mark.parametrize("second", [client("same"), client("second", aliases=("same",))])
def test_an_alias_clashes_like_a_name(first, second):
    kernel = kernel_with(one=[first], two=[second])
    with pytest.raises(NameConflict, match="offered by one and two"):
        kernel.record("model client", "same")
    assert kernel.record("model client", "same@two") is second


def test_kinds_have_names_of_their_own():
    kernel = kernel_with(one=[client("local"), client("json"), client("model")])
    assert kernel.record("model client", "local").name == "local"
    assert kernel.executor_record("local").isolation == "none"


def test_installed_plugins_that_clash_are_named_with_distribution_and_version(env, client_code):
    env.add("quorate-one", client_code("same"), version="1.1")
    env.add("quorate-rival", client_code("same"), version="2.2")
    text = env.run(
        "import json; from quorate import Kernel, NameConflict\nkernel = Kernel()\n"
        "try:\n    kernel.record('model client', 'same')\nexcept NameConflict as error:\n    text = str(error)\n"
        "print(json.dumps([text, kernel.offer('model client', 'same@rival')[0].distribution]))"
    )
    assert text == [
        (
            "the model client 'same' is offered by one (quorate-one 1.1) and rival (quorate-rival 2.2); "
            "write same@one to choose"
        ),
        "quorate-rival",
    ]


# -- nobody's name


def said_of(kernel, name, kind="model client"):
    with pytest.raises(UnknownName) as caught:
        kernel.record(kind, name)
    assert isinstance(caught.value, LookupError)
    return str(caught.value)


def test_an_unknown_name_lists_what_is_there():
    kernel = kernel_with(one=[client("zebra"), client("ant")], two=[client("ant")])
    assert said_of(kernel, "openal") == "no model client is named 'openal'; installed: ant, zebra"
    assert said_of(Kernel(autoload=False), "nix") == "no model client is named 'nix'; installed: none"
    assert said_of(kernel, "moon", "code executor") == "no code executor is named 'moon'; installed: local"


def test_a_near_miss_is_suggested():
    kernel = kernel_with(one=[client("openai"), client("azure")])
    assert said_of(kernel, "opnai").endswith("did you mean 'openai'?")
    assert said_of(Kernel(autoload=False), "locall", "code executor").endswith("did you mean 'local'?")


@pytest.mark.parametrize(
    ("kind", "name", "distribution"),
    [
        ("model client", "openai", "quorate-openai-client"),
        ("model client", "azure", "quorate-azure-client"),
        ("model client", "vllm", "quorate-vllm-client"),
        ("model client", "hf-local", "quorate-hf-local-client"),
        ("model client", "tiny", "quorate-tiny-model"),
        ("config loader", "dotenv", "quorate-dotenv-config"),
        ("code executor", "docker", "quorate-docker-executor"),
        ("code executor", "bubblewrap", "quorate-bubblewrap-executor"),
        ("code executor", "jupyter", "quorate-jupyter-executor"),
    ],
)
def test_a_name_of_ours_says_what_to_install(kind, name, distribution):
    assert said_of(Kernel(autoload=False), name, kind).endswith(f"it comes with: pip install {distribution}")


def test_a_plugin_that_does_not_offer_the_name():
    kernel = kernel_with(one=[client("openai")])
    assert said_of(kernel, "openai@rival") == (
        "no model client is named 'openai@rival'; the plugin 'rival' does not offer 'openai'; installed: openai"
    )


def test_what_was_skipped_is_named_instead_of_the_installation(env):
    env.add("quorate-openai-client", "import no_such_sdk", version="0.1")
    text = env.run(
        "import json, warnings; warnings.simplefilter('ignore'); from quorate import Kernel, UnknownName\n"
        "try:\n    Kernel().record('model client', 'openai')\nexcept UnknownName as error:\n    text = str(error)\n"
        "print(json.dumps(text))"
    )
    assert text == (
        "no model client is named 'openai'; installed: none; "
        "left out: openai-client (quorate-openai-client 0.1) is broken; see: quorate plugins"
    )


# -- no name at all


def _config(name=None, **fields):
    from quorate.config import ModelConfig

    return ModelConfig.parse({"model": "m", **({"client": name} if name else {}), **fields}, place="config_list[0]")


def test_a_configuration_without_a_client_gets_the_default_one():
    default = client("b", default=True)
    kernel = kernel_with(one=[client("a")], two=[default])
    assert kernel.model_record(_config()) is default


def test_no_default_client():
    with pytest.raises(UnknownName) as caught:
        kernel_with(one=[client("a"), client("b")]).model_record(_config())
    assert str(caught.value) == (
        "this configuration names no model client, and no installed one answers by default; "
        'write "client": NAME (installed: a, b); or install one, such as: pip install quorate-openai-client'
    )


def test_two_default_clients():
    kernel = kernel_with(one=[client("a", default=True)], two=[client("b", default=True)])
    with pytest.raises(NameConflict) as caught:
        kernel.model_record(_config())
    assert str(caught.value) == (
        'this configuration names no model client, and one and two each answer by default; write "client": NAME'
    )
    assert kernel.model_record(_config("b")).name == "b"


def test_a_chat_client_is_refused_where_the_configuration_enters():
    kernel = kernel_with(one=[client("a", default=True)])
    with pytest.raises(UnknownName, match="no model client is named 'b'"):
        kernel.chat_client({"config_list": [{"model": "m"}, {"model": "m", "client": "b"}]})
    with pytest.raises(ConfigError):
        kernel.chat_client({"config_list": []})
